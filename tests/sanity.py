"""Run ansible-test sanity on a copy of what git holds, under the collection's own name.

ansible-test wants to stand in …/ansible_collections/labs/mail, really and not by a symbolic link.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COPY = ROOT / ".cache" / "sanity" / "ansible_collections" / "labs" / "mail"
HOME = ROOT / ".cache" / "sanity" / "home"
BOOTSTRAP = "import ensurepip\n\nensurepip.bootstrap()\n"


def bootstrap_pip() -> None:
    """Put what ansible-test would fetch from the Internet to install pip where it looks first."""
    requirements = (files("ansible_test") / "_internal/python_requirements.py").read_text()
    version = re.search(r"\bpip='([\d.]+)'", requirements).group(1).replace(".", "_")
    script = HOME / ".ansible" / "test" / "cache" / f"get_pip_{version}.py"
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(BOOTSTRAP)


def copy() -> None:
    """Copy the files that git knows, changed or new, into an empty folder."""
    shutil.rmtree(COPY, ignore_errors=True)
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(
        listing, cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\n"):
        source = ROOT / name
        if name and source.exists():
            target = COPY / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)
    subprocess.run(["git", "init", "-q"], cwd=COPY, check=True)
    subprocess.run(["git", "add", "-A"], cwd=COPY, check=True)


def main() -> int:
    """Run the tests; return the exit code."""
    copy()
    bootstrap_pip()
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    environment = {**os.environ, "HOME": str(HOME)}
    command = ["ansible-test", "sanity", "--color", "no", "--python", version]
    return subprocess.run(
        [*command, *sys.argv[1:]], cwd=COPY, env=environment, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
