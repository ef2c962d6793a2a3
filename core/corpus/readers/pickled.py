"""Playlists out of a pickle without unpickling it.

Python's unpickler calls what the file names, and even with its names restricted a file of ten bytes can make
it claim 64 GB for its memo (`LONG_BINPUT`). An object array of lists of strings needs some thirty opcodes,
three names and no call at all, so this module interprets just those and refuses the rest before it has any
effect.
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, NoReturn

from segue.core.corpus.readers.records import (
    BINUNICODE,
    EMPTY_LIST,
    LONG_BINPUT,
    MEMOIZE,
    SHORT_BINSTRING,
    SHORT_BINUNICODE,
    Records,
    Row,
)
from segue.core.errors import SegueError

_MULTIARRAY = ("numpy.core.multiarray", "numpy._core.multiarray")


@dataclass(frozen=True)
class Name:
    """One of the names that the pickle of an array needs; nothing is imported for it."""

    name: str


RECONSTRUCT, NDARRAY, DTYPE = Name("_reconstruct"), Name("ndarray"), Name("dtype")
ALLOWED = {(module, "_reconstruct"): RECONSTRUCT for module in _MULTIARRAY} | {
    ("numpy", "ndarray"): NDARRAY,
    ("numpy", "dtype"): DTYPE,
}


@dataclass
class Dtype:
    """The type of an array's cells."""

    code: str = ""


@dataclass
class ObjectArray:
    """What a pickled object array holds."""

    shape: tuple[int, ...] = ()
    cells: list[Any] = field(default_factory=list)
    records: Records | None = None
    """What the cells that are of type `Row` refer to."""


class RefusedError(Exception):
    """The pickle wants something that a list of playlists has no need of, or it is damaged."""


def object_array(data: bytes, start: int, where: str, *, with_rows: bool = False) -> ObjectArray:
    """The object array pickled at `data[start:]` of the file called `where`.

    Strings of Python 2 are read as latin-1, and bytes that are not UTF-8 become surrogates. `with_rows`
    leaves lists that hold nothing but strings as `Row`, where that is possible, which takes a tenth of the
    time. Raises `SegueError` when the pickle is damaged, holds anything else, or names anything but NumPy's
    three.
    """
    try:
        value = interpret(Interpreter(data, start, with_rows=with_rows))
    except RefusedError as error:
        raise SegueError(f"{where}: {error}") from None
    if not isinstance(value, ObjectArray):
        raise SegueError(f"{where}: its pickle holds no object array")
    return value


def interpret(machine: "Interpreter") -> object:
    """What a pickle holds.

    Raises `RefusedError` when it is damaged, or wants something that the interpreter doesn't know.
    """
    try:
        return machine.run()
    except (IndexError, struct.error, TypeError, ValueError, AttributeError, KeyError, RecursionError):
        raise RefusedError("its pickle is damaged or cut short; download the file again") from None


