"""python -m launcher: what ./lab and make run."""

from __future__ import annotations

import sys

from launcher.command import complete, main

if __name__ == "__main__":
    complete()
    sys.exit(main(sys.argv[1:]))
