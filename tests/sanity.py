"""Run ansible-test sanity on a copy of the collection, under its own name.

ansible-test wants to stand in …/ansible_collections/labs/mail, really and not by a symbolic link.
The copy has what users install; with --whole it has all that git holds, launcher and tests too.
"""

from __future__ import annotations

import fnmatch
import itertools
import os
import re
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
COPY = ROOT / ".cache" / "sanity" / "ansible_collections" / "labs" / "mail"
HOME = ROOT / ".cache" / "sanity" / "home"
BOOTSTRAP = """
import ensurepip, pathlib, sysconfig, zipfile

bundled = sorted(pathlib.Path(ensurepip.__file__).with_name("_bundled").glob("pip-*.whl"))
if bundled:
    zipfile.ZipFile(bundled[-1]).extractall(sysconfig.get_path("purelib"))
else:
    ensurepip.bootstrap()
"""
"""Puts pip into a new environment: unpacked, since to compile it takes longer than its few runs."""


def bootstrap_pip() -> None:
    """Put what ansible-test would fetch from the Internet to install pip where it looks first."""
    requirements = (files("ansible_test") / "_internal/python_requirements.py").read_text()
    version = re.search(r"\bpip='([\d.]+)'", requirements).group(1).replace(".", "_")
    script = HOME / ".ansible" / "test" / "cache" / f"get_pip_{version}.py"
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(BOOTSTRAP)


def is_shipped(name: str, ignored: list[str]) -> bool:
    """Tell whether a file is in the archive of the collection: as ansible-galaxy does."""
    paths = itertools.accumulate(name.split("/"), "{}/{}".format)
    return not any(fnmatch.fnmatch(path, each) for path in paths for each in ignored)


def copy(whole: bool) -> None:
    """Copy files that git knows, changed or new, into an empty folder."""
    shutil.rmtree(COPY, ignore_errors=True)
    ignored = [] if whole else yaml.safe_load((ROOT / "galaxy.yml").read_text())["build_ignore"]
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(
        listing, cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\n"):
        source = ROOT / name
        if name and source.exists() and is_shipped(name, ignored):
            target = COPY / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)
    subprocess.run(["git", "init", "-q"], cwd=COPY, check=True)
    subprocess.run(["git", "add", "-A"], cwd=COPY, check=True)


def main(arguments: list[str]) -> int:
    """Run the tests; return the exit code."""
    copy("--whole" in arguments)
    bootstrap_pip()
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    environment = {**os.environ, "HOME": str(HOME)}
    command = ["ansible-test", "sanity", "--color", "no", "--python", version]
    own = [argument for argument in arguments if argument != "--whole"]
    return subprocess.run([*command, *own], cwd=COPY, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
