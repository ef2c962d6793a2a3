"""What the terminal sends: keys, the mouse, pastes and its own answers, of which only the sound ones arrive.

Textual's parser passes what it doesn't know on as keys, letter by letter, so that a late answer of the
terminal, or a paste that holds an escape sequence, would run commands; a number that is not a letter ends it.
Here whole sequences are cut out first, and those that mean nothing are dropped.
"""

import os
import re
import selectors
import signal
from codecs import getincrementaldecoder
from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from queue import Empty
from typing import TYPE_CHECKING, ClassVar

from textual import constants, events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._keyboard_protocol import FUNCTIONAL_KEYS
from textual._parser import ParseError
from textual._time import get_time
from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, FOCUSIN, FOCUSOUT, XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.keys import Keys

from segue.core.log import logger

if TYPE_CHECKING:
    from textual.message import Message

LONGEST_PASTE = 2_000_000
"""Letters of a paste that are kept: some 50,000 titles."""
LONGEST_ANSWER = 100_000
"""Letters of a terminal's answer whose end is waited for."""
PATIENCE = 1.0
"""Seconds after which the rest of a sequence, or of a paste, is no longer waited for."""
ESC = "\x1b"

_SEQUENCE = r"""(?x)\x1b(?:
      \[\[[A-E]                                           # F1 to F5 of the Linux console
    | \[M[\s\S]{3}                                        # the mouse, in old terminals
    | \[<[\x20-\x3f]*(?:[@-HJ-LO-Zb-eghj-lo-~]|\d[@-LN-ln-~])  # answers that begin as the mouse does
    | \[<(?:[^mM\x1b]{0,32}(?:[mM]|(?=\x1b))|[^mM\x1b]{33})  # the mouse, with NaN for a number too
    | \[(?![M<\[])[\x30-\x3f]*[\x20-\x2f]*(?:[\x40-\x7e]|(?=[^\x20-\x7e]))  # CSI: keys and answers
    | O[\d;]*(?:[\x40-\x7e]|(?=[^\x20-\x7e]))             # SS3: keys
    | [\]P_^X][^\x07\x1b]*(?:\x07|\x1b\\|(?=\x1b[^\\]))   # OSC, DCS and others: answers
    | (?=\x1b)                                            # the key itself
    | [^\[O\]P_^X\x1b]                                    # a key with Alt
    )"""
"""These are compiled when the first key comes, after the first frame: 1 ms."""
_NOT_A_KEY = (
    r"\x1b\[(?:<\d{1,5};-?\d{1,5};-?\d{1,5}[mM]|M[\s\S]{3}|\d{1,5};\d{1,5}R|\?\d{1,5};\d\$y"
    r"|48;\d{1,4};\d{1,4};\d{1,6};\d{1,6}t)"
)
"""The mouse, the place of the cursor, answers about modes, and a new size."""
_KEY = r"\x1b\[(\d{1,7})(?::(\d{0,7}))?(?::\d*)?(?:;(\d{0,3})(?::(\d?))?)?(?:;([\d:]*))?([u~A-S])"
"""A key by Kitty's protocol: its code, shifted code, modifiers and 1, kind of event, text, and form."""
_COLOURS = r"\x1b\[[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e]"
_CONTROLS = {number: None for number in (*range(32), *range(127, 160)) if chr(number) not in "\t\n\r"}


