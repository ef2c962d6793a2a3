"""Ids and addresses of tracks, each written in one way, and playlists kept as lines of them."""

import posixpath
import re
import unicodedata
from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import unquote

import msgspec

from segue.core.corpus.readers.batch import Batch, Entry, NamedEntries, Source, whole_playlists

_SPOTIFY = re.compile(
    r"(?:spotify:track:|https?://open\.spotify\.com/(?:intl-\w+/)?(?:embed/)?track/)([0-9A-Za-z]{22})\b.*"
)
_DEEZER = re.compile(
    r"https?://(?:www\.)?deezer\.com/(?:[a-z]{2}(?:-[a-z]{2})?/)?track/(\d{1,18})\b.*", re.IGNORECASE
)
_YOUTUBE = re.compile(
    r"https?://(?:(?:www|m|music)\.)?(?:youtube\.com/watch\?(?:.*&)?v=|youtu\.be/)([\w-]{11})(?![\w-]).*"
)
_MBID = re.compile(
    r"(?:https?://(?:www\.)?musicbrainz\.org/recording/|urn:uuid:|mbid:)?"
    r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/?",
    re.IGNORECASE,
)
_ISRC = re.compile(r"(?:isrc:)?([A-Za-z]{2})-?([0-9A-Za-z]{3})-?(\d{2})-?(\d{5})", re.IGNORECASE)
_TRACK_NUMBER = re.compile(r"^\d{1,3}[.)]?\s*(?:[-–—]\s+|\s)(?=\D)|^\d{1,3}\.(?=\D)")
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{2,5}")
_FILE = re.compile(r"file:(?://[^/\\]*)?", re.IGNORECASE)
_DRIVE = re.compile(r"/?([A-Za-z]:[/\\].*)", re.DOTALL)


def identity_of(text: str) -> str:
    """A track's id as Segue writes it, from an id, an address or a URI.

    `spotify:track:ID`, `track_NUMBER` for Deezer, `youtube:ID` and a bare MusicBrainz recording id; whatever
    else it is stays as it is.
    """
    text = text.strip()
    if found := _SPOTIFY.fullmatch(text):
        return f"spotify:track:{found[1]}"
    if found := _DEEZER.fullmatch(text):
        return f"track_{found[1]}"
    if found := _YOUTUBE.fullmatch(text):
        return f"youtube:{found[1]}"
    if found := _MBID.fullmatch(text):
        return found[1].lower()
    return text


def isrc_of(text: str) -> str:
    """An ISRC in capital letters without hyphens; empty for anything else."""
    found = _ISRC.fullmatch(text.strip())
    return "".join(found.groups()).upper() if found else ""


def path_of(entry: str, inside: str = "") -> str:
    """A path or a `file:` address as one text, whatever system wrote it, or another address as it is.

    Relative paths start from the folder `inside`.
    """
    if entry.lower().startswith("file:"):
        entry = unquote(_FILE.sub("", entry, count=1))
        if drive := _DRIVE.fullmatch(entry):
            entry = drive[1]
    elif "://" in entry or re.match(r"spotify:|[a-z]{2,}:[^\\/ ]", entry):
        return identity_of(entry)
    path = unicodedata.normalize("NFC", entry.replace("\\", "/"))
    if posixpath.isabs(path) or path[1:2] == ":":
        return path
    return posixpath.normpath(posixpath.join(inside, path))


def words_of(path: str) -> str:
    """The name of a file without folders, extension and track number."""
    name = PurePosixPath(path.partition("?")[0] if "://" in path else path).name
    if "/" not in path and path.count(":") > 1:
        name = path.rpartition(":")[2]  # as Macs of the last century wrote paths
    stem, dot, extension = name.rpartition(".")
    if dot and _EXTENSION.fullmatch(dot + extension) and stem:
        name = stem
    return _TRACK_NUMBER.sub("", name).strip() or name


def artist_and_title(name: str) -> tuple[str, str]:
    """The parts of `Artist - Title`; the artist is empty where there is no dash between blanks."""
    parts = re.split(r"\s+[-–—]\s+|\t+", name.strip(), maxsplit=1)
    return (parts[0].strip(), parts[1].strip()) if len(parts) == 2 else ("", name.strip())


class OwnPlaylist(msgspec.Struct, omit_defaults=True):
    """A playlist or a session of the listener's, with all that its file holds of each track."""

    own_playlist: str
    """Its name; of a session when it began, as YYYY-MM-DD."""
    form: str
    """The format of the file that it comes from."""
    entries: list[Entry]
    is_session: bool = False
    crate: str = ""
    """The crate that was made of it."""
    crated: tuple[str, ...] = ()
    """The track ids that were put into the crate."""
    songs: list[str] = []
    """The track id of each entry's song; empty where all are the entries' own."""

    def __post_init__(self) -> None:
        """Refuse songs of other entries."""
        if self.songs and len(self.songs) != len(self.entries):
            raise ValueError("not a song for each entry")

    @property
    def track_ids(self) -> list[str]:
        """The track id at each position."""
        return self.songs or [entry.identity for entry in self.entries]


_decode = msgspec.json.Decoder(OwnPlaylist).decode


def read_own_lines(source: Source) -> Iterator[Batch]:
    """Read the playlists and sessions, each entry whole and known by the id of its song.

    Raises `SegueError` when most lines are not playlists.
    """
    yield from whole_playlists(map(_by_song, own_playlists(source)))


def _by_song(playlist: OwnPlaylist) -> NamedEntries:
    for entry, song in zip(playlist.entries, playlist.songs, strict=False):
        entry.ids = tuple(each for each in (entry.track_id, *entry.ids) if each and each != song)
        entry.track_id = song
    return NamedEntries(playlist.own_playlist, playlist.entries)


def own_playlists(source: Source) -> Iterator[OwnPlaylist]:
    """The lines of the file; others are skipped and counted. Raises `SegueError` when most are others."""
    good = bad = 0
    for line in source.lines():
        if not line.strip():
            continue
        try:
            playlist = _decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            bad += 1
            source.skipped["line that is not a playlist"] += 1
        else:
            good += 1
            yield playlist
    source.refuse_if_mostly_bad(bad, good, "playlists of `segue import`")
