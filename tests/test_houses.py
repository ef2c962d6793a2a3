"""No import circles, TYPE_CHECKING included."""

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
