"""Running a command in a network of its own, with the loopback device and nothing else.

On start Ray looks for the machine's outside address and prefers it to 127.0.0.1; where there is no other
device, the test's cluster can be reached by nobody and its name of itself is always the same.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LOOPBACK = ("unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")
SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_worker_niceness": "0",  # at Ray's 15 the tests beside it leave a worker a sixth of its pace
}
"""What Ray takes from its environment."""
PATIENCE = 200.0
"""Seconds after which a command that hangs is given up."""


def why_not() -> str | None:
    """Why no cluster can be started in such a network here; None when it can."""
    if importlib.util.find_spec("ray") is None:
        return "Ray is not installed (pip install ray)"
    for tool, package in (("unshare", "util-linux"), ("ip", "iproute2")):
        if shutil.which(tool) is None:
            return f"no command `{tool}` (of {package}), which makes a network of the test's own"
    tried = subprocess.run([*LOOPBACK, "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        return f"no network of the test's own can be had: {' '.join(tried.stderr.split())}"
    return None


@dataclass(frozen=True)
class Alone:
    """Starts Python programs in a network of their own and a home of their own."""

    home: Path

    def start(self, arguments: Sequence[str | Path]) -> "subprocess.Popen[str]":
        """Start `python ARGUMENTS...`; its number is the program's own, so that it can be killed."""
        return subprocess.Popen(
            [*LOOPBACK, sys.executable, *map(str, arguments)],
            env=os.environ | {"HOME": str(self.home), **SETTINGS},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, arguments: Sequence[str | Path]) -> "subprocess.CompletedProcess[str]":
        """Run `python ARGUMENTS...` to its end."""
        process = self.start(arguments)
        try:
            out, err = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def segue(self, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
        """Run `segue ARGUMENTS...` to its end."""
        return self.run(["-m", "segue", *arguments])