class Interpreter:
    """The opcodes of protocols 2 to 5 that lists of text use (the names are those of `pickletools`)."""

    handlers: ClassVar[Mapping[int, "Handler"]]
    allowed: ClassVar[Mapping[tuple[str, str], Name]] = ALLOWED
    content: ClassVar[str] = "list of playlists"

    def __init__(self, data: bytes, start: int, *, with_rows: bool = False) -> None:
        self._data = data
        self._at = start
        self._with_rows = with_rows
        self._stack: list[Any] = []
        self._marks: list[int] = []
        self._memo: dict[int, Any] = {}
        self._late: list[tuple[int, Any]] = []
        """What goes into the memo, in order, once something is taken from there, as most files never do: a
        place with its value, or one of `_NEXT`, `_RUN` and `_ROWS`."""
        self._records = Records(data, start)

    def run(self) -> object:
        """Interpret up to STOP. The opcodes that make up nearly all of a file come first and inline."""
        data, stack, late, at = self._data, self._stack, self._late, self._at
        push, handlers, records = stack.append, self.handlers, self._records
        while (code := data[at]) != STOP:
            if code == EMPTY_LIST and self._with_rows and (rows := records.rows_at(at)) is not None:
                stack += rows[0]
                late.append((_ROWS, rows[0]))
                at = rows[1]
            elif code in TEXTS and (run := records.run_at(at)) is not None:
                texts = records.entries(run[0])
                stack += texts
                late.append((_RUN, (run[0], texts)))
                at = run[1]
            elif code == SHORT_BINSTRING:
                end = at + 2 + data[at + 1]
                push(data[at + 2 : end].decode("latin-1"))
                at = end
            elif code == LONG_BINPUT:
                late.append((int.from_bytes(data[at + 1 : at + 5], "little"), stack[-1]))
                at += 5
            elif code == SHORT_BINUNICODE:
                end = at + 2 + data[at + 1]
                push(data[at + 2 : end].decode(errors="surrogateescape"))
                at = end
            elif code == MEMOIZE:
                late.append((_NEXT, stack[-1]))
                at += 1
            else:
                handler = handlers.get(code) or self._unknown(code)
                self._at = at + 1
                handler(self)
                at = self._at
        if len(stack) != 1 or self._marks:
            raise RefusedError("its pickle is damaged; download the file again")
        return stack[0]

    def _take(self, size: int) -> bytes:
        end = self._at + size
        if end > len(self._data):
            raise RefusedError("its pickle is cut short; download the file again")
        taken = self._data[self._at : end]
        self._at = end
        return taken

    def _number(self, size: int, *, signed: bool = False) -> int:
        return int.from_bytes(self._take(size), "little", signed=signed)

    def _since_mark(self) -> list[Any]:
        mark = self._marks.pop()
        items = self._stack[mark:]
        del self._stack[mark:]
        return items

    def mark(self) -> None:
        """Start a group."""
        self._marks.append(len(self._stack))

    def skip(self, size: int) -> None:
        """Pass over bytes."""
        self._take(size)

    def push(self, value: object) -> None:
        """Put a value on the stack."""
        self._stack.append(value)

    def text(self, size: int, encoding: str) -> None:
        """Push a string whose length stands before it."""
        self.push(self._take(self._number(size)).decode(encoding, "surrogateescape"))

    def raw(self, size: int) -> None:
        """Push bytes whose length stands before them."""
        self.push(self._take(self._number(size)))

    def whole(self, size: int, *, signed: bool = False) -> None:
        """Push a whole number of a fixed size."""
        self.push(self._number(size, signed=signed))

    def long(self) -> None:
        """Push a whole number whose size stands before it."""
        self.push(int.from_bytes(self._take(self._number(1)), "little", signed=True))

    def real(self) -> None:
        """Push a float64."""
        self.push(struct.unpack(">d", self._take(8))[0])

    def put(self, size: int) -> None:
        """Remember the top of the stack."""
        self._late.append((self._number(size), self._stack[-1]))

    def _memorise(self) -> None:
        memo, records = self._memo, self._records
        for place, value in self._late:
            if place >= 0:
                memo[place] = value
            elif place == _NEXT:
                memo[len(memo)] = value
            elif place == _RUN:
                records.memorise(memo, *value, is_run=True)
            else:
                for row in value:
                    records.memorise(memo, row, records.texts(range(row.first, row.last)), is_run=False)
        self._late.clear()

    def get(self, size: int) -> None:
        """Push what was remembered."""
        self._memorise()
        self.push(self._memo[self._number(size)])

    def append(self) -> None:
        """Append the top of the stack to the list below it."""
        value = self._stack.pop()
        self._list().append(value)

    def appends(self) -> None:
        """Append a group to the list below it."""
        values = self._since_mark()
        self._list().extend(values)

    def _list(self) -> list[Any]:
        target = self._stack[-1]
        if not isinstance(target, list):
            raise RefusedError("its pickle appends to something that is not a list")
        return target

    def tuple_of(self, size: int) -> None:
        """Make a tuple of the top of the stack."""
        items = tuple(self._stack[-size:])
        if len(items) != size:
            raise RefusedError("its pickle is damaged; download the file again")
        del self._stack[-size:]
        self.push(items)

    def tuple_since_mark(self) -> None:
        """Make a tuple of a group."""
        self.push(tuple(self._since_mark()))

    def global_line(self) -> None:
        """Push one of the allowed names, read from two lines."""
        end = self._data.index(b"\n", self._data.index(b"\n", self._at) + 1)
        module, name = self._take(end - self._at).decode("latin-1").split("\n")
        self._take(1)
        self.push(self._allowed(module, name))

    def global_from_stack(self) -> None:
        """Push one of the allowed names, taken from the stack."""
        name, module = self._stack.pop(), self._stack.pop()
        self.push(self._allowed(text_of(module), text_of(name)))

    def reduce(self) -> None:
        """Stand in for the calls that make an array and its type."""
        arguments, function = self._stack.pop(), self._stack.pop()
        if not isinstance(arguments, tuple):
            raise RefusedError("its pickle calls something with what is not a tuple; refused before it ran")
        if function is RECONSTRUCT and arguments[0] is NDARRAY:
            self.push(ObjectArray())
        elif function is DTYPE:
            self.push(Dtype(text_of(arguments[0])))
        else:
            raise RefusedError("its pickle calls something that no array needs; refused before it ran")

    def build(self) -> None:
        """Fill an array."""
        state, target = self._stack.pop(), self._stack[-1]
        if isinstance(target, ObjectArray):
            _version, shape, dtype, fortran, cells = state
            is_sound = isinstance(shape, tuple) and isinstance(fortran, bool) and isinstance(cells, list)
            if not is_sound or dtype.code[:1] != "O" or (fortran and len(shape) > 1):
                raise RefusedError("its pickle holds an array that is not of Python objects")
            target.shape, target.records = tuple(map(int, shape)), self._records
            target.cells = self._records.entries(cells) if isinstance(cells, Row) else cells
        elif not isinstance(target, Dtype):
            raise RefusedError("its pickle sets the state of something that is not an array")

    def _allowed(self, module: str, name: str) -> Name:
        try:
            return self.allowed[module, name]
        except KeyError:
            shown = f"{module}.{name}"[:80]
            raise RefusedError(
                f"its pickle asks for {shown!r}, which no {self.content} needs; refused"
            ) from None

    def _unknown(self, code: int) -> NoReturn:
        raise RefusedError(
            f"its pickle uses opcode {bytes([code])!r}, which no {self.content} needs; refused"
        )


