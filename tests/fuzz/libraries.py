"""The opener: a library of which one file is damaged, used as the explorer uses it."""

import json
import shutil
import tempfile
from functools import cache
from pathlib import Path

import numpy as np

from segue.core.library import Library
from tests.fuzz.binary import archive, array, database
from tests.fuzz.structure import Damage, cells, json_values
from tests.fuzz.targets import Target, expect_one_line
from tests.libraries import make_library

LIBRARY_FILES: dict[str, Damage] = {
    "library.json": json_values,
    "report.json": json_values,
    "history.jsonl": json_values,
    "vectors.npy": array,
    "counts.npy": array,
    "positions.npy": array,
    "ppmi_svd.npy": array,
    "tracks.txt": cells,
    "catalogue.sqlite": database,
    "heldout.npz": archive,
    "corpus/items.npy": array,
    "corpus/offsets.npy": array,
    "cooccurrence/indptr.npy": array,
    "cooccurrence/indices.npy": array,
    "cooccurrence/data.npy": array,
    "occurrences/positions.npy": array,
    "occurrences/starts.npy": array,
    "occurrences/offsets.npy": array,
}
"""The files of a library, and what damages each without breaking its form."""


@cache
def sound_library() -> Library:
    """A library to break copies of, with all that belongs to one."""
    from segue.core.evaluation import evaluate, save_report
    from segue.core.rankers.registry import save_ppmi_svd

    library = make_library(Path(tempfile.mkdtemp(prefix="segue-fuzz-")) / "sound")
    save_report(library, evaluate(library))
    save_ppmi_svd(library)
    line = json.dumps({"epoch": 1, "loss": 0.5, "seconds": 1.0})
    (library.path / "history.jsonl").write_text(f"{line}\n{line}\n", encoding="utf-8")
    return library


def library_targets() -> list[Target]:
    """A door for each file."""
    return [library_target(name) for name in LIBRARY_FILES]


def library_target(name: str) -> Target:
    """The opener, with one file of a sound library replaced."""

    def run(data: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "copy"
            shutil.copytree(sound_library().path, path, copy_function=_link)
            path.joinpath(name).unlink()
            path.joinpath(name).write_bytes(data)
            use_library(path)

    def seeds() -> tuple[bytes, ...]:
        return (sound_library().path.joinpath(name).read_bytes(),)

    return Target(f"library: {name}", run, seeds, (LIBRARY_FILES[name],))


def _link(source: str, target: str) -> None:
    Path(target).hardlink_to(source)


def use_library(path: Path) -> None:
    """Open a library and do with it what the explorer does; each use may be refused by itself."""
    expect_one_line(lambda: _use(Library.open(path)))


def _use(library: Library) -> None:
    for use in (_read, _search, _walk, _explain, _suggest, _judge):
        expect_one_line(lambda use=use: use(library))  # type: ignore[misc]  # bound at once


def _read(library: Library) -> None:
    _ = (library.name, library.track_ids, library.positions, library.held_out, library.corpus)
    for record in library.history:
        assert isinstance(record, dict)


def _search(library: Library) -> None:
    catalogue = library.catalogue
    for query in ("a", "a: b", "the q", "xyzzyq", "track_1", "12345"):
        catalogue.infos([hit.row for hit in catalogue.search(query)])
    info = catalogue.info(3)
    assert isinstance(info.label, str)
    _ = (catalogue.rows_of_album(info.album, info.artist), catalogue.counts([0, 1, 2]))
    _ = (catalogue.album_codes, catalogue.song_codes)
    for artist in catalogue.artists(info.artist):
        assert isinstance(artist.label, str)
    catalogue.find_track(info.title)


def _walk(library: Library) -> None:
    from segue.core.explore.artists import page_of
    from segue.core.explore.neighbours import neighbourhood
    from segue.core.explore.path import find_path
    from segue.core.explore.radio import RadioPlanner

    neighbourhood(library, 0, 5)
    find_path(library, [0, 5], between=2)
    planner = RadioPlanner(library, 0, rng=np.random.default_rng(0))
    planner.advance()
    planner.advance()
    code = int(library.catalogue.artist_codes[0])
    if code >= 0:
        page_of(library, code, n=3)


def _explain(library: Library) -> None:
    from segue.core.explore.explain import explain

    explain(library, 0, 1)


def _suggest(library: Library) -> None:
    from segue.core.explore.surgeon import complete
    from segue.core.rankers.registry import available_rankers, ranker

    complete(library, [0, 1], 3)
    for name in available_rankers(library):
        expect_one_line(lambda name=name: ranker(library, name).rank(np.array([0]), 5))  # type: ignore[misc]  # bound at once


def _judge(library: Library) -> None:
    from segue.core.evaluation import list_pairs, open_case, read_report
    from segue.core.evaluation.render import bars, bucket_table, facts, markdown, score_table

    if report := read_report(library):
        _ = (bars(report), facts(report), bucket_table(report), markdown(score_table(report, wide=True)))
    if pairs := list_pairs(library):
        open_case(library, pairs[0])
