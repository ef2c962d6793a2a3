"""Playlists in an object store: prepared as those on disk, with an end to every wait."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from segue.core import stores
from segue.core.cli.main import main
from segue.core.corpus.prepare import prepare
from segue.core.corpus.processes import run_here
from segue.core.errors import SegueError, UsageError
from segue.core.stores import StoreError, StorePath, path_of
from tests.core.corpus.store import Store
from tests.core.corpus.test_prepare import make_rows, write_jsonl, write_slices


@pytest.fixture(scope="module")
def served() -> Iterator[Store]:
    """One store and one process that reads it, for all tests: each has a bucket of its own."""
    stores._client.close()
    with Store().serve() as store:
        yield store
    stores._client.close()


@pytest.fixture
def store(served: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{served.port}",
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    served.asked.clear()
    served.objects.clear()
    served.behaviour = "whole"
    yield served
    if served.behaviour != "whole":
        stores._client.close()


def put(store: Store, folder: Path, bucket: str) -> StorePath:
    """Put all files of a folder into a bucket."""
    for file in folder.rglob("*"):
        if file.is_file():
            store.objects[f"{bucket}/lists/{file.relative_to(folder)}"] = file.read_bytes()
    path = path_of(f"s3://{bucket}/lists")
    assert isinstance(path, StorePath)
    return path


def same(left: Path, right: Path) -> bool:
    names = {path.name for path in left.iterdir()}
    assert names == {path.name for path in right.iterdir()}
    return all((left / name).read_bytes() == (right / name).read_bytes() for name in names - {"corpus.json"})


def write_parquet(folder: Path) -> None:
    parquet.write_table(pa.table({"tracks": make_rows(500)}), folder / "rows.parquet")


def write_few_slices(folder: Path) -> None:
    write_slices(folder, 3)


@pytest.mark.parametrize("write", [write_jsonl, write_parquet, write_few_slices])
def test_a_bucket_is_prepared_as_a_folder(
    store: Store, tmp_path: Path, write: Callable[[Path], object]
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write(folder)
    bucket = put(store, folder, write.__name__.replace("_", "-"))
    here, _ = prepare([folder], tmp_path / "here", processes=1)
    there, fresh = prepare([bucket], tmp_path / "there", processes=1)
    assert fresh
    assert same(tmp_path / "here", tmp_path / "there")
    assert [here.formats, here.skipped] == [there.formats, there.skipped]
    assert str(there.inputs[0][0]).startswith(f"{bucket}/"), "the record names the object"
    assert not prepare([bucket], tmp_path / "there", processes=1)[1], "nothing has changed"


def test_an_object_is_read_in_stretches_and_in_pieces(store: Store, tmp_path: Path) -> None:
    lines = "\n".join(map(json.dumps, make_rows(4000, seed=2)))
    (tmp_path / "rows.jsonl").write_text(lines)
    store.objects["large/rows.jsonl"] = lines.encode()
    prepare([tmp_path / "rows.jsonl"], tmp_path / "here", processes=1)
    prepare([path_of("s3://large/rows.jsonl")], tmp_path / "there", run=run_here, stretch=300_000)
    assert same(tmp_path / "here", tmp_path / "there")
    sizes = [np.diff([*map(int, each.split("=")[1].split("-"))])[0] for each in store.asked if "=" in each]
    assert len(sizes) > len(lines) // 300_000
    assert max(sizes) < len(lines), "no request is for all of it"


def test_an_object_that_changes_meanwhile_makes_no_corpus(store: Store, tmp_path: Path) -> None:
    store.objects["moving/rows.jsonl"] = b'["a", "b", "a"]\n' * 10

    def change(_read: float) -> None:
        store.objects["moving/rows.jsonl"] = b'["a", "b", "a", "c"]\n' * 10

    with pytest.raises(SegueError, match=r"s3://moving/rows.jsonl: changed while it was read"):
        prepare([path_of("s3://moving/rows.jsonl")], tmp_path / "out", processes=1, progress=change)
    assert not (tmp_path / "out").exists()


def test_what_is_not_there_is_named(store: Store, tmp_path: Path) -> None:
    store.objects["music/rows.jsonl"] = b'["a", "b"]\n'
    for name in ("s3://music/other.jsonl", "s3://nobody/rows.jsonl"):
        with pytest.raises(SegueError, match=f"^{name}: no such file or folder$"):
            prepare([path_of(name)], tmp_path / "out", processes=1)


@pytest.mark.parametrize("behaviour", ["refuse", "silent", "drip", "cut"])
def test_a_store_that_does_not_serve_ends_in_one_line(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, behaviour: str
) -> None:
    store.objects["held/rows.jsonl"] = b'["a", "b", "a"]\n' * 100
    path = StorePath("s3://held/rows.jsonl")
    assert path.exists(), "the process has started"
    if behaviour != "cut":  # of which the size is known
        path = path.resolve()
    monkeypatch.setattr(stores, "PATIENCE", 60.0 if behaviour == "refuse" else 0.5)
    store.behaviour = behaviour
    before = len(store.asked)
    with pytest.raises(StoreError, match=r"^s3://held/rows.jsonl: can't be read \(.*; check the") as caught:
        prepare([path], tmp_path / "out", processes=1)
    assert len(store.asked) > before
    assert str(caught.value).isprintable()
    assert not (tmp_path / "out").exists()
    if behaviour == "silent":
        store.behaviour = "whole"
        monkeypatch.setattr(stores, "PATIENCE", 60.0)
        prepare([path.resolve()], tmp_path / "out", processes=1)


def test_the_command_reads_a_store_and_makes_no_request_offline(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store.objects["music/rows.jsonl"] = b'["a", "b", "a"]\n' * 10
    call = ["prepare", "s3://music/rows.jsonl", "--out", str(tmp_path / "out"), "--processes", "1"]
    assert main([*call, "--offline"]) == 2
    assert "run without --offline" in capsys.readouterr().err
    assert not store.asked
    assert main(call) == 0
    assert "10 playlists, 30 positions of 2 tracks" in capsys.readouterr().out


def test_file_addresses_are_paths_and_others_name_a_bucket(tmp_path: Path) -> None:
    assert path_of(f"file://{tmp_path}/a%20b.jsonl") == tmp_path / "a b.jsonl"
    assert type(path_of("rows.jsonl")) is type(Path("rows.jsonl"))
    for wrong in ("s3://", "s3:///key", "file://elsewhere/rows.jsonl", "s3://me:password@music/rows.jsonl"):
        with pytest.raises(UsageError) as caught:
            path_of(wrong)
        assert "password@" not in str(caught.value)
    with pytest.raises(StoreError, match=r"^nothing://here: can't be read \(Unrecognized filesystem"):
        path_of("nothing://here").exists()
