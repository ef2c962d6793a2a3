"""Damage inside arrays, archives, databases and Parquet files, with their outer form kept.

As `tests.fuzz.structure`, for the forms that are not text.
"""

# ruff: noqa: S608 - the names that are put into SQL come from a database of the tests' own

import contextlib
import io
import random
import sqlite3
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from tests.fuzz.structure import anyhow, json_values

DTYPES = ("<f4", "<f8", "<i4", "<i8", ">i8", "<u8", "|b1", "<f2", "<c8", "|S3", "<U2", "<M8[s]", "|V4", "|O")


def array(data: bytes, rng: random.Random) -> bytes:
    """Make a `.npy` file of numbers, a shape or a type that its reader does not expect."""
    try:
        values = np.load(io.BytesIO(data), allow_pickle=False)
        return _npy(_changed_array(values, rng), rng)
    except (ValueError, TypeError, OverflowError, EOFError, MemoryError, SyntaxError):
        return anyhow(data, rng)


def _changed_array(values: Any, rng: random.Random) -> Any:  # noqa: ANN401 - any array
    changed = np.array(values)
    what = rng.random()
    if what < 0.5 and changed.size:
        kind = changed.dtype
        odd = (
            (0, 1, -1, np.nan, np.inf, 1e30)
            if kind.kind == "f"
            else (0, 1, -1, changed.size, 2**31 - 1, -(2**31))
        )
        for _ in range(rng.randint(1, 3)):
            changed.flat[rng.randrange(changed.size)] = (
                rng.choice(odd) if kind.kind in "fi" else changed.flat[0]
            )
        return changed
    if what < 0.7:
        return changed.astype(rng.choice(DTYPES[:-3]))
    shape = changed.shape
    forms = (
        lambda: changed[:0], lambda: changed[: rng.randint(0, len(changed))], lambda: changed[None],
        lambda: np.concatenate([changed, changed[-1:]]), lambda: changed.T, lambda: changed.reshape(1, -1),
        changed.ravel,
        lambda: np.float32(1), lambda: np.zeros((0, *shape[1:]), changed.dtype), lambda: changed[..., :0],
        lambda: changed[::-1],
    )  # fmt: skip
    return rng.choice(forms)()


def _npy(values: Any, rng: random.Random) -> bytes:  # noqa: ANN401 - any array
    out = io.BytesIO()
    np.save(out, values, allow_pickle=False)
    data = out.getvalue()
    if rng.random() < 0.25:  # a header that lies
        header = {"descr": rng.choice(DTYPES), "fortran_order": rng.random() < 0.5, "shape": values.shape}
        if rng.random() < 0.5:
            header["shape"] = rng.choice(
                ((-1,), (2**62,), (2**31, 2**33), (0, 2**60), (), (1.5,), "x", (len(data),))
            )
        text = f"{header!r}".encode().ljust(117) + b"\n"
        data = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + values.tobytes()
    return data


def archive(data: bytes, rng: random.Random) -> bytes:
    """Damage a member of a `.npz` file, rename it, drop it, or say that it is packed otherwise."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as old:
            members = {name: old.read(name) for name in old.namelist()}
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError):
        return anyhow(data, rng)
    name = rng.choice(list(members))
    what = rng.random()
    if what < 0.1:
        del members[name]
    elif what < 0.2:
        members[rng.choice(("../x.npy", "x", "x/", "\x1b[2J.npy", name + "\x00"))] = members.pop(name)
    else:
        members[name] = _member(members[name], rng)
    out = io.BytesIO()
    packing = rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2))
    with zipfile.ZipFile(out, "w", packing) as new:
        for member, content in members.items():
            new.writestr(member, content)
    return out.getvalue() if rng.random() < 0.8 else anyhow(out.getvalue(), rng)


def _member(data: bytes, rng: random.Random) -> bytes:
    """Damage an array, and JSON that is kept in one as JSON."""
    try:
        values = np.load(io.BytesIO(data), allow_pickle=False)
    except (ValueError, TypeError, EOFError, SyntaxError):
        return anyhow(data, rng)
    if values.dtype == np.uint8 and rng.random() < 0.7:
        return _npy(np.frombuffer(json_values(values.tobytes(), rng), np.uint8), rng)
    return array(data, rng)


def database(data: bytes, rng: random.Random) -> bytes:
    """Change values, rows, tables or the schema of a SQLite file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "database"
        path.write_bytes(data)
        try:
            with contextlib.closing(sqlite3.connect(path)) as connection:
                for _ in range(rng.randint(1, 3)):
                    with contextlib.suppress(sqlite3.Error, OverflowError, UnicodeError):
                        _change(connection, rng)
                        connection.commit()
            return path.read_bytes()
        except sqlite3.Error:
            return anyhow(data, rng)


def _change(connection: sqlite3.Connection, rng: random.Random) -> None:
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    if not names:
        return
    table = rng.choice(names)
    columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
    column = rng.choice(columns)
    odd = rng.choice(
        (None, -1, 0, 2**31, 2**62, 1e300, "", "\x1b[2J\n", "9" * 400, b"", b"\xff\xff\xff\x7f", b"abc")
    )
    some = f'WHERE rowid IN (SELECT rowid FROM "{table}" ORDER BY random() LIMIT {rng.choice((1, 5, 1000))})'
    changes = (  # the names come from a database of ours
        (f'UPDATE "{table}" SET "{column}" = ? {some}', (odd,)),
        (f'UPDATE "{table}" SET "{column}" = ?', (odd,)),
        (f'UPDATE "{table}" SET "{column}" = CAST("{column}" AS BLOB) {some}', ()),
        (f'UPDATE "{table}" SET "{column}" = substr("{column}", 2) {some}', ()),
        (f'DELETE FROM "{table}" {some}', ()),
        (f'DELETE FROM "{table}"', ()),
        (f'DROP TABLE "{table}"', ()),
        (f'ALTER TABLE "{table}" RENAME COLUMN "{column}" TO other', ()),
        (f"PRAGMA user_version = {rng.choice((0, 1, 2, 99, -1))}", ()),
    )
    connection.execute(*rng.choice(changes))


def table(data: bytes, rng: random.Random) -> bytes:
    """Write a Parquet file whose columns, kinds and values are odd."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        columns = pq.read_table(io.BytesIO(data)).to_pydict()
    except (pa.ArrowException, OSError):
        return anyhow(data, rng)
    name = rng.choice(list(columns))
    length = len(columns[name])
    forms: tuple[list[Any], ...] = (
        [None] * length, [[]] * length, [["a", None]] * length, [1.5] * length, [b"\xff"] * length,
        [{"a": 1}] * length, ["x\ny"] * length, [-1] * length, [2**62] * length, [True] * length,
        [["a", "b"], *[[]] * (length - 1)],
    )  # fmt: skip
    if (what := rng.random()) < 0.6:
        columns[name] = rng.choice(forms)
    elif what < 0.8:
        columns[rng.choice(("", "track", "tracks", "position", "a\nb", "\x1b[2J", "artist_id", "title"))] = (
            columns.pop(name)
        )
    else:
        kept = rng.choice((0, 1))
        columns = {key: values[:kept] for key, values in columns.items()}
    out = io.BytesIO()
    packing = rng.choice(("snappy", "gzip", "zstd", "none", "brotli"))
    pq.write_table(pa.table(columns), out, compression=packing)
    return out.getvalue() if rng.random() < 0.7 else anyhow(out.getvalue(), rng)
