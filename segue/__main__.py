"""`python -m segue`: the same as the command `segue`."""

import sys

from segue.tui.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
