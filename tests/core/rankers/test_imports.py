"""What the rankers must not drag into a process that shows neighbours."""

import subprocess
import sys


def test_importing_the_rankers_is_light() -> None:
    code = (
        "import sys, core.rankers, core.neighbours\n"
        "heavy = ('scipy', 'sklearn', 'pandas', 'tensorflow', 'keras', 'textual')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
