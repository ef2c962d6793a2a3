"""Previews and covers of any track: Deezer's, or tunes made for those of an invented world.

A tune is drawn from the track's genre (scale, pace, timbre) and its id (key, chords, melody): the same track
always sounds the same, and tracks of a genre sound related.
"""

import io
import threading
import wave
import zlib
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from segue.core.deezer.client import DeezerClient, Learn
from segue.core.deezer.previews import DeezerPreviews, NoPreview, Preview, PreviewSource
from segue.core.deezer.transport import Priority, Reply
from segue.core.http import HttpError, UnusableError
from segue.core.tracks import FIRST_INVENTED, TrackInfo, deezer_number

Wave = npt.NDArray[np.float32]

RATE = 44_100
SECONDS = 10.0
SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "pentatonic": (0, 2, 4, 7, 9),
}
CADENCES = ((0, 4, 5, 3), (0, 5, 3, 4), (0, 3, 0, 4), (5, 3, 0, 4), (0, 2, 3, 4))


@dataclass(frozen=True, slots=True)
class Style:
    """How the tunes of one genre sound."""

    scale: tuple[int, ...]
    beats_per_minute: float
    harmonics: tuple[float, ...]
    """Amplitudes of the partials 1, 2, 3..."""
    decay: float
    """Seconds in which a note fades to a third."""
    drums: bool


def style_of(genre: str) -> Style:
    """The style of a genre, drawn from its name."""
    rng = np.random.default_rng(zlib.crc32(genre.encode()))
    brightness = rng.uniform(0.25, 0.6)
    return Style(
        scale=SCALES[sorted(SCALES)[rng.integers(len(SCALES))]],
        beats_per_minute=float(rng.choice([72, 84, 96, 108, 120, 132])),
        harmonics=tuple(float(brightness**n * rng.uniform(0.5, 1.0)) for n in range(4)),
        decay=float(rng.uniform(0.25, 0.7)),
        drums=bool(rng.random() < 0.6),
    )


