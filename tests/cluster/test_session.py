"""Connecting to a cluster, and what is reported where none can be had."""

import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from segue.core.cluster import connect
from segue.core.errors import SegueError, UsageError
from tests.cluster.alone import Alone

ROOT = Path(__file__).parents[2]
PROGRAM = """
import os, signal
from pathlib import Path
from segue.core.cluster import connect
from segue.core.cluster.session import check_address
from segue.core.errors import SegueError

def mine(*_): pass

signal.signal(signal.SIGTERM, mine)
with connect("local", processes=2) as ray:
    ask = ray.remote(num_cpus=1)(lambda number: (number * number, os.getpid()))
    answers = ray.get([ask.remote(number) for number in range(4)])
    print([square for square, _ in answers], os.getpid() in {pid for _, pid in answers})
    print(signal.getsignal(signal.SIGTERM) is mine, ray.cluster_resources()["CPU"])
    check_address(ray.get_runtime_context().gcs_address)
    folder = Path(ray.get_runtime_context().get_temp_dir())
    print("to others:", oct(folder.parent.stat().st_mode & 0o77))

def fail():
    raise SegueError("file.txt: is damaged; fix it")

try:
    with connect("local", processes=1) as ray:
        ray.get(ray.remote(fail).remote())
except SegueError as error:
    print(error)
print(ray.is_initialized())
"""


@pytest.mark.usefixtures("_without_ray")
@pytest.mark.parametrize("address", ["local", "head:6379"])
def test_without_ray_one_line_says_what_to_install(address: str) -> None:
    with (
        pytest.raises(SegueError, match=r"^--cluster needs Ray.*pip install ray$"),
        connect(address),
    ):
        pass


@pytest.mark.parametrize("address", ["head", "head:", ":port", "", "ray://head:10001"])
def test_what_is_no_address_is_refused(address: str) -> None:
    from segue.core.cluster.session import check_address

    with pytest.raises(UsageError, match="HOST:PORT"):
        check_address(address)


def test_an_address_at_which_nobody_listens_is_refused_at_once() -> None:
    from segue.core.cluster.session import check_address

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and not listening
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(SegueError, match=f"^{address}: no answer .*ray start --head"):
            check_address(address)


@pytest.mark.slow
@pytest.mark.xdist_group("ray")
def test_a_local_cluster_works_says_nothing_and_leaves_nothing(alone: Alone, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    done = alone.run([program])
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "[0, 1, 4, 9] False",
        "True 2.0",
        "to others: 0o0",
        "file.txt: is damaged; fix it",
        "False",
    ]
    assert list(alone.home.iterdir()) == []


ENDS = """
import os, signal, sys
from segue.core.cluster.session import last_words

with last_words("head:6379"):
    print("begun", flush=True)
    if sys.argv[1] == "abort":
        os.abort()
    elif sys.argv[1] == "exit":
        os._exit(1)
    elif sys.argv[1] == "error":
        raise SystemExit("one line")
"""


@pytest.mark.parametrize("how", ["abort", "exit", "error", "return"])
def test_a_command_that_rays_own_code_ends_is_explained(how: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ENDS, how], cwd=ROOT, capture_output=True, text=True, check=False, timeout=100
    )
    assert done.stdout == "begun\n"
    expected = {"error": "one line\n", "return": ""}.get(how)
    if expected is None:
        assert done.returncode
        expected = (
            "segue: head:6379: Ray ended the command, or it was killed; run it again, finished work is kept\n"
        )
    assert done.stderr == expected


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", b""])
def test_a_port_at_which_something_else_listens_is_refused(answer: bytes) -> None:
    from segue.core.cluster.session import check_address

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()

        def speak() -> None:
            line, _ = other.accept()
            with line:
                line.recv(100)
                line.sendall(answer)

        thread = threading.Thread(target=speak)
        thread.start()
        with pytest.raises(SegueError, match="what listens there is not a Ray cluster; start a cluster"):
            check_address(f"127.0.0.1:{other.getsockname()[1]}")
        thread.join()
