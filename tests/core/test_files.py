"""Atomic writing, broken on purpose."""

import re
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from segue.core.files import atomic_file, atomic_folder, restore_folder


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file.txt"
    with atomic_file(path) as temporary:
        temporary.write_text("first")
        assert not path.exists()
    with atomic_file(path) as temporary:
        temporary.write_text("second")
        assert path.read_text() == "first"
    assert path.read_text() == "second"
    assert names(path.parent) == ["file.txt"]


def test_an_error_leaves_the_old_file_and_no_litter(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text("old")

    def fail() -> None:
        with atomic_file(path) as temporary:
            temporary.write_text("half")
            raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        fail()
    assert path.read_text() == "old"
    assert names(tmp_path) == ["file.txt"]


def test_a_folder_takes_the_place_of_a_full_one(tmp_path: Path) -> None:
    path = tmp_path / "library"
    for content in ("first", "second"):
        with atomic_folder(path) as temporary:
            (temporary / "inner").mkdir()
            (temporary / "inner" / "file").write_text(content)
        assert (path / "inner" / "file").read_text() == content
    assert names(tmp_path) == ["library"]


def test_an_error_leaves_the_old_folder(tmp_path: Path) -> None:
    path = tmp_path / "library"
    with atomic_folder(path) as temporary:
        (temporary / "file").write_text("old")

    def fail() -> None:
        with atomic_folder(path) as temporary:
            (temporary / "file").write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert (path / "file").read_text() == "old"
    assert names(tmp_path) == ["library"]


def test_a_kill_between_the_two_renames_is_repaired(tmp_path: Path) -> None:
    path = tmp_path / "library"
    aside = tmp_path / ".library.old"
    aside.mkdir()
    (aside / "file").write_text("old")
    restore_folder(path)
    assert (path / "file").read_text() == "old"
    assert not aside.exists()


def test_what_a_killed_writer_left_is_swept_by_the_next(tmp_path: Path) -> None:
    script = textwrap.dedent("""
        import os, signal, sys
        from pathlib import Path
        from segue.core.files import atomic_folder
        with atomic_folder(Path(sys.argv[1])) as temporary:
            (temporary / "half").write_text("x")
            os.kill(os.getpid(), signal.SIGKILL)
    """)
    path = tmp_path / "library"
    done = subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert not path.exists()
    assert len(names(tmp_path)) == 1
    with atomic_folder(path) as temporary:
        (temporary / "file").write_text("whole")
    assert names(tmp_path) == ["library"]


def test_what_is_written_is_on_the_disk_before_it_gets_its_name(tmp_path: Path) -> None:
    """As a tracer sees it: the contents first, then the name, then the folder that holds it."""
    script = """
    import sys
    from pathlib import Path
    from segue.core.files import atomic_file, atomic_folder
    with atomic_file(Path(sys.argv[1], "file")) as temporary:
        temporary.write_text("text")
    with atomic_folder(Path(sys.argv[1], "folder")) as temporary:
        (temporary / "inside").write_text("text")
    """
    log = tmp_path / "log"
    strace = ["strace", "-f", "-y", "-e", "trace=fsync,fdatasync,rename,renameat,renameat2", "-o", str(log)]
    if shutil.which("strace") is None or subprocess.run([*strace, "true"], check=False).returncode:
        pytest.skip("strace is not installed, or may not trace here")
    subprocess.run([*strace, sys.executable, "-c", textwrap.dedent(script), str(tmp_path)], check=True)
    calls = [line for line in log.read_text().splitlines() if str(tmp_path) in line]
    folder = re.escape(str(tmp_path))
    orders = (
        rf"fsync\(\d+<{folder}/\.file\.[^/]*tmp>\)",
        rf"rename.*\"{folder}/file\"",
        rf"fsync\(\d+<{folder}>\)",
        rf"fsync\(\d+<{folder}/\.folder\.[^/]*tmp/inside>\)",
        rf"fsync\(\d+<{folder}/\.folder\.[^/]*tmp>\)",
        rf"rename.*\"{folder}/folder\"",
        rf"fsync\(\d+<{folder}>\)",
    )
    assert len(calls) == len(orders), calls
    for call, order in zip(calls, orders, strict=True):
        assert re.search(order, call), (call, order)
