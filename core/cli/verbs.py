"""The verbs of `segue`, each with the module that does it. Only the chosen one is imported."""

import importlib
from collections.abc import Callable
from typing import Any, Literal

from msgspec import Struct


class Verb(Struct, frozen=True):
    """A sub-command: its module has `configure(parser)` and `run(args) -> exit code`."""

    name: str
    help: str
    examples: tuple[str, ...] = ()
    """Arguments that work with the demo library, for the verb's help. A test runs them."""
    alias: str = ""
    """Another name under which it is found."""

    file: str = ""
    """The module `core.cli.<file>` of several verbs that it is in; by default it has one of its own name."""

    def load(self, what: Literal["configure", "run"]) -> Callable[[Any], Any]:
        """Import its module and return `configure` or `run`; in a file of several verbs, `run_<name>`."""
        name = self.name.replace("-", "_")
        module = importlib.import_module(f"segue.core.cli.{self.file or name}")
        function: Callable[[Any], Any] = getattr(module, f"{what}_{name}" if self.file else what)
        return function


GROUPS = {
    "playlists": (
        Verb(
            "fetch",
            "download public playlists: the notebook's Deezer files, or ListenBrainz' daily dumps",
            ("deezer", "deezer TracksArtists.csv --to playlists", "listenbrainz --days 14 --train world"),
            file="sources",
        ),
        Verb(
            "import",
            "turn your own playlists and listening history into a corpus, a journal and crates",
            ("party.txt", "party.txt --library demo --no-journal", "party.txt --library demo --fold-in mine"),
            file="import_",
        ),
        Verb(
            "gather",
            "collect public Deezer playlists around what you like",
            (
                "deezer --like 'Sigur Rós' --playlists 200 --yes",
                "deezer --like jazz --playlists 2000 --yes --train jazz",
            ),
            file="sources",
        ),
        Verb(
            "prepare",
            "turn playlist files of any size into a corpus on disk",
            (
                "world/playlists.jsonl --out prepared",
                "world/playlists.jsonl --out prepared --min-count 3 --again",
            ),
            file="sources",
        ),
        Verb(
            "world",
            "generate a synthetic world: playlists and titles",
            ("--scale tiny --out world", "--scale tiny --out world --seed 1 --npy"),
            file="sources",
        ),
    ),
    "training": (
        Verb(
            "train",
            "train a library from playlists",
            (
                "world/playlists.jsonl --metadata world/TracksArtists.csv --name mine",
                "prepared --name exercise --recipe notebook --epochs 2 --set steps_per_epoch=20",
            ),
        ),
        Verb(
            "tune",
            "search for better hyperparameters",
            ("--library mine --trials 2 --epochs 1 --seeds 1", "--library mine --show"),
        ),
        Verb(
            "import-vectors",
            "make a library from vectors trained elsewhere",
            ("latent_positions.npy --name again", "mine.bin --playlists world/playlists.jsonl --name copy"),
            file="vectors",
        ),
        Verb(
            "export-vectors",
            "export a library's vectors for other programs",
            ("--out latent_positions.npy", "--library mine --out mine.bin"),
            file="vectors",
        ),
    ),
    "measuring": (
        Verb(
            "evaluate",
            "score a library and the baselines",
            ("--library mine", "--library mine --ranker next --ranker nearest --no-save"),
            file="scoring",
        ),
        Verb("metrics", "show a library's scores", ("", "--markdown"), file="scoring"),
        Verb(
            "compare",
            "compare two libraries or rankers, with confidence intervals",
            ("demo:next demo:nearest", "demo:missing demo:s-knn --k 5"),
            file="scoring",
        ),
    ),
    "exploring": (
        Verb(
            "search",
            "find tracks by title, artist, album or id",
            ("luna", "'a:loic beaulieu' --json"),
            file="tracks",
        ),
        Verb(
            "neighbours",
            "list the tracks nearest to a track",
            ("'Luna y mañana'", "'Zwischen Mond und Schnee' -n 5 --ranker nearest"),
            alias="neighbors",
            file="lists",
        ),
        Verb(
            "path",
            "find a path from one track to another",
            ("'Luna y mañana' 'Seven Ghosts'", "'Luna y mañana' 'Parfum léger' 'Seven Ghosts' --between 3"),
            file="lists",
        ),
        Verb(
            "blend",
            "list tracks near some tracks and far from others",
            ("'Luna y mañana' 'Seven Ghosts'", "'Luna y mañana*2' --minus 'Parfum léger'"),
            file="lists",
        ),
        Verb(
            "complete",
            "continue a playlist, weave new tracks in, reorder it, or find what does not belong",
            ("party.txt --ask missing -n 5", "party.txt --ask woven --every 2"),
            file="lists",
        ),
        Verb(
            "explain",
            "explain why a track is near another, or fits a playlist",
            (
                "'Luna y mañana' 'Abril en Puerto Rionares'",
                "'Seven Ghosts' 'Hollow Rusted Curtain' --json",
                "party.txt 'Hollow Rusted Curtain' --ask continue",
            ),
            file="lists",
        ),
        Verb(
            "artist",
            "show an artist's tracks and the nearest artists",
            ("'Loïc Beaulieu'", "'El Zurdo' -n 5"),
            file="lists",
        ),
        Verb(
            "surprise",
            "jump to a distant track that still fits",
            ("'Luna y mañana'", "--seed 1"),
            file="lists",
        ),
    ),
    "listening": (
        Verb(
            "play",
            "play tracks, a playlist, a path, a blend, an artist or your loves",
            (
                "--path 'Luna y mañana' 'Seven Ghosts' --tracks 2 --duration 1",
                "--artist 'Loïc Beaulieu' --trailer --minutes 0.05 --no-sound",
            ),
            file="playing",
        ),
        Verb(
            "radio",
            "play a radio that starts from a track, an artist, a playlist or your loves",
            (
                "'Luna y mañana' --tracks 2 --duration 1",
                "'Seven Ghosts' --mode walk --minutes 0.05 --no-sound",
            ),
            file="playing",
        ),
        Verb(
            "ctl",
            "control a running explorer: play, next, seek, volume, love, radio, ...",
            ("seek +10", "status --json --follow"),
            file="scripting",
        ),
        Verb(
            "state",
            "show or change loves, bans and the journal; undo and redo changes",
            ("love 'Luna y mañana'", "journal -n 5"),
            file="kept",
        ),
        Verb(
            "send",
            "send tracks to Navidrome, ListenBrainz, MPD, M3U8 or TuneMyMusic",
            ("tunemymusic --artist 'Loïc Beaulieu' --out loic.csv", "m3u8 'Luna y mañana' --dry-run"),
            file="links",
        ),
        Verb(
            "serve",
            "serve similar tracks to Navidrome and Subsonic players (read-only)",
            ("--check", "--library demo --check --port 0"),
            file="links",
        ),
        Verb(
            "files",
            "index your own audio files, to play them instead of previews",
            (".", ". --json"),
            file="tracks",
        ),
    ),
    "housekeeping": (
        Verb("libraries", "list, describe, rename and remove libraries", ("", "show demo"), file="kept"),
        Verb(
            "titles",
            "look up missing titles at Deezer",
            ("--library demo", "--library demo --top 50 --json"),
            file="tracks",
        ),
        Verb(
            "completion", "print the script that adds completion to your shell", ("bash", "zsh"), file="main"
        ),
        Verb(
            "schema", "print the JSON schema of a verb's --json output", ("", "neighbours"), file="scripting"
        ),
        Verb("locate", "show where Segue keeps its files", ("", "--json"), file="kept"),
        Verb(
            "doctor",
            "check this machine, and how to fix what is wrong",
            ("--offline", "--library demo --offline --json"),
        ),
    ),
}
"""The verbs by what they are about, as the overview lists them."""
VERBS = tuple(verb for verbs in GROUPS.values() for verb in verbs)
