"""Two manners for ALSA, which both libraries play through on Linux: be quiet, and do not block Python."""

import ctypes
import sys
from functools import cache

from core.audio.sinks.base import SinkError

_PLAYBACK = 0
_NONBLOCK = 1


@cache
def _libasound() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        return ctypes.CDLL("libasound.so.2")
    except OSError:
        return None


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
    """Open and close ALSA's default device; raises `SinkError` where there is none.

    simpleaudio opens the device while it holds the interpreter lock, so a sound server that answers slowly
    would freeze the whole program. This opens it first without the lock, to meet only a server that is awake.
    """
    library = _libasound()
    if library is None:
        return
    silence()
    handle = ctypes.c_void_p()
    code = library.snd_pcm_open(ctypes.byref(handle), b"default", _PLAYBACK, _NONBLOCK)
    if code < 0 and code != -16:  # -16: busy, which may pass
        library.snd_strerror.restype = ctypes.c_char_p
        raise SinkError(f"no sound device: {library.snd_strerror(code).decode()}")
    if code >= 0:
        library.snd_pcm_close(handle)
