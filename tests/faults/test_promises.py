"""Every test that the pages on reliability and security name is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ("docs/reliability.md", "SECURITY.md")
NAMED = [
    (page, name)
    for page in PAGES
    for name in sorted(set(re.findall(r"`(tests/[\w/.:]+)`", (ROOT / page).read_text(encoding="utf-8"))))
]


@pytest.mark.parametrize(("page", "name"), NAMED)
def test_a_named_test_exists_and_tests(page: str, name: str) -> None:
    name, _, function = name.partition("::")
    path = ROOT / name
    files = [path] if path.is_file() else [*path.rglob("test_*.py")]
    if path.name == "found":
        assert list(path.iterdir()), f"{page} names {name}, which is empty"
    else:
        assert any(f"def {function or 'test_'}" in file.read_text(encoding="utf-8") for file in files), (
            f"{page} names {name}"
        )


@pytest.mark.parametrize("page", PAGES)
def test_every_promise_names_something_that_holds_it(page: str) -> None:
    rows = [
        line.split(" | ")
        for line in (ROOT / page).read_text(encoding="utf-8").splitlines()
        if line.startswith("| ") and not line.startswith("| promise")
    ]
    assert len(rows) > 5
    assert all("`" in row[1] or row[1] == "the same" for row in rows)
