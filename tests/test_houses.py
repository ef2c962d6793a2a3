"""No import circles, TYPE_CHECKING included; and CONTRIBUTING walks by files and names that exist."""

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
