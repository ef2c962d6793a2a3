"""Fuzz every door for as long as you like: `python -m tests.fuzz.long --minutes 30`.

Coverage guides the damage where atheris is installed (`pip install atheris`); otherwise it is blind. Whatever
breaks a door is kept in `tests/fuzz/found`, and the test suite tries it ever after.
"""

import argparse
import hashlib
import random
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable

from tests.fuzz.mutate import TELLING
from tests.fuzz.targets import Target, all_targets
from tests.fuzz.test_fuzz import FOUND, slug


def damage(data: bytes, rng: random.Random) -> bytes:
    """Damage bytes in up to six places."""
    for _ in range(rng.randint(1, 6)):
        start, length = int(rng.random() * len(data)), rng.choice((0, 1, 1, 2, 4, 8, 64, 1_000_000))
        new = rng.choice((b"", rng.randbytes(rng.randint(0, 8)), rng.choice(TELLING)))
        data = data[:start] + new + data[start + length :]
    return data


class Findings:
    """What broke, each place once."""

    def __init__(self) -> None:
        self.places: Counter[str] = Counter()
        self.tried = 0

    def attempt(self, target: Target, data: bytes) -> None:
        """Try the bytes; keep them when they break the door at a new place."""
        self.tried += 1
        try:
            target.run(data)
        except Exception as error:  # noqa: BLE001 - anything at all is a finding
            last = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{target.name}: {type(error).__name__} at {last.filename}:{last.lineno}"
            self.places[place] += 1
            if self.places[place] == 1:
                FOUND.mkdir(exist_ok=True)
                name = f"{slug(target.name)}-{hashlib.sha256(data).hexdigest()[:12]}"
                (FOUND / name).write_bytes(data)
                print(f"{place}: {error!r:.120} -> {name}", flush=True)  # noqa: T201 - a tool's output


def blindly(target: Target, seconds: float, rng: random.Random, findings: Findings) -> None:
    """Damage the target's seeds until the time is up."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        findings.attempt(target, damage(rng.choice(target.seeds), rng))


def guided(target: Target, seconds: float, seed: int, findings: Findings) -> Callable[[], None]:
    """Set atheris up for one target; it ends the process when its time is up."""
    import atheris

    def attempt(data: bytes) -> None:
        findings.attempt(target, data)

    def custom(data: bytes, most: int, number: int) -> bytes:
        rng = random.Random(number)
        base = data if data and rng.random() < 0.7 else rng.choice(target.seeds)
        return bytes(atheris.Mutate(base, most)) if rng.random() < 0.5 else damage(base, rng)[:most]

    arguments = [
        sys.argv[0],
        f"-max_total_time={int(seconds)}",
        f"-seed={seed + 1}",
        "-max_len=20000",
        "-verbosity=0",
    ]
    atheris.Setup(arguments, attempt, custom_mutator=custom)
    return atheris.Fuzz  # type: ignore[no-any-return]  # untyped


def main() -> int:
    """Share the time among the targets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5, help="in all")
    parser.add_argument("--target", default="", help="only targets whose name has this in it")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--guided", action="store_true", help="one target, by coverage, with atheris")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    targets = [target for target in all_targets() if args.target in target.name]
    findings = Findings()
    if args.guided:
        run = guided(targets[0], args.minutes * 60, args.seed, findings)
        run()
        return 0
    rng = random.Random(args.seed)
    for target in targets:
        blindly(target, args.minutes * 60 / len(targets), rng, findings)
    print(f"{findings.tried:,} inputs at {len(targets)} doors, {len(findings.places)} places broke")  # noqa: T201
    return 1 if findings.places else 0


if __name__ == "__main__":
    sys.exit(main())
