"""Fuzz every door for as long as you like: `python -m tests.fuzz.long --minutes 30`.

Each door's files are damaged by its own ways, which keep their outer form, and in their bytes. With
`--guided --target NAME` coverage leads, where atheris is installed (`pip install atheris`). Whatever breaks a
door is kept in `tests/fuzz/found`, and the test suite tries it ever after. The same `--seed` gives a door the
same inputs, so that what broke on another machine can be had again here.
"""

import argparse
import hashlib
import logging
import random
import sys
import time
import traceback
import warnings
from collections import Counter

from tests.fuzz.structure import anyhow
from tests.fuzz.targets import Target, all_targets
from tests.fuzz.test_fuzz import FOUND, slug

SLOW = 10.0
"""Seconds of processor time after which an input is a finding, too."""


class Findings:
    """What broke, each place once."""

    def __init__(self) -> None:
        self.places: Counter[str] = Counter()
        self.tried = 0

    def attempt(self, target: Target, data: bytes) -> None:
        """Try the bytes; keep them when they break the door at a new place."""
        self.tried += 1
        began = time.process_time()
        try:
            target.run(data)
            if (took := time.process_time() - began) > SLOW:
                raise AssertionError(f"{took:.0f} s of processor time")  # noqa: TRY301 - kept as the others are
        except Exception as error:  # noqa: BLE001 - anything at all is a finding
            last = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{target.name}: {type(error).__name__} at {last.filename}:{last.lineno}"
            self.places[place] += 1
            if self.places[place] == 1:
                FOUND.mkdir(exist_ok=True)
                name = f"{slug(target.name)}-{hashlib.sha256(data).hexdigest()[:12]}"
                (FOUND / name).write_bytes(data)
                print(f"{place}: {error!r:.120} -> {name}", flush=True)  # noqa: T201 - a tool's output


def by_structure(target: Target, seconds: float, rng: random.Random, findings: Findings) -> None:
    """Damage the target's seeds until the time is up."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        findings.attempt(target, target.damaged(rng))


def guided(name: str, seconds: float, seed: int, findings: Findings) -> None:
    """Let the coverage of Segue choose what to damage further; ends the process when the time is up."""
    import atheris

    for module in [module for module in sys.modules if module.startswith("segue.")]:
        del sys.modules[module]  # to be read again, with counters in its code
    for module in [module for module in sys.modules if module.startswith("tests.") and module != __name__]:
        del sys.modules[module]
    with atheris.instrument_imports(include=["segue"]):
        from segue.core.errors import SegueError  # noqa: F401 - the first of those to be read again
        from tests.fuzz import targets

        target = next(target for target in targets.all_targets() if name in target.name)
        for given in target.seeds:
            target.run(given)  # reads what is only imported inside functions

    def attempt(data: bytes) -> None:
        findings.attempt(target, data)

    def custom(data: bytes, most: int, number: int) -> bytes:
        rng = random.Random(number)
        base = data if data and rng.random() < 0.7 else rng.choice(target.seeds)
        if rng.random() < 0.4:
            return bytes(atheris.Mutate(base, most))
        try:
            return rng.choice((anyhow, *target.damages))(base, rng)[:most]
        except Exception:  # noqa: BLE001 - what was damaged before may not be taken apart again
            return anyhow(base, rng)[:most]

    longest = max(100_000, *(len(given) * 2 for given in target.seeds))
    arguments = [f"-max_total_time={int(seconds)}", f"-seed={seed + 1}", f"-max_len={longest}"]
    atheris.Setup([sys.argv[0], *arguments], attempt, custom_mutator=custom)
    atheris.Fuzz()


def main() -> int:
    """Share the time among the targets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5, help="in all")
    parser.add_argument("--target", default="", help="only targets whose name has this in it")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--guided", action="store_true", help="one target, by coverage, with atheris")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable()
    findings = Findings()
    if args.guided:
        guided(args.target, args.minutes * 60, args.seed, findings)
        return 0
    targets = [target for target in all_targets() if args.target in target.name]
    for target in targets:
        rng = random.Random(
            f"{args.seed} {target.name}"
        )  # a door's inputs are the same whatever the others do
        before = findings.tried
        by_structure(target, args.minutes * 60 / len(targets), rng, findings)
        print(f"  {target.name}: {findings.tried - before:,} inputs", flush=True)  # noqa: T201 - a tool's output
    print(f"{findings.tried:,} inputs at {len(targets)} doors, {len(findings.places)} places broke")  # noqa: T201 - its result
    return 1 if findings.places else 0


if __name__ == "__main__":
    sys.exit(main())
