"""What `--json` prints, verb by verb. A test validates what the verbs print against these types.

A verb prints one value on one line; verbs whose work takes a while print a line for each event, distinguished
by the field `event`. Fields may be added; none is removed or changes its meaning without a new version.
It is one table, one type per verb, for programs that read `--json`, and so the file is long.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from segue.core.cli.doctor import Finding
from segue.core.cli.kept import CHANGES
from segue.core.corpus.prepare import Prepared
from segue.core.evaluation import Measure, Scores
from segue.core.evaluation.report import Report
from segue.core.explore.explain import Evidence, Term
from segue.core.state.state import Listen
from segue.core.tuning.render import Entry, Result, Retrained, State, TrialState, Value

Row = Annotated[int, Meta(ge=0, description="the track's row in the library")]
Cosine = Annotated[float, Meta(ge=-1.001, le=1.001)]
Facts = dict[str, Any]


class Exact(Struct, forbid_unknown_fields=True):
    """An object with exactly these fields."""


class TrackLine(Exact):
    """A track in a list."""

    row: Row
    track_id: str
    title: str
    artist: str
    album: str


class ComparedSide(Exact):
    """A library and one of its rankers; `missing` and what is compared with it have the last two."""

    library: str
    ranker: str
    scores: Scores | UnsetType = UNSET
    recall: Measure | UnsetType = UNSET
    r_precision: Measure | UnsetType = UNSET


class Compared(Exact):
    """Two rankers over the same pairs, or with `missing` over the same hidden ends of playlists."""

    pairs: str
    k: int
    one: ComparedSide
    other: ComparedSide
    hit: Measure | UnsetType = UNSET
    ndcg: Measure | UnsetType = UNSET
    mrr: Measure | UnsetType = UNSET
    only_one: int | UnsetType = UNSET
    only_other: int | UnsetType = UNSET
    left_out: int | UnsetType = UNSET
    playlists: int | UnsetType = UNSET
    recall: Measure | UnsetType = UNSET
    r_precision: Measure | UnsetType = UNSET


class Found(TrackLine):
    """A track that a search found, and what matched."""

    why: str
    plays: int | None = None


class Near(TrackLine):
    """A suggestion; `rank` counts from 1 before anything was hidden, `thin` is one that was folded in."""

    rank: int
    similarity: Cosine
    score: float
    versions: list[str]
    thin: bool


class Listing(Exact):
    """`neighbours` and `blend`: suggestions, and how many were hidden by which rule."""

    tracks: list[Near]
    hidden: dict[str, int]
    seed: str | None = None
    ranker: str | None = None
    removed: list[str] | None = None
    emptied_by: str | None = None


class Served(Exact):
    """`serve`: where it listens, and with `--subsonic` how many of the server's songs are in the library."""

    address: str
    tracks: int
    songs: int | None = None
    matched: int | None = None


class SentTrack(Exact):
    """A track and what it is at a target; empty texts where it is not there."""

    track_id: str
    where: str
    how: str


class SentList(Exact):
    """`send`."""

    target: str
    sent: bool
    matched: int
    done: str
    tracks: list[SentTrack]


class Placed(TrackLine):
    """A track of a playlist that was woven or put in flow; similarity is to the track before."""

    similarity: Cosine
    own: bool


class Doubt(TrackLine):
    """A track that may not belong to a playlist; similarity is to the mean of the others."""

    similarity: Cosine
    place: int
    score: float
    reason: str


class Completed(Exact):
    """`complete`: a listing, or with `--ask woven|in-flow|outliers` the playlist's own tracks."""

    matched: int
    unmatched: list[str]
    tracks: list[Near] | None = None
    hidden: dict[str, int] | None = None
    woven: list[Placed] | None = None
    in_flow: list[Placed] | None = None
    outliers: list[Doubt] | None = None


class Step(TrackLine):
    """A track of a path; a stop is one that was asked for."""

    similarity: Cosine
    stop: bool


class PathFound(Exact):
    """`path`."""

    steps: list[Step]
    missing: int


class Explained(Exact):
    """`explain`; with `--ask` there is a playlist in place of the seed, `score`, `tracks` and `met`."""

    track: Evidence
    ranker: str
    terms: list[Term]
    place: int
    sentences: list[str]
    seed: Evidence | None = None
    similarity: Cosine | None = None
    rank: int | None = None
    rank_back: int | None = None
    together: int | None = None
    meetings: float | None = None
    counts_share: float | None = None
    followed: int | None = None
    followed_share: float | None = None
    plays_share: float | None = None
    same_artist: bool | None = None
    same_song: bool | None = None
    place_back: int | None = None
    share: float | None = None
    examples: list[list[Row]] | None = None
    score: float | None = None
    tracks: int | None = None
    met: int | None = None


class Corner(Exact):
    """Tracks of an artist that lie together."""

    tracks: list[str]
    tightness: float


class NearArtist(Exact):
    """An artist near another."""

    artist: str
    artist_id: str
    similarity: Cosine
    tracks: int