class Keyboard(XTermParser):
    """Textual's parser, given only text and whole sequences that it knows."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._held = ""
        """The beginning of a sequence whose rest may come."""
        self._paste: list[str] | None = None
        """What has come of a paste that has not ended."""
        self._room = LONGEST_PASTE
        self._heard = 0.0
        """When something came last, in seconds."""

    def feed(self, data: str) -> Iterable["Message"]:
        """Parse what has come."""
        if not data:
            yield from super().feed(data)
            return
        self._heard = get_time()
        text, self._held = self._held + data, ""
        while text:
            if self._paste is not None:
                text = yield from self._pasted(self._paste, text)
            elif not text.startswith(ESC):
                plain, escape, rest = text.partition(ESC)
                yield from self._known(plain)
                text = escape + rest
            elif (whole := re.match(_SEQUENCE, text)) is not None:
                text = text[whole.end() :]
                yield from self._meaning(whole[0])
            else:
                self._held = text if len(text) < LONGEST_ANSWER else ""
                return

    def tick(self) -> Iterable["Message"]:
        """Return what a sequence, or a paste, meant that has not gone on."""
        waited = get_time() - self._heard
        if self._paste is not None:
            if waited >= PATIENCE:
                self._held = ""
                yield from self._end_paste(self._paste)
        elif self._held and waited >= (constants.ESCAPE_DELAY if len(self._held) <= 2 else PATIENCE):
            held, self._held = self._held, ""
            if len(held) <= 2:
                yield from self._meaning(held)
        yield from super().tick()

    def _pasted(self, paste: list[str], text: str) -> Generator["Message", None, str]:
        """Add to a paste what belongs to it, and give what follows it."""
        inside, end, after = text.partition(BRACKETED_PASTE_END)
        if not end:  # it may be cut in two
            begun = range(len(BRACKETED_PASTE_END) - 1, 0, -1)
            kept = next((size for size in begun if inside.endswith(BRACKETED_PASTE_END[:size])), 0)
            inside, self._held = inside[: len(inside) - kept], inside[len(inside) - kept :]
        paste.append(inside[: self._room])
        self._room -= len(paste[-1])
        if end:
            yield from self._end_paste(paste)
        return after

    def _end_paste(self, paste: list[str]) -> Iterator["Message"]:
        """The paste without escape sequences and control characters."""
        self._paste = None
        yield events.Paste(re.sub(_COLOURS, "", "".join(paste)).translate(_CONTROLS))

    def _meaning(self, sequence: str) -> Iterator["Message"]:
        """Return what a sequence means, if anything."""
        if sequence == BRACKETED_PASTE_START:
            self._paste, self._room = [], LONGEST_PASTE
        elif sequence == ESC:
            yield events.Key("escape", ESC)
        elif sequence in {FOCUSIN, FOCUSOUT} or re.fullmatch(_NOT_A_KEY, sequence):
            yield from self._known(sequence)
        elif len(sequence) == 2 and sequence not in ANSI_SEQUENCES_KEYS:
            yield from self._keys(sequence[1], alt=True)
        elif (key := _plain_form(sequence)) is not None:
            yield from self._keys(key)

    def _keys(self, sequence: str, *, alt: bool = False) -> Iterator[events.Key]:
        try:
            keys = list(self._sequence_to_key_events(sequence, alt=alt))
        except (ValueError, OverflowError):  # a number that is not a letter
            return
        for key in keys:
            letters = key.key if key.character is None else key.character
            if key.key == Keys.Ignore or (
                not letters.isascii() and any("\ud800" <= each <= "\udfff" for each in letters)
            ):
                continue
            # Textual leaves Alt out of the names of signs, which would then be taken for the signs
            yield events.Key(f"alt+{key.key}", None) if alt and "alt+" not in key.key else key

    def _known(self, text: str) -> Iterator["Message"]:
        """Have Textual parse text, or a sequence that it takes to its end."""
        try:
            yield from super().feed(text)
        except Exception:  # noqa: BLE001 - whatever a terminal sends must not end the explorer
            logger.exception("the terminal sent %r", text[:100])
            self._gen = self.parse(self._tokens.append)
            self._awaiting = next(self._gen)


def _plain_form(sequence: str) -> str | None:
    """A key's sequence as Textual understands it, without alternate codes; None where it means nothing."""
    if sequence in ANSI_SEQUENCES_KEYS:
        return sequence
    if (match := re.fullmatch(_KEY, sequence)) is None:
        return None
    code, shifted, modifiers, event, text, form = match.groups("")
    is_released = event == "3"
    text = ":".join(each for each in text.split(":") if int(each or 0) >= 32)
    if is_released or (form != "u" and f"{int(code)}{form}" not in FUNCTIONAL_KEYS):
        return None
    if form == "u" and f"{int(code)}u" not in FUNCTIONAL_KEYS:
        if shifted and modifiers == "2":
            code, modifiers, text = shifted, "", text or shifted
        elif modifiers in {"", "1"} and int(code) >= 32:
            modifiers, text = "", text or code
    return f"{ESC}[{code};{modifiers};{text}{form}" if form == "u" else f"{ESC}[{code};{modifiers}{form}"


class TerminalDriver(LinuxDriver):
    """Textual's driver with `Keyboard` for a parser; bytes that are not UTF-8 become `�`.

    Where the terminal has gone the app leaves, as on SIGHUP, instead of reading and writing nothing for ever.
    """

    is_lost = False
    """Whether the terminal has gone."""
    typed: ClassVar[bytes] = b""
    """What was read from the terminal before the driver."""

    def _sigcont_application(self, *_: object) -> None:
        """Come back after Ctrl-Z, or after SIGSTOP, which has let nothing be put away."""
        if self._auto_restart and not self._must_signal_resume:
            # a second thread that reads keys would take them from the first, and neither would end
            self.suspend_application_mode()
            self._must_signal_resume = True
        super()._sigcont_application()

    def write(self, data: str) -> None:
        """Write to the terminal while there is one."""
        if not self.is_lost:
            super().write(data)

    def run_input_thread(self) -> None:
        """Wait for what the terminal sends, until the app ends."""
        keyboard = Keyboard(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        if text := decode(self.typed):
            self._process(keyboard.feed(text))
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                for _ in selector.select(0.1):
                    if not (received := self._received()):
                        self._leave_without_terminal()
                        return
                    if text := decode(received):
                        self._process(keyboard.feed(text))
                self._process(keyboard.tick())
        with suppress(EOFError, ParseError):
            list(keyboard.feed(""))

    def _received(self) -> bytes:
        """What the terminal has sent; nothing when it has gone."""
        try:
            return os.read(self.fileno, 4096)
        except OSError:
            return b""

    def _leave_without_terminal(self) -> None:
        """Have the app leave, and discard what can no longer be written, for which the app may be waiting."""
        self.is_lost = True
        os.kill(os.getpid(), signal.SIGHUP)
        while not self.exit_event.wait(0.05):
            with suppress(Empty):
                while self._writer_thread is not None:
                    self._writer_thread._queue.get_nowait()  # noqa: SLF001 - its writer may have died with the terminal

    def _process(self, messages: Iterable["Message"]) -> None:
        for message in messages:
            self.process_message(message)
