"""Make runs the same whatever shell they are started from: locale, directories, umask, proxies."""

from __future__ import annotations

import os
import pwd
import tempfile
from pathlib import Path

from launcher.language import language

LONGEST = 60
"""Characters of a directory in which sockets still have short enough names (unix(7): 107)."""

NEVER_BY_PROXY = "localhost,127.0.0.1,::1"


def prepare(given: dict[str, str] | os._Environ[str] | None = None) -> None:
    """Set what Ansible, Mitogen, ssh and the Docker SDK are particular about."""
    environment = os.environ if given is None else given
    os.umask(0o022)
    environment["LAB_LANGUAGE"] = language()
    # The one locale that every machine has. A forwarded LANG often is not there (ssh's SendEnv).
    for name in [name for name in environment if name.startswith("LC_") or name == "LANGUAGE"]:
        del environment[name]
    environment["LANG"] = environment["LC_ALL"] = "C.UTF-8"
    if not Path(environment.get("HOME") or "-").is_dir():
        environment["HOME"] = home()
    if len(environment.get("TMPDIR", "")) > LONGEST:
        environment["TMPDIR"] = "/tmp"
        tempfile.tempdir = None
    environment["ANSIBLE_SSH_CONTROL_PATH_DIR"] = str(sockets())
    # ALL_PROXY would be asked for the engine's socket too.
    for name in ("no_proxy", "NO_PROXY"):
        known = environment.get(name)
        environment[name] = f"{known},{NEVER_BY_PROXY}" if known else NEVER_BY_PROXY


def home() -> str:
    """Return the home of whoever runs this; one of its own where there is none (cron, sudo -H)."""
    try:
        found = pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        found = ""
    return found if os.path.isdir(found) else str(short_directory())


def sockets() -> Path:
    """Return a directory with a short path for the sockets of ssh."""
    path = short_directory() / "cp"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def short_directory() -> Path:
    """Return a directory in /tmp that nobody else can use or has made."""
    path = Path("/tmp") / f"labs.mail-{os.getuid()}"
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    if path.is_symlink() or found.st_uid != os.getuid() or found.st_mode & 0o077:
        return Path(tempfile.mkdtemp(prefix="labs.mail-", dir="/tmp"))
    return path