def tune(track: TrackInfo, *, seconds: float = SECONDS, rate: int = RATE) -> Wave:
    """Synthesise the tune of a track: float32 (frames, 2) between -1 and 1, with soft edges."""
    style = style_of(track.genre)
    rng = np.random.default_rng(zlib.crc32(track.track_id.encode()))
    beat = 60.0 / style.beats_per_minute
    root = 45 + int(rng.integers(12))
    chords = CADENCES[rng.integers(len(CADENCES))]
    sound = np.zeros((int(seconds * rate), 2), dtype=np.float32)
    notes: dict[tuple[int, float], Wave] = {}

    def add(degree: int, octave: int, *, at: float, length: float, loudness: float, pan: float) -> None:
        step, octaves = degree % len(style.scale), degree // len(style.scale)
        pitch = root + style.scale[step] + 12 * (octave + octaves)
        if (pitch, length) not in notes:  # an arpeggio repeats itself: synthesise a pitch once
            notes[pitch, length] = _note(pitch, length, style, rate)
        _lay(sound, notes[pitch, length], int(at * rate), loudness, pan)

    for number in range(int(seconds / beat)):
        chord, at = chords[number // 4 % 4], number * beat
        if number % 4 == 0:
            add(chord, -1, at=at, length=4 * beat, loudness=0.5, pan=0.0)
            for third in (0, 2, 4):
                add(chord + third, 0, at=at, length=4 * beat, loudness=0.16, pan=(third - 2) * 0.25)
        for half in (0.0, 0.5):
            if rng.random() < 0.75:
                degree = chord + int(rng.choice([0, 2, 4, 7, 1, 5]))
                pan = float(rng.uniform(-0.5, 0.5))
                add(degree, 1, at=at + half * beat, length=1.5 * beat, loudness=0.3, pan=pan)
        if style.drums:
            _lay(sound, _brush(rng, rate), int((at + 0.5 * beat) * rate), 0.06, 0.3)
    return _finished(sound, rate)


class DemoPreviews:
    """A `PreviewSource` that synthesises: no network, every track has a preview."""

    def fetch(self, track: TrackInfo, *, priority: Priority = "play") -> Preview | NoPreview:  # noqa: ARG002 - part of the protocol
        """Synthesise the track's tune as a WAV file; it takes no request, so the priority plays no part."""
        pcm = np.round(tune(track) * 32767).astype("<i2")
        file = io.BytesIO()
        with wave.open(file, "wb") as writer:
            writer.setnchannels(2)
            writer.setsampwidth(2)
            writer.setframerate(RATE)
            writer.writeframes(pcm.tobytes())
        return Preview(track, file.getvalue(), credit="A tune made up by Segue")

    def close(self) -> None:
        """Nothing to end."""


def _note(pitch: int, seconds: float, style: Style, rate: int) -> Wave:
    """A plucked note of a MIDI pitch, float32 (frames,)."""
    time = np.arange(int(seconds * rate), dtype=np.float32) / rate
    frequency = 440.0 * 2 ** ((pitch - 69) / 12)
    phase = np.float32(2 * np.pi * frequency) * time
    sound = np.zeros_like(time)
    for partial, amplitude in enumerate(style.harmonics, start=1):
        if frequency * partial < rate / 2:
            sound += np.float32(amplitude) * np.sin(partial * phase)
    attack = np.minimum(time / 0.008, 1.0)
    release = np.minimum((seconds - time) / 0.05, 1.0)
    return (sound * np.exp(-time / style.decay) * attack * release).astype(np.float32)


def _brush(rng: np.random.Generator, rate: int) -> Wave:
    """A short brushed noise, float32 (frames,)."""
    frames = int(0.12 * rate)
    fall = np.exp(-np.arange(frames, dtype=np.float32) / (0.03 * rate))
    noise: Wave = rng.standard_normal(frames, dtype=np.float32) * fall
    return noise


def _lay(sound: Wave, note: Wave, at: int, loudness: float, pan: float) -> None:
    """Add a mono note to the stereo sound, from `pan` -1 (left) to 1 (right)."""
    piece = note[: max(len(sound) - at, 0)]
    angle = (pan + 1) * np.pi / 4
    sound[at : at + len(piece), 0] += np.float32(loudness * np.cos(angle)) * piece
    sound[at : at + len(piece), 1] += np.float32(loudness * np.sin(angle)) * piece


def _finished(sound: Wave, rate: int) -> Wave:
    """Bring the peak to 0.7 and soften both ends."""
    peak = float(np.abs(sound).max())
    if peak > 0:
        sound *= np.float32(0.7 / peak)
    edge = np.linspace(0, 1, int(0.3 * rate), dtype=np.float32)[:, np.newaxis]
    sound[: len(edge)] *= edge
    sound[len(sound) - len(edge) :] *= edge[::-1]
    return sound


class Previews:
    """Asks Deezer for tracks that exist and makes up tunes for those that do not."""

    def __init__(self, real: PreviewSource, invented: PreviewSource) -> None:
        self._real = real
        self._invented = invented

    def fetch(self, track: TrackInfo, *, priority: Priority = "play") -> Preview | NoPreview:
        """Fetch the preview of a track."""
        source = self._invented if is_invented(track) else self._real
        return source.fetch(track, priority=priority)

    def close(self) -> None:
        """End waiting requests."""
        self._real.close()
        self._invented.close()


def is_invented(track: TrackInfo) -> bool:
    """Whether a track belongs to a synthetic world."""
    number = deezer_number(track.track_id)
    return number is not None and number >= FIRST_INVENTED


def make_previews(*, offline: bool = False, learn: Learn | None = None) -> PreviewSource:
    """The source of previews for every track, without requests when offline; `learn` as of `DeezerClient`."""
    return Previews(DeezerPreviews(DeezerClient(offline=offline, learn=learn)), DemoPreviews())


Pixels = npt.NDArray[np.uint8]
"""Red, green and blue, (height, width, 3)."""

_SCAN = b"\xff\xda"
MOST_SCANS = 100
"""Scans of a progressive JPEG, which has about ten; each may cost as much as the whole picture."""
MOST_PIXELS = 1_500_000
"""Pixels of a cover that is decoded; Deezer's have 62,500."""
KEPT = 16
"""Covers that are kept for this run."""
_MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


class Covers:
    """Brings covers from the hosts of previews. `cover` blocks, and may be called from several threads."""

    def __init__(self, client: DeezerClient) -> None:
        self._client = client
        self._kept: OrderedDict[tuple[str, int, int], Pixels | None] = OrderedDict()
        self._lock = threading.Lock()

    def cover(self, track: TrackInfo, address: str, width: int, height: int) -> Pixels | None:
        """The cover of a track's album in so many pixels; None where there is none to be had.

        The answer that named the preview says at which address it is; empty where it does not.
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