class ArtistFound(Exact):
    """`artist`."""

    artist: str
    artist_id: str
    tracks: list[str]
    clusters: list[Corner]
    nearest: list[NearArtist]


class Surprised(TrackLine):
    """`surprise`."""

    seed: str
    similarity: Cosine
    rank: int
    rank_back: int


class LibraryLine(Exact):
    """A library."""

    name: str
    path: str
    tracks: int
    dimensions: int
    recipe: str
    created: str
    scores: dict[str, dict[str, dict[str, float]]]


class Layer(Exact):
    """A layer of the model; `shape` is that of its output."""

    name: str
    type: str
    shape: str
    weights: int


class LibraryShown(LibraryLine):
    """`libraries show`; what the corpus, parameters and training hold depends on how the library was made."""

    bytes: int
    corpus: Facts
    parameters: Facts
    training: Facts
    versions: dict[str, str]
    layers: list[Layer]
    weights: int


class LibraryRenamed(Exact):
    """`libraries rename`."""

    path: str


class LibraryRemoved(Exact):
    """`libraries remove`, a line for each."""

    removed: str


class Changed(Exact):
    """A change by `state`, in words."""

    done: str


class PlayingNow(Exact):
    """What the explorer plays; seconds."""

    track_id: str
    label: str
    title: str
    artist: str
    album: str
    link: str
    seconds: float
    duration: float
    paused: bool
    by: str
    loved: bool


class RadioNow(Exact):
    """The explorer's radio, and the labels of what comes next."""

    on: bool
    paused: bool
    next: list[str]


class Status(Exact):
    """`ctl`: the explorer after the command; with `--follow` a line for every change."""

    library: str
    playing: PlayingNow | None
    radio: RadioNow
    volume: float
    muted: bool
    crate: str


class Kept(Exact):
    """`state`."""

    loves: list[str]
    banned_tracks: list[str]
    banned_artists: list[str]
    places: Facts
    stations: Facts
    crates: dict[str, list[str]]
    path: str


class WorldWritten(Exact):
    """`world`."""

    folder: str
    files: list[str]
    seed: int
    facts: dict[str, float]


@dataclass(frozen=True)
class PreparedNow(Prepared):
    """`prepare`: the record of the corpus; `fresh` tells whether it was prepared now."""

    path: str
    fresh: bool


class Exported(Exact):
    """`export-vectors`."""

    vectors: str
    tracks: str | None
    format: str
    rows: int
    dimensions: int


class PlaylistsJoined(Exact):
    """The playlists of `import-vectors`, and what they and the vectors lack of each other."""

    playlists: int
    tracks_without_vector: int
    positions_without_vector: int
    tracks_without_plays: int
    validation_pairs: int
    test_pairs: int
    pairs_without_vector: int


class Imported(Exact):
    """`import-vectors`; `ids` names the file that the track ids were read from."""

    library: str
    tracks: int
    dimensions: int
    format: str
    ids: str
    scaled: bool
    zero_vectors: int
    playlists: PlaylistsJoined | None


class FileFetched(Exact):
    """A file of `fetch`."""

    name: str
    path: str
    size: int
    downloaded: bool


class CorpusRead(Exact, tag_field="event", tag="corpus"):
    """`train`: the playlists were read."""

    playlists: int
    positions: int
    tracks: int
    described: int
    dropped: int
    skipped: dict[str, int]


class Trained(Exact, tag_field="event", tag="progress"):
    """`train`: how far it is; `hit_at_10` comes at the end of an epoch."""

    epoch: int
    epochs: int
    fraction: float
    pairs_per_second: float
    loss: float
    hit_at_10: float | None
    seconds: float
    seconds_left: float


class Written(Exact, tag_field="event", tag="written"):
    """`train`: the library can be opened; scores follow."""

    library: str


class TrainingDone(Exact, tag_field="event", tag="done"):
    """`train`: the end."""

    library: str
    stopped: bool
    replaced: bool
    """False where a stopped training left the library that was there as it was."""
    training: Facts
    scores: dict[str, dict[str, dict[str, float]]]


class SearchEvent(Exact, tag_field="event"):
    """`tune`: the trial or the winner's seed, and the best hit@10 so far."""

    number: int
    best: float | None


class TrialEpoch(SearchEvent, tag="epoch"):
    """`tune`: an epoch of a trial."""

    epoch: int
    epochs: int
    hit_at_10: float | None
    name: str
    params: dict[str, Value]
    state: TrialState
    seconds: float


class TrialEnd(SearchEvent, tag="trial"):
    """`tune`: the end of a trial, or with the number -1 the state of the search."""

    hit_at_10: float | None = None
    name: str = ""
    params: dict[str, Value] = {}
    state: TrialState = "done"
    seconds: float = 0.0


class WinnerEpoch(SearchEvent, tag="retraining"):
    """`tune`: an epoch of a training of the winner."""

    epoch: int
    epochs: int
    hit_at_10: float | None


