"""Standard streams that are closed, full, read by nobody, without UTF-8, or no terminal."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from segue.core.library import Library
from tests.tui.support import write_small_library

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return write_small_library(tmp_path_factory.mktemp("small") / "small", evaluated=True)


def shell(script: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line of shell in which `segue` is Segue, and no stream is a terminal."""
    segue = f'segue() {{ {shlex.quote(sys.executable)} -m segue "$@"; }}; '
    return subprocess.run(
        ["bash", "-c", segue + script],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )


VERBS = ["search Rail", "search Rail --json", "neighbours Salt", "libraries", "locate --json", "artist Oda"]


@pytest.mark.slow
@pytest.mark.parametrize("verb", VERBS)
def test_a_closed_output_is_no_reason_to_fail(verb: str, small: Library) -> None:
    where = "" if verb.startswith(("libraries", "locate")) else f"-l {small.path}"
    for closed in (">&-", ">&- <&-", ">&- 2>&- <&-", "2>&-"):
        done = shell(f"segue {verb} {where} {closed}")
        assert done.returncode == 0, (closed, done.stderr)
        assert b"unexpected" not in done.stderr


def test_closed_streams_do_not_lead_into_files(small: Library, tmp_path: Path) -> None:
    done = shell(f"segue export-vectors -l {small.path} --out {tmp_path / 'v.npy'} <&- >&- 2>&-")
    assert done.returncode == 0
    assert shell(f"segue export-vectors -l {small.path} --out {tmp_path / 'w.npy'}").returncode == 0
    assert (tmp_path / "v.npy").read_bytes() == (tmp_path / "w.npy").read_bytes()


@pytest.mark.parametrize("verb", ["search Rail", "search Rail --json", "neighbours Salt"])
def test_a_full_output_is_said_in_one_line(verb: str, small: Library) -> None:
    done = shell(f"segue {verb} -l {small.path} > /dev/full")
    assert done.returncode == 1
    last = done.stderr.decode().splitlines()[-1]
    assert "the disk is full" in last
    assert "unexpected" not in last


@pytest.mark.parametrize("verb", ["search a -n 5000", "search a -n 5000 --json", "neighbours Salt", "--help"])
def test_a_reader_that_goes_is_no_error(verb: str, small: Library) -> None:
    where = f"-l {small.path}" if verb != "--help" else ""
    done = shell(f"segue {verb} {where} | true; exit ${{PIPESTATUS[0]}}")
    assert done.returncode in {0, 1}
    assert b"Traceback" not in done.stderr
    assert b"unexpected" not in done.stderr


@pytest.mark.slow  # `doctor` asks the network and every device, each time
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_letters_that_a_stream_has_not_are_replaced_or_escaped(encoding: str, small: Library) -> None:
    how = {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"}
    for verb in ("search e", "neighbours Hoppipolla", "metrics", "artist Oda", "state", "doctor"):
        where = f"-l {small.path}" if verb not in {"state", "doctor"} else ""
        done = shell(f"segue {verb} {where}", **how)
        assert b"unexpected" not in done.stderr, verb
        done.stdout.decode(encoding)
    done = shell(f"segue search Hoppipolla -l {small.path} --json", **how)
    assert done.returncode == 0
    assert json.loads(done.stdout.decode(encoding))[0]["title"] == "Hoppípolla á þaki"


@pytest.mark.parametrize("how", ["", "< /dev/null", "<&-", "2>&-", "> /dev/null"])
def test_the_explorer_says_that_it_needs_a_terminal(how: str, small: Library) -> None:
    done = shell(f"segue -l {small.path} {how}")
    assert done.returncode == 2
    assert not done.stdout, "nothing is drawn"
    if how != "2>&-":
        assert done.stderr.decode().splitlines() == [
            "segue: the explorer needs a terminal; programs use the verbs that `segue --help` lists"
        ]
