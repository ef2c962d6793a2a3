"""Two manners for ALSA, which both libraries play through on Linux: be quiet, and do not block Python."""

import ctypes
import sys
from functools import cache

from segue.core.audio.pcm import CHANNELS, RATE
from segue.core.audio.sinks.base import SinkError

_PLAYBACK = 0
_S16_LE = 2
_INTERLEAVED = 3
_LATENCY = 100_000
_BUSY = -16


@cache
def _libasound() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        library = ctypes.CDLL("libasound.so.2")
    except OSError:
        return None
    library.snd_strerror.restype = ctypes.c_char_p
    return library


@cache
def silence() -> None:
    """Keep ALSA from writing errors to file descriptor 2, where a TUI draws.

    Without a device one open writes 8 lines. The handler is a C function that ignores its arguments: unlike a
    Python callback it needs no interpreter lock and outlives the interpreter.
    """
    library = _libasound()
    if library is not None:
        ignore = ctypes.cast(ctypes.CDLL(None).getpid, ctypes.c_void_p)
        library.snd_lib_error_set_handler(ignore)


def knock() -> None:
    """Open, set up and close ALSA's default device; raises `SinkError` where there is none.

    simpleaudio does that while it holds the interpreter lock, so a sound server that answers slowly would
    freeze the whole program. Doing it first without the lock, simpleaudio meets only a server that is awake.
    """
    library = _libasound()
    if library is None:
        return
    silence()
    handle = ctypes.c_void_p()
    code = library.snd_pcm_open(ctypes.byref(handle), b"default", _PLAYBACK, 0)
    if code >= 0:
        code = library.snd_pcm_set_params(handle, _S16_LE, _INTERLEAVED, CHANNELS, RATE, 1, _LATENCY)
        library.snd_pcm_close(handle)
    if code < 0 and code != _BUSY:  # busy may pass
        raise SinkError(f"no sound device: {library.snd_strerror(code).decode()}")