class WinnerEnd(SearchEvent, tag="retrained"):
    """`tune`: the end of a training of the winner."""


class WinnerScored(SearchEvent, tag="scored"):
    """`tune`: the winner was scored on test pairs."""


class SearchDone(Exact, tag_field="event", tag="done"):
    """`tune`: the leaderboard, which `tune --show` prints alone."""

    stopped: bool
    library: str
    preset: str
    recipe: str
    state: State
    n_validation: int
    n_test: int
    entries: list[Entry]
    importance: dict[str, float]
    retrained: list[Retrained]
    result: Result | None


class TrackNamed(Exact):
    """A track that is played."""

    track_id: str
    title: str
    artist: str


class PlannedTrack(TrackNamed):
    """A track of a radio's plan, and why it is there."""

    row: Row
    reason: str
    similarity: Cosine


class Plan(Exact, tag_field="event", tag="plan"):
    """`play`, `radio`: what comes next."""

    tracks: list[PlannedTrack]


class Playing(PlannedTrack, tag_field="event", tag="playing"):
    """`play`, `radio`: a track begins."""

    seconds: float
    credit: str
    link: str
    note: str


class Played(TrackNamed, tag_field="event", tag="played"):
    """`play`, `radio`: a track was heard to its end."""


class Skipped(TrackNamed, tag_field="event", tag="skipped"):
    """`play`, `radio`: a track is left out."""

    reason: str


class Notice(Exact, tag_field="event", tag="notice"):
    """`play`, `radio`: something the listener should know."""

    text: str


class Paused(Exact, tag_field="event", tag="paused"):
    """`play`, `radio` with `--mpd`: another player has paused."""


class Resumed(Exact, tag_field="event", tag="resumed"):
    """`play`, `radio` with `--mpd`: another player has resumed."""


class Stopped(Exact, tag_field="event", tag="stopped"):
    """`play`, `radio`: the end."""

    reason: str


class TitlesAsked(Exact):
    """`titles`: what Deezer answered now, and which tracks it does not know or can't be asked for."""

    learned: int
    unknown: int
    not_deezers: int
    path: str


class Unreadable(Exact):
    """A file or folder that can't be read."""

    path: str
    reason: str


class FilesIndexed(Exact):
    """`files`, a line for each folder; `problems` names the first that can't be read."""

    folder: str
    files: int
    read: int
    unchanged: int
    gone: int
    unreadable: int
    skipped: int
    problems: list[Unreadable]
    index: str


class DumpsStreamed(Exact, tag_field="event", tag="streamed"):
    """`fetch listenbrainz`: the sessions and listens of new dumps; with `--train` its events follow."""

    dumps: int
    sessions: int
    listens: int
    skipped: dict[str, int]
    path: str


class PlaylistsGathered(Exact, tag_field="event", tag="gathered"):
    """`gather`: how many playlists there are by now, and how many were gone, too short or too long."""

    playlists: int
    left_out: int
    path: str


class OwnImported(Exact, tag_field="event", tag="imported"):
    """`import`: what is new, what was left out, and where the corpus is; with `--train` its events follow."""

    playlists: int
    changed: int
    sessions: int
    listens: int
    tracks: int
    joined: int
    crates: int
    journal: int
    matched: int | None
    folded: int | None
    skipped: dict[str, int]
    path: str


OUTPUTS: dict[str, Any] = {
    "artist": ArtistFound,
    "blend": Listing,
    "compare": Compared,
    "complete": Completed,
    "send": SentList,
    "serve": Served,
    "ctl": Status,
    "doctor": list[Finding],
    "evaluate": Report,
    "explain": Explained,
    "export-vectors": Exported,
    "fetch": list[FileFetched] | DumpsStreamed | CorpusRead | Trained | Written | TrainingDone,
    "files": FilesIndexed,
    "gather": PlaylistsGathered | CorpusRead | Trained | Written | TrainingDone,
    "import": OwnImported | CorpusRead | Trained | Written | TrainingDone,
    "import-vectors": Imported,
    "libraries": list[LibraryLine],
    "libraries remove": LibraryRemoved,
    "libraries rename": LibraryRenamed,
    "libraries show": LibraryShown,
    "locate": dict[str, list[str]] | list[str],
    "metrics": Report,
    "neighbours": Listing,
    "path": PathFound,
    "play": Plan | Playing | Paused | Resumed | Played | Skipped | Notice | Stopped,
    "prepare": PreparedNow,
    "radio": Plan | Playing | Paused | Resumed | Played | Skipped | Notice | Stopped,
    "search": list[Found],
    "state": Kept,
    "state journal": list[Listen],
    **{f"state {action}": Changed for action in CHANGES},
    "surprise": Surprised,
    "titles": TitlesAsked,
    "train": CorpusRead | Trained | Written | TrainingDone,
    "tune": TrialEpoch | TrialEnd | WinnerEpoch | WinnerEnd | WinnerScored | SearchDone,
    "world": WorldWritten,
}
"""The type of each verb's value, or of each of its lines; for some verbs one for each action."""