def text_of(value: object) -> str:
    """A string as it stands; never the text of a list, which may hold itself a million times over."""
    if not isinstance(value, str):
        raise RefusedError("its pickle names something by what is not a string; refused")
    return value


STOP = ord(".")
TEXTS = (SHORT_BINSTRING, SHORT_BINUNICODE, BINUNICODE)
_NEXT, _RUN, _ROWS = -1, -2, -3
"""In the list of what goes into the memo: a value for the next free place, a run of strings, and rows."""

Handler = Callable[[Any], None]

Interpreter.handlers = {
    0x80: lambda machine: machine.skip(1),  # PROTO
    0x95: lambda machine: machine.skip(8),  # FRAME
    ord("("): Interpreter.mark,
    ord("]"): lambda machine: machine.push([]),
    ord("a"): Interpreter.append,
    ord("e"): Interpreter.appends,
    ord(")"): lambda machine: machine.push(()),
    ord("t"): Interpreter.tuple_since_mark,
    0x85: lambda machine: machine.tuple_of(1),
    0x86: lambda machine: machine.tuple_of(2),
    0x87: lambda machine: machine.tuple_of(3),
    ord("T"): lambda machine: machine.text(4, "latin-1"),  # BINSTRING
    ord("X"): lambda machine: machine.text(4, "utf-8"),  # BINUNICODE
    ord("C"): lambda machine: machine.raw(1),  # SHORT_BINBYTES
    ord("B"): lambda machine: machine.raw(4),  # BINBYTES
    ord("K"): lambda machine: machine.whole(1),  # BININT1
    ord("M"): lambda machine: machine.whole(2),  # BININT2
    ord("J"): lambda machine: machine.whole(4, signed=True),  # BININT
    0x8A: Interpreter.long,  # LONG1
    ord("G"): Interpreter.real,  # BINFLOAT
    ord("N"): lambda machine: machine.push(None),
    0x88: lambda machine: machine.push(True),
    0x89: lambda machine: machine.push(False),
    ord("q"): lambda machine: machine.put(1),  # BINPUT
    ord("h"): lambda machine: machine.get(1),  # BINGET
    ord("j"): lambda machine: machine.get(4),  # LONG_BINGET
    ord("c"): Interpreter.global_line,
    0x93: Interpreter.global_from_stack,
    ord("R"): Interpreter.reduce,
    ord("b"): Interpreter.build,
}
