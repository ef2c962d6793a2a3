"""The verbs of `segue`, each with the module that does it. Only the chosen one is imported."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Verb:
    """A sub-command: the module `core.cli.<module>` has `configure(parser)` and `run(args) -> exit code`."""

    name: str
    help: str
    group: str

    @property
    def module(self) -> str:
        """The dotted name of the module that does it."""
        return f"segue.core.cli.{self.name.replace('-', '_')}"


VERBS = (
    Verb("fetch", "download the public Deezer playlist files, verified", "playlists"),
    Verb("prepare", "turn playlist files of any size into a corpus on disk", "playlists"),
    Verb("world", "write a synthetic world of playlists and titles", "playlists"),
    Verb("train", "train a library from playlists", "training"),
    Verb("tune", "search for better hyper-parameters", "training"),
    Verb("import-vectors", "make a library from the notebook's latent_positions.npy", "training"),
    Verb("export-vectors", "write a library's vectors as latent_positions.npy", "training"),
    Verb("evaluate", "score a library and the baselines", "measuring"),
    Verb("metrics", "show a library's scores", "measuring"),
    Verb("compare", "two libraries side by side", "measuring"),
    Verb("search", "find tracks by title, artist, album or id", "exploring"),
    Verb("neighbours", "tracks near a track", "exploring"),
    Verb("path", "a way from one track to another", "exploring"),
    Verb("blend", "tracks near some and far from others", "exploring"),
    Verb("complete", "continue a playlist", "exploring"),
    Verb("explain", "why a track is near another", "exploring"),
    Verb("artist", "an artist's tracks and nearest artists", "exploring"),
    Verb("surprise", "a far track that still belongs", "exploring"),
    Verb("radio", "play a radio from a track", "listening"),
    Verb("ctl", "speak to the running explorer: status, next, pause, love", "listening"),
    Verb("state", "loves, bans, journal, places and stations", "listening"),
    Verb("libraries", "list the libraries that can be opened", "housekeeping"),
    Verb("locate", "print where Segue keeps its files", "housekeeping"),
    Verb("doctor", "check this machine and say what to do", "housekeeping"),
)
