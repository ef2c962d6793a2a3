"""What the sources must never hold: code run from data, shells, tokens."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for part in ("core", "tui") for path in (ROOT / part).rglob("*.py"))
EVERYTHING = sorted(
    path
    for part in ("core", "tui", "tests", "benchmarks", "docs", "requirements")
    for path in (ROOT / part).rglob("*")
    if path.suffix in {".py", ".md", ".toml", ".tcss", ".sh", ".lock", ".txt", ".json"}
)

FORBIDDEN_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "telnetlib"}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__", "breakpoint", "input"}
FORBIDDEN_METHODS = {
    "os.system", "os.popen", "os.execv", "os.spawnv", "subprocess.getoutput", "subprocess.getstatusoutput",
    "tempfile.mktemp", "ssl._create_unverified_context", "pd.read_pickle", "yaml.load", "torch.load",
}  # fmt: skip
WRITES_PICKLES = {"core/synthetic/world.py"}
"""`segue world` writes the form of the public Deezer files, a pickle. It is read without unpickling."""
BECOMES_FFMPEG = "core/audio/child.py"
"""The child that decodes a file takes on its limits, then becomes the ffmpeg that its parent names."""

TOKENS = re.compile(
    r"ghp_\w{20}|github_pat_\w{20}|sk-[A-Za-z0-9]{20}|AKIA[0-9A-Z]{16}|xox[abp]-\w{10}|hf_[A-Za-z0-9]{30}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY|eyJ[A-Za-z0-9_-]{20,}\.eyJ|pypi-[A-Za-z0-9_-]{30}"
    r"|(?i:(?:api_?key|secret|password|access_?token)\s*[:=]\s*[\"'][A-Za-z0-9+/_-]{12,}[\"'])"
)


def named(node: ast.expr) -> str:
    """The dotted name of a call, such as `os.system`."""
    if isinstance(node, ast.Attribute):
        return f"{named(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def findings(tree: ast.AST, where: str) -> Iterator[str]:
    """What a module does that it must not."""
    for node in ast.walk(tree):
        at = f"{where}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Import):
            imported = {alias.name.partition(".")[0] for alias in node.names}
        else:
            imported = {(node.module or "").partition(".")[0]} if isinstance(node, ast.ImportFrom) else set()
        if bad := imported & FORBIDDEN_MODULES:
            yield f"{at} imports {bad}"
        if isinstance(node, ast.Call):
            yield from _of_call(node, at, where)


def _of_call(node: ast.Call, at: str, where: str) -> Iterator[str]:
    name = named(node.func)
    if name in FORBIDDEN_CALLS | FORBIDDEN_METHODS and (name, where) != ("os.execv", BECOMES_FFMPEG):
        yield f"{at} calls {name}"
    for keyword in node.keywords:
        value = keyword.value
        true = isinstance(value, ast.Constant) and value.value is True
        false = isinstance(value, ast.Constant) and value.value is False
        if keyword.arg == "shell" and not false:
            yield f"{at} asks a shell"
        if keyword.arg == "allow_pickle" and not false and not (true and where in WRITES_PICKLES):
            yield f"{at} allows pickles"
        if keyword.arg == "verify" and false:
            yield f"{at} trusts any certificate"
    if name in {"np.load", "numpy.load"} and not any(word.arg == "allow_pickle" for word in node.keywords):
        yield f"{at} loads without saying allow_pickle=False"


def test_no_source_runs_what_it_reads_or_asks_a_shell() -> None:
    assert len(SOURCES) > 200
    found = [
        finding
        for path in SOURCES
        for finding in findings(ast.parse(path.read_text("utf-8")), path.relative_to(ROOT).as_posix())
    ]
    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from joblib import load", "eval(x)", "exec(x)", "os.system(x)", "run(x, shell=True)",
        "np.load(p, allow_pickle=True)", "np.load(p)", "requests.get(u, verify=False)", "run(x, shell=y)",
    ],
)  # fmt: skip
def test_the_search_finds_what_it_looks_for(code: str) -> None:
    assert list(findings(ast.parse(code), "some/file.py"))


def test_no_file_holds_anything_like_a_token() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match[0][:12]}"
        for path in EVERYTHING
        if path != Path(__file__)
        for match in TOKENS.finditer(path.read_text("utf-8", errors="replace"))
    ]
    assert found == []


def test_every_locked_package_is_pinned_by_hash() -> None:
    for lock in sorted((ROOT / "requirements").glob("*.lock")):
        text = lock.read_text("utf-8").replace("\\\n", " ")
        packages = [line for line in text.splitlines() if line and not line.startswith(("#", " "))]
        assert packages
        for line in packages:
            assert re.match(r"[\w.\[\]-]+==\S+", line), line
            assert "--hash=sha256:" in line, line
    recipes = (ROOT / "Makefile").read_text("utf-8")
    assert recipes.count("-r requirements/") == recipes.count("--require-hashes")
