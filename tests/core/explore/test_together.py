"""One's own playlists and those of others become one set, in which the same track has one id."""

from pathlib import Path

import pytest

from segue.core.corpus.corpus import Playlists
from segue.core.corpus.readers import read_playlists
from segue.core.explore.matching import put_together
from segue.core.pipeline import read_source
from segue.core.tracks import TrackInfo
from tests.core.corpus.exports import EXPORTS

OWN = [
    [(1, "Hoppípolla", "Sigur Rós", "Takk"), (2, "Home (Remastered 2011)", "Mara Quill", "")],
    [(1, "Hoppípolla", "Sigur Rós", "Takk"), (3, "Nobody's song", "Nobody", "")],
]
OTHERS = [["track_7", "track_8"], ["track_9", "track_7", "track_8"]]
KNOWN = {
    "track_7": TrackInfo("track_7", "Hoppipolla", "Sigur Ros"),
    "track_8": TrackInfo("track_8", "Home", "Mara Quill"),
    "track_9": TrackInfo("track_9", "Home", "Somebody Else"),
}
TOGETHER = [["track_7", "track_8"], ["track_7", "spotify:track:" + "3".rjust(22, "0")], *OTHERS]


def test_the_same_track_takes_the_others_id(tmp_path: Path) -> None:
    own = read_playlists(EXPORTS["spotify account"](tmp_path / "mine", OWN))
    playlists, matched = put_together(own, Playlists.from_lists(OTHERS), KNOWN)
    assert playlists.lists() == TOGETHER
    assert matched == 2
    assert playlists.tracks[TOGETHER[1][1]].title == "Nobody's song"


@pytest.mark.parametrize("files", [1, 0])
def test_a_source_of_both_has_the_titles_of_both(files: int, tmp_path: Path) -> None:
    own = EXPORTS["spotify account"](tmp_path / "mine", OWN)
    others, metadata = tmp_path / "others.txt", tmp_path / "metadata.csv"
    others.write_text("\n".join(map(" ".join, OTHERS)))
    rows = [f"{info.track_id},{info.title},{info.artist}" for info in KNOWN.values()]
    metadata.write_text("\n".join(["track_id,title,artist", *rows]), encoding="utf-8")
    source = read_source(own, metadata_files=[metadata][:files], together_with=others, min_count=1)
    assert source.description["together"] == {"playlists": 2, "tracks": 3, "matched": 2 * files}
    assert len(source.corpus.vocabulary) == (4 if files else 6)
    assert source.titles == (4 if files else 3)
