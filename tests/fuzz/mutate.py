"""Small damages to bytes, drawn so that hypothesis can shrink what it finds."""

from dataclasses import dataclass

from hypothesis import strategies as st

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


@dataclass(frozen=True)
class Edit:
    """One damage: the bytes from `at` (a share of the length) for `length` bytes become `new`."""

    at: float
    length: int
    new: bytes

    def apply(self, data: bytes) -> bytes:
        """Give the damaged bytes."""
        start = int(self.at * len(data))
        return data[:start] + self.new + data[start + self.length :]


def edits() -> st.SearchStrategy[Edit]:
    """Draw a damage: overwrite, insert, delete, or cut off."""
    return st.builds(
        Edit,
        at=st.floats(0, 1, exclude_max=True),
        length=st.sampled_from((0, 1, 1, 2, 4, 8, 64, 1_000_000)),
        new=st.one_of(st.just(b""), st.binary(max_size=8), st.sampled_from(TELLING)),
    )


def damaged(seeds: tuple[bytes, ...]) -> st.SearchStrategy[bytes]:
    """Draw one of the seeds with up to six damages, or bytes out of the blue."""

    def apply(seed: bytes, steps: list[Edit]) -> bytes:
        for step in steps:
            seed = step.apply(seed)
        return seed

    mended = st.builds(apply, st.sampled_from(seeds), st.lists(edits(), min_size=1, max_size=6))
    return st.one_of(mended, mended, mended, st.binary(max_size=200))
