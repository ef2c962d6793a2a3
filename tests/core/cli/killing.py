"""A command that is killed at random moments and run again, in processes that have its modules already."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Mapping, Sequence

SCRIPT = """
import importlib, json, os, signal, sys, time

arguments, modules, moments, longest, elsewhere = map(json.loads, sys.argv[1:])
from segue.core.cli import main
for module in modules:
    importlib.import_module(module)

def run(moment=None, **environment):
    child = os.fork()
    if not child:
        os.environ.update(environment)
        os._exit(main(arguments))
    if moment is not None:
        time.sleep(moment)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

if elsewhere:
    began = time.monotonic()
    assert run(**elsewhere) == 0
    longest = time.monotonic() - began
print(json.dumps([*(run(moment * longest) for moment in moments), run()]))
"""


def killed_and_run(
    arguments: Sequence[str],
    *,
    modules: Sequence[str],
    times: int = 8,
    longest: float = 0.4,
    elsewhere: Mapping[str, str] | None = None,
    seed: int = 5,
) -> list[int]:
    """Run a command `times` times to a random moment and then to its end; the exit status of each run.

    Parameters
    ----------
    arguments
        Those of `segue`.
    modules
        What the command imports.
    times, longest, seed
        How often it is killed, after how many seconds at most, and where the moments come from.
    elsewhere
        Variables of the environment with which the command is first run to its end: what it writes then is
        to be compared with, and the time that it takes is `longest`.
    """
    rng = random.Random(seed)
    moments = [rng.random() for _ in range(times)]
    parts = [json.dumps(part) for part in (list(arguments), list(modules), moments, longest, elsewhere)]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *parts], check=True, capture_output=True, text=True, env=os.environ
    )
    ended: list[int] = json.loads(done.stdout.splitlines()[-1])
    return ended
