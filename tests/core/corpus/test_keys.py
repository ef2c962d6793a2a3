import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.core.corpus.encoding import WIDTH, GrowingArray, KeyTable, keys_of
from segue.core.corpus.readers.batch import fault_of, letters_of

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=90)
LETTER = st.sampled_from("abcdeé")  # which come again and again


@settings(max_examples=60)
@given(batches=st.lists(st.lists(TEXT | LETTER, max_size=40), min_size=1, max_size=6))
def test_a_table_numbers_texts_as_a_dictionary_does(batches: list[list[str]]) -> None:
    table, expected = KeyTable(), dict[str, int]()
    for batch in batches:
        numbers = table.numbers(keys_of(batch))
        assert numbers.tolist() == [expected.setdefault(text, len(expected)) for text in batch]
    assert len(table) == len(expected)


@settings(max_examples=60)
@given(texts=st.lists(TEXT | LETTER, min_size=1, max_size=20))
def test_the_key_of_a_text_does_not_depend_on_the_others(texts: list[str]) -> None:
    keys = keys_of(texts)
    assert [key.tolist() for key in keys] == [keys_of([text])[0].tolist() for text in texts]


SAME_SIZE = st.integers(1, WIDTH + 2).flatmap(
    lambda size: st.lists(st.text("ab\n\x1f\x20~\x7fé", min_size=size, max_size=size), min_size=1, max_size=4)
)


@settings(max_examples=300)
@given(texts=SAME_SIZE | st.lists(TEXT | LETTER, max_size=4))
def test_the_letters_of_texts_of_one_size_give_the_keys_of_the_texts(texts: list[str]) -> None:
    letters = letters_of(texts, WIDTH)
    regular = len(set(map(len, texts))) == 1 and len(texts[0]) <= WIDTH and "".join(texts).isascii()
    assert (letters is not None) == (regular and not any(map(fault_of, texts)))
    if letters is not None:
        assert [row.tobytes().decode() for row in letters] == texts
        assert np.array_equal(keys_of(texts, letters), keys_of(texts))


def test_half_a_million_texts_keep_their_numbers() -> None:
    texts = [f"spotify:track:{number:022}" for number in range(500_000)]
    table = KeyTable()
    for start in range(0, 500_000, 70_000):
        part = texts[start : start + 70_000]
        assert table.numbers(keys_of(part)).tolist() == list(range(start, start + len(part)))
    shuffled = np.random.default_rng(0).permutation(500_000)[:50_000]
    assert np.array_equal(table.numbers(keys_of([texts[number] for number in shuffled.tolist()])), shuffled)
    assert len(table) == 500_000
    arrays = [table._slots, table._low._room, table._high._room]
    assert sum(array.nbytes for array in arrays) / len(table) < 64


def test_texts_that_differ_in_one_letter_anywhere_have_other_keys() -> None:
    texts = {"x" * 70, "x" * 64, "x" * 65, ""}
    for at in range(64):
        for letter in "yz\x01é":
            texts.add("x" * at + letter + "x" * (63 - at))
    keys = keys_of(sorted(texts))
    # both halves tell all of them apart, and so does each of their bytes at some place: no bit is dead
    for half in keys.T:
        assert len(set(half.tolist())) == len(texts)
        bits = (half[:, np.newaxis] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)
        assert (np.abs(bits.mean(axis=0) - 0.5) < 0.2).all()


def test_a_growing_array_holds_what_was_appended() -> None:
    array = GrowingArray(np.int32)
    for start in range(0, 5000, 700):
        array.append(np.arange(start, min(start + 700, 5000), dtype=np.int32))
    assert array.values.tolist() == list(range(5000))
    assert len(array) == 5000


def test_keys_that_share_a_half_are_distinguished() -> None:
    keys = np.random.default_rng(3).integers(0, 5, (400, 2)).astype(np.uint64)
    table, expected = KeyTable(), dict[tuple[int, int], int]()
    for part in np.split(keys, [150, 160]):
        wanted = [expected.setdefault((low, high), len(expected)) for low, high in part.tolist()]
        assert table.numbers(part).tolist() == wanted
    assert len(table) == 25


@pytest.mark.parametrize("size", [0, 1])
def test_nothing_and_one(size: int) -> None:
    table = KeyTable()
    texts = ["a"][:size]
    assert table.numbers(keys_of(texts)).tolist() == list(range(size))
    assert table.numbers(keys_of(texts)).tolist() == list(range(size))
