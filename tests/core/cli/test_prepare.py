import json
from pathlib import Path

import pytest

from segue.core.cli import main
from segue.core.corpus.loading import load_corpus


@pytest.fixture
def playlists(tmp_path: Path) -> Path:
    path = tmp_path / "playlists.jsonl"
    path.write_text('["a", "b", "c"]\n["b", "a"]\noops\n["a", "bad\\nid", "c"]\n')
    return path


def test_prepare_says_what_the_corpus_holds_and_what_comes_next(
    playlists: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "corpus"
    assert main(["prepare", str(playlists), "--out", str(out)]) == 0
    shown = capsys.readouterr()
    assert (
        f"{out}: 3 playlists, 7 positions of 3 tracks (0 tracks with fewer than 2 plays dropped)" in shown.out
    )
    assert f"segue train {out} --name NAME" in shown.out
    assert "skipped 1 x record that is not a JSON list of tracks" in shown.err
    assert "skipped 1 x track id with a line break or control character" in shown.err
    assert main(["prepare", str(playlists), "--out", str(out)]) == 0
    assert "already prepared and unchanged" in capsys.readouterr().out


def test_json_is_the_record(playlists: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "corpus"
    assert main(["prepare", str(playlists), "--out", str(out), "--json", "--min-count", "3"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["playlists"], record["positions"], record["tracks"], record["fresh"]) == (3, 3, 1, True)
    assert record["fingerprint"] == load_corpus(out).corpus.fingerprint
    assert record["path"] == str(out)


def test_columns_are_given_by_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "table.csv"
    path.write_text("liste,chanson\n1,a\n1,b\n2,a\n2,b\n")
    out = str(tmp_path / "corpus")
    assert main(["prepare", str(path), "--out", out]) == 1
    assert "name it with --columns playlist=NAME" in capsys.readouterr().err
    assert main(["prepare", str(path), "--out", out, "--columns", "playlist=liste,track=chanson"]) == 0
    assert "2 playlists, 4 positions of 2 tracks" in capsys.readouterr().out


@pytest.mark.parametrize(
    "wrong",
    [
        ["--columns", "colour=red"],
        ["--columns", "track"],
        ["--format", "xml"],
        ["--min-count", "0"],
        ["--processes", "0"],
    ],
)
def test_wrong_usage_ends_with_2(
    wrong: list[str], playlists: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["prepare", str(playlists), "--out", str(tmp_path / "corpus"), *wrong]) == 2
    assert wrong[0] in capsys.readouterr().err
    assert not (tmp_path / "corpus").exists()


def test_a_missing_file_ends_with_1_and_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prepare", str(tmp_path / "absent"), "--out", str(tmp_path / "corpus")]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_place_that_cannot_be_written_is_refused_in_one_line(
    playlists: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    Path("file").touch()
    for name in (".", "..", "x" * 300, "file", "file/inside", "/proc/x"):
        assert main(["prepare", str(playlists), "--out", name]) in {1, 2}
        err = capsys.readouterr().err
        assert err.count("\n") == 1
        assert "unexpected" not in err
        assert "choose another" in err
    assert list(Path().iterdir()) == [Path("file")]
