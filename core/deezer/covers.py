"""Covers of albums, in memory only: Deezer's for real tracks, drawn ones for those of an invented world.

What comes from the network is bounded before it is decoded: its length, its format (JPEG or PNG) and the
pixels that its header promises. Decoding needs Pillow; without it real tracks have no cover.
"""

import io
import threading
import zlib
from collections import OrderedDict

import numpy as np
import numpy.typing as npt

from segue.core.deezer.client import DeezerClient
from segue.core.deezer.source import is_invented
from segue.core.deezer.transport import Reply
from segue.core.http import HttpError, UnusableError
from segue.core.tracks import TrackInfo

Pixels = npt.NDArray[np.uint8]
"""Red, green and blue, (height, width, 3)."""

_SCAN = b"\xff\xda"
MOST_SCANS = 100
"""Scans of a progressive JPEG, which has about ten; each may cost as much as the whole picture."""
MOST_PIXELS = 1_500_000
"""Pixels of a cover that is decoded; Deezer's have 62,500."""
SECONDS = 10.0
"""How long a cover may take."""
KEPT = 16
"""Covers that are kept for this run."""
_MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


class Covers:
    """Brings covers. `cover` blocks, and may be called from several threads.

    Parameters
    ----------
    client
        Deezer; it opens the same hosts for covers as for previews.
    """

    def __init__(self, client: DeezerClient) -> None:
        self._client = client
        self._kept: OrderedDict[tuple[str, int, int], Pixels | None] = OrderedDict()
        self._lock = threading.Lock()

    def cover(self, track: TrackInfo, address: str, width: int, height: int) -> Pixels | None:
        """The cover of a track's album in so many pixels; None where there is none to be had.

        Parameters
        ----------
        address
            Where the answer that named the preview says that the cover is; empty where it does not.
        """
        key = (album_key(track) if is_invented(track) else address, width, height)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        try:
            found = self._made(track, address, width, height)
        except HttpError:
            return None  # it may come the next time
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found

    def _made(self, track: TrackInfo, address: str, width: int, height: int) -> Pixels | None:
        if is_invented(track):
            return drawn_cover(album_key(track), width, height)
        if not address:
            return None
        reply = self._client.within(SECONDS, "prefetch").file(address, check=_raise_unless_image)
        return decoded(reply.body, width, height)

    def close(self) -> None:
        """End waiting requests."""
        self._client.close()


def album_key(track: TrackInfo) -> str:
    """What all tracks of an album share; a track without an album stands alone."""
    return f"{track.artist_id or track.artist}/{track.album}" if track.album else track.track_id


def decoded(data: bytes, width: int, height: int) -> Pixels | None:
    """Decode a JPEG or PNG into so many pixels; None without Pillow, and for anything else or too large."""
    if not data.startswith(_MAGIC) or data.count(_SCAN) > MOST_SCANS:
        return None
    try:
        from PIL import Image
    except ImportError:
        return None
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as image:
            across, down = image.size  # from the header: nothing is decoded yet
            if across * down > MOST_PIXELS:
                return None
            small = image.convert("RGB").resize((width, height), Image.Resampling.BOX)
            return np.asarray(small, dtype=np.uint8)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return None


def drawn_cover(key: str, width: int, height: int) -> Pixels:
    """Draw the cover of an invented album: a few shapes and colours that follow from `key` alone."""
    rng = np.random.default_rng(zlib.crc32(key.encode()))
    down, across = np.mgrid[0:height, 0:width]
    y, x = (down + 0.5) / height, (across + 0.5) / width
    hue = rng.uniform(0, 1)
    ground, light, spot = (
        _colour(hue, 0.55, 0.30),
        _colour(hue + rng.uniform(0.05, 0.2), 0.6, 0.62),
        _colour(hue + rng.uniform(0.4, 0.6), 0.7, 0.85),
    )
    turn = rng.uniform(0, 2 * np.pi)
    slope = np.clip(0.5 + (x - 0.5) * np.cos(turn) + (y - 0.5) * np.sin(turn), 0, 1)[..., None]
    picture = ground * (1 - slope) + light * slope
    motif = int(rng.integers(4))
    middle = rng.uniform(0.35, 0.65, size=2)
    far = np.hypot(x - middle[0], y - middle[1])
    if motif == 0:  # a sun
        shape = far < rng.uniform(0.2, 0.32)
    elif motif == 1:  # rings
        shape = (far * rng.uniform(7, 10)) % 1 < 0.4
    elif motif == 2:  # hills
        shape = y > 0.62 + 0.16 * np.sin(x * rng.uniform(5, 9) + turn)
    else:  # stripes
        shape = ((x * np.cos(turn) + y * np.sin(turn)) * rng.uniform(4, 7)) % 1 < 0.35
    picture = np.where(shape[..., None], 0.25 * picture + 0.75 * spot, picture)
    dot = np.hypot(x - rng.uniform(0.15, 0.85), y - rng.uniform(0.15, 0.85)) < rng.uniform(0.05, 0.12)
    picture = np.where(dot[..., None], _colour(hue + 0.5, 0.15, 0.97), picture)
    return (picture * 255).astype(np.uint8)


def _colour(hue: float, saturation: float, value: float) -> npt.NDArray[np.float64]:
    from colorsys import hsv_to_rgb

    return np.array(hsv_to_rgb(hue % 1.0, saturation, value))


def _raise_unless_image(reply: Reply) -> None:
    if reply.status != 200 or not reply.body.startswith(_MAGIC):
        raise UnusableError(f"the cover's address answered no JPEG or PNG (HTTP {reply.status})")
