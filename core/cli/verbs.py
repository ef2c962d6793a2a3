"""The verbs of `segue`, each with the module that does it. Only the chosen one is imported."""

import keyword
from dataclasses import dataclass


@dataclass(frozen=True)
class Verb:
    """A sub-command: the module `core.cli.<module>` has `configure(parser)` and `run(args) -> exit code`."""

    name: str
    help: str
    group: str
    examples: tuple[str, ...] = ()
    """Arguments that work with the demo library, for the verb's help. A test runs them."""
    alias: str = ""
    """Another name under which it is found."""

    @property
    def module(self) -> str:
        """The dotted name of the module that does it."""
        if self.name == "completion":  # it is of the parser, and lies beside it
            return "segue.core.cli.main"
        name = "main" if self.name == "completion" else self.name.replace("-", "_")
        return f"segue.core.cli.{name}_" if keyword.iskeyword(name) else f"segue.core.cli.{name}"


VERBS = (
    Verb(
        "fetch",
        "download public playlists: the notebook's of Deezer, or ListenBrainz' daily dumps",
        "playlists",
        (
            "deezer",
            "deezer TracksArtists.csv --to playlists",
            "listenbrainz --days 14 --train world",
        ),
    ),
    Verb(
        "import",
        "make your own playlists and histories a corpus, titles, journal and crates",
        "playlists",
        (
            "party.txt",
            "party.txt --library demo --no-journal",
        ),
    ),
    Verb(
        "gather",
        "gather public Deezer playlists around what you like",
        "playlists",
        (
            "deezer --like 'Sigur Rós' --playlists 200 --yes",
            "deezer --like jazz --playlists 2000 --yes --train jazz",
        ),
    ),
    Verb(
        "prepare",
        "turn playlist files of any size into a corpus on disk",
        "playlists",
        (
            "world/playlists.jsonl --out prepared",
            "world/playlists.jsonl --out prepared --min-count 3 --again",
        ),
    ),
    Verb(
        "world",
        "write a synthetic world of playlists and titles",
        "playlists",
        (
            "--scale tiny --out world",
            "--scale tiny --out world --seed 1 --npy",
        ),
    ),
    Verb(
        "train",
        "train a library from playlists",
        "training",
        (
            "world/playlists.jsonl --metadata world/TracksArtists.csv --name mine",
            "prepared --name exercise --recipe notebook --epochs 2 --set steps_per_epoch=20",
        ),
    ),
    Verb(
        "tune",
        "search for better hyper-parameters",
        "training",
        (
            "--library mine --trials 2 --epochs 1 --seeds 1",
            "--library mine --show",
        ),
    ),
    Verb(
        "import-vectors",
        "make a library of vectors trained elsewhere",
        "training",
        (
            "latent_positions.npy --name again",
            "mine.bin --playlists world/playlists.jsonl --name copy",
        ),
    ),
    Verb(
        "export-vectors",
        "write a library's vectors for other programs",
        "training",
        (
            "--out latent_positions.npy",
            "--library mine --out mine.bin",
        ),
    ),
    Verb(
        "evaluate",
        "score a library and the baselines",
        "measuring",
        (
            "--library mine",
            "--library mine --ranker next --ranker nearest --no-save",
        ),
    ),
    Verb(
        "metrics",
        "show a library's scores",
        "measuring",
        (
            "",
            "--markdown",
        ),
    ),
    Verb(
        "compare",
        "two libraries side by side",
        "measuring",
        (
            "demo:next demo:nearest",
            "demo:next demo:cooccurrence --k 5",
        ),
    ),
    Verb(
        "search",
        "find tracks by title, artist, album or id",
        "exploring",
        (
            "luna",
            "'a:loic beaulieu' --json",
        ),
    ),
    Verb(
        "neighbours",
        "tracks near a track",
        "exploring",
        (
            "'Luna y mañana'",
            "'Zwischen Mond und Schnee' -n 5 --ranker nearest",
        ),
        alias="neighbors",
    ),
    Verb(
        "path",
        "a way from one track to another",
        "exploring",
        (
            "'Luna y mañana' 'Seven Ghosts'",
            "'Luna y mañana' 'Parfum léger' 'Seven Ghosts' --between 3",
        ),
    ),
    Verb(
        "blend",
        "tracks near some and far from others",
        "exploring",
        (
            "'Luna y mañana' 'Seven Ghosts'",
            "'Luna y mañana*2' --minus 'Parfum léger'",
        ),
    ),
    Verb(
        "complete",
        "continue a playlist, weave fresh tracks in, order it, or find what does not belong",
        "exploring",
        (
            "party.txt --ask missing -n 5",
            "party.txt --ask woven --every 2",
        ),
    ),
    Verb(
        "explain",
        "why a track is near another",
        "exploring",
        (
            "'Luna y mañana' 'Abril en Puerto Rionares'",
            "'Seven Ghosts' 'Hollow Rusted Curtain' --json",
        ),
    ),
    Verb(
        "artist",
        "an artist's tracks and nearest artists",
        "exploring",
        (
            "'Loïc Beaulieu'",
            "'El Zurdo' -n 5",
        ),
    ),
    Verb(
        "surprise",
        "a far track that still belongs",
        "exploring",
        (
            "'Luna y mañana'",
            "--seed 1",
        ),
    ),
    Verb(
        "play",
        "play tracks, a playlist, a path, a blend, an artist or your loves",
        "listening",
        (
            "--path 'Luna y mañana' 'Seven Ghosts' --tracks 2 --duration 1",
            "--artist 'Loïc Beaulieu' --trailer --minutes 0.05 --no-sound",
        ),
    ),
    Verb(
        "radio",
        "play a radio from a track, an artist, a playlist or your loves",
        "listening",
        (
            "'Luna y mañana' --tracks 2 --duration 1",
            "'Seven Ghosts' --mode walk --minutes 0.05 --no-sound",
        ),
    ),
    Verb(
        "ctl",
        "control a running explorer: play, next, seek, volume, love, radio, ...",
        "listening",
        (
            "seek +10",
            "status --json --follow",
        ),
    ),
    Verb(
        "state",
        "loves, bans, journal, places, stations and crates",
        "listening",
        (
            "love 'Luna y mañana'",
            "journal -n 5",
        ),
    ),
    Verb(
        "libraries",
        "list, describe, rename and remove libraries",
        "housekeeping",
        (
            "",
            "show demo",
        ),
    ),
    Verb(
        "send",
        "send tracks to Navidrome, ListenBrainz, MPD, M3U8 or TuneMyMusic",
        "listening",
        (
            "tunemymusic --artist 'Loïc Beaulieu' --out loic.csv",
            "m3u8 'Luna y mañana' --dry-run",
        ),
    ),
    Verb(
        "serve",
        "answer Navidrome and Subsonic players with what is near: a read-only server",
        "listening",
        (
            "--check",
            "--library demo --check --port 0",
        ),
    ),
    Verb(
        "files",
        "index your own audio files, to be played in place of previews",
        "listening",
        (
            ".",
            ". --json",
        ),
    ),
    Verb(
        "titles",
        "ask Deezer for the titles that a library lacks",
        "housekeeping",
        (
            "--library demo",
            "--library demo --top 50 --json",
        ),
    ),
    Verb(
        "completion",
        "print the script that makes a shell complete verbs and options",
        "housekeeping",
        ("bash", "zsh"),
    ),
    Verb("schema", "print the JSON schema of a verb's --json", "housekeeping", ("", "neighbours")),
    Verb(
        "locate",
        "print where Segue keeps its files",
        "housekeeping",
        (
            "",
            "--json",
        ),
    ),
    Verb(
        "doctor",
        "check this machine and say what to do",
        "housekeeping",
        (
            "--offline",
            "--library demo --offline --json",
        ),
    ),
)
