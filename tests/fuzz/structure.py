"""Damage that keeps a file's outer form, so that it reaches the code behind the first check.

Bytes damaged at random mostly break a header or a checksum, and every reader turns such a file away at once.
Here the form is taken apart, a value inside is replaced by an odd one, and the form is put together again.
"""

import gzip
import io
import json
import random
import re
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

TELLING = (
    b"\x00",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\x80",
    b"\n",
    b"\r\n",
    b'"',
    b"{[" * 200,
    b"\x1b[2J",
    b"-1",
    b"1e999",
    b"NaN",
    b"9" * 400,
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"'; DROP TABLE tracks;--",
    b"cos\nsystem\n(S'true'\ntR.",
)
"""Bytes that have broken readers before."""

Damage = Callable[[bytes, random.Random], bytes]

ODD: tuple[Any, ...] = (
    None, True, -1, 0, 1, 2**31, 2**63, -(2**63), 10**400, 0.5, -0.0, 1e308, float("nan"), float("inf"),
    "", " ", "\x00", "\x1b[2J", "\n", "a\r\nb", "\u202e", "\ud800", "9" * 400, "x" * 5000, "=1+1", "../x",
    "null", [], {}, [[]], [None], {"": None}, {"data": {"data": []}},
)  # fmt: skip
"""Values that have no business where they are put."""


def anyhow(data: bytes, rng: random.Random) -> bytes:
    """Damage bytes in up to six places."""
    for _ in range(rng.randint(1, 6)):
        start, length = int(rng.random() * len(data)), rng.choice((0, 1, 1, 2, 4, 8, 64, 1_000_000))
        new = rng.choice((b"", rng.randbytes(rng.randint(0, 8)), rng.choice(TELLING)))
        data = data[:start] + new + data[start + length :]
    return data


def json_values(data: bytes, rng: random.Random) -> bytes:
    """Replace, remove or repeat a value anywhere in JSON, or in a line of JSON lines."""
    lines = data.splitlines() if _json_or_none(data) is None else [data]
    at = rng.randrange(len(lines)) if lines else 0
    value = _json_or_none(lines[at]) if lines else None
    if value is None:
        return anyhow(data, rng)
    lines[at] = json.dumps(_changed(value, rng), ensure_ascii=rng.random() < 0.5).encode(errors="replace")
    return b"\n".join(lines) + b"\n"


def _json_or_none(data: bytes) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _changed(value: Any, rng: random.Random) -> Any:  # noqa: ANN401 - any JSON value
    if not isinstance(value, list | dict) or not value or rng.random() < 0.15:
        return rng.choice(ODD)
    keys = list(range(len(value))) if isinstance(value, list) else list(value)
    key = rng.choice(keys)
    changed = value.copy()
    if (what := rng.random()) < 0.1:
        del changed[key]
    elif what < 0.2:
        changed = [*value, value[key]] if isinstance(value, list) else {**value, f"{key} ": value[key]}
    else:
        changed[key] = _changed(value[key], rng)
    return changed


def packed(inner: Damage) -> Damage:
    """Damage what a gzip file holds."""

    def damage(data: bytes, rng: random.Random) -> bytes:
        try:
            return gzip.compress(inner(gzip.decompress(data), rng), compresslevel=1)
        except (OSError, EOFError):
            return anyhow(data, rng)

    return damage


def markup(data: bytes, rng: random.Random) -> bytes:
    """Replace, remove or repeat a text, an attribute or a tag of XML or HTML."""
    pieces = re.split(rb"(<[^>]*>)", data)
    for _ in range(rng.randint(1, 4)):
        at, odd = rng.randrange(len(pieces)), str(rng.choice(ODD[8:])).encode(errors="surrogatepass")
        values = [found.span(1) for found in re.finditer(rb'"([^"]*)"', pieces[at])] if at % 2 else []
        if values and rng.random() < 0.6:
            start, end = rng.choice(values)
            pieces[at] = pieces[at][:start] + odd.replace(b'"', b"") + pieces[at][end:]
        elif at % 2:
            pieces[at] *= rng.choice((0, 2, 40))
        else:
            pieces[at] = odd.replace(b"<", b"&lt;")
    return b"".join(pieces)


def in_archive(inner: Damage) -> Damage:
    """Damage one file of a zip archive, and leave the others whole."""

    def damage(data: bytes, rng: random.Random) -> bytes:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                files = {name: archive.read(name) for name in archive.namelist()}
        except (OSError, zipfile.BadZipFile, zlib.error, ValueError):
            return anyhow(data, rng)
        chosen = rng.choice(list(files))
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, inner(content, rng) if name == chosen else content)
        return out.getvalue()

    return damage


def after_first_line(inner: Damage) -> Damage:
    """Damage all but the first line."""

    def damage(data: bytes, rng: random.Random) -> bytes:
        first, end, rest = data.partition(b"\n")
        return first + end + inner(rest, rng)

    return damage


def parts(data: bytes, rng: random.Random) -> bytes:
    """Change single bytes, mostly of the headers in front, as media files have them; keep the length."""
    damaged = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = int(len(data) * rng.random() ** rng.choice((1, 4)))
        damaged[at] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))
    return bytes(damaged)


def cells(data: bytes, rng: random.Random) -> bytes:
    """Replace, remove or repeat a cell or a line of a text of lines and cells."""
    lines = data.split(b"\n")
    parting = rng.choice([mark for mark in (b",", b"\t", b" ", b";", b":", b"=") if mark in data] or [b","])
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(lines))
        parts = lines[at].split(parting)
        cell = rng.randrange(len(parts))
        text = rng.choice((*ODD[8:], *TELLING))
        odd = text if isinstance(text, bytes) else str(text).encode(errors="surrogatepass")
        what = rng.random()
        if what < 0.6:
            parts[cell] = odd
        elif what < 0.7:
            del parts[cell]
        elif what < 0.8:
            parts.insert(cell, odd)
        lines[at] = parting.join(parts)
        if what > 0.9:
            lines.insert(at, lines[rng.randrange(len(lines))])
        elif what > 0.8:
            del lines[at]
            lines = lines or [b""]
    return b"\n".join(lines)
