"""No import circles, no quaint words, and CONTRIBUTING walks by files and names that exist."""

import re
from pathlib import Path

import grimp
import pytest


@pytest.mark.parametrize("package", ["segue.core", "segue.tui"])
def test_no_module_imports_itself_by_way_of_others(package: str) -> None:
    graph = grimp.build_graph("segue", cache_dir=None)
    modules = {name for name in graph.modules if name == package or name.startswith(f"{package}.")}
    circles = []
    for module in sorted(modules):
        for imported in graph.find_modules_directly_imported_by(module) & modules:
            back = graph.find_shortest_chain(imported, module)
            if back is not None:
                circles.append(" -> ".join([module, *back]))
    assert circles == []


def test_contributing_names_files_and_functions_that_exist() -> None:
    root = Path(__file__).parent.parent
    files = {
        path.relative_to(root).as_posix(): path
        for top in ("core", "tui", "tests")
        for path in (root / top).rglob("*.py")
    }
    named = re.findall(r"`((?:\w+/)*\w+\.py)(?:: ([\w, ]+))?`", (root / "CONTRIBUTING.md").read_text("utf-8"))
    for file, names in named:
        if "NAME" in file:
            continue  # how to add one
        texts = [path.read_text("utf-8") for name, path in files.items() if f"/{name}".endswith(f"/{file}")]
        assert texts, file
        for name in names.split(", ") if names else ():
            assert any(re.search(rf"\b{name}\b", text) for text in texts), (file, name)
    assert len(named) > 30
    paths = re.findall(r"`((?:\.ci|\w+)/[\w./]*)`", (root / "CONTRIBUTING.md").read_text("utf-8"))
    missing = [each for each in paths if not any((top / each).exists() for top in (root, root / "tui"))]
    assert [each for each in missing if "NAME" not in each and "__" not in each] == []
    assert len(paths) > 30


QUAINT = re.compile(
    r"foretell|foretold| heed|Give the |Be told|\banew\b|\btold\b|shun_|class (?:Said|Heard|Deed|Desk)\b"
    r"|Desk\(|call_off|set_off\b|tell_moved|AFRESH|law of the|in truth|mend the|speak to the running"
    r"|trained apart|greatest weight|hoever |; whence|\bamid\b|excerpt|homeless|doings|after all\."
    r"|\b[Kk]nob|guess(?:es of|ing by)"
    r"|is at its end|knows? no |asks? nothing|without a bottom"
    r"|(?:(?<![Tt]here )\bis|(?<!here )\bare) no (?!longer|more|less)"
)
"""What a native engineer would not write; the glossary of CONTRIBUTING has the words in their place."""


def test_the_words_are_those_of_the_field() -> None:
    root = Path(__file__).parent.parent
    files = [
        path for top in ("core", "tui", "tests", "docs", "benchmarks") for path in (root / top).rglob("*")
    ]
    texts = {
        path.relative_to(root).as_posix(): path.read_text("utf-8")
        for path in [*files, *root.glob("*.md")]
        if path.suffix in {".py", ".md"} and path.name not in {Path(__file__).name, "CHANGELOG.md"}
    }
    assert [(file, found) for file, text in texts.items() for found in QUAINT.findall(text)] == []
