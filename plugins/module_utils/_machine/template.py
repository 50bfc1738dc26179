# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine that others are made of: nothing of its own is left on it, and no secret.

What it was before the lab is the baseline of those others too, but for their own files, which they
save when the lab comes to them.
"""

from __future__ import annotations

import contextlib
import fnmatch
import glob
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._machine import baseline
from ansible_collections.labs.mail.plugins.module_utils._machine.tree import FOLDER, tree
from ansible_collections.labs.mail.plugins.module_utils._system.runtime import Run, now

MARK = f"{FOLDER}/template"
"""What there is on a machine that was made of another one, until it has saved its own files."""

OWN = (
    "/etc/hostname",
    "/etc/hosts",
    "/etc/machine-id",
    "/etc/resolv.conf",
    "/etc/ssh/ssh_host_*",
    "/etc/ssh/sshd_config.d/labs.mail.conf",
    "/root/.ssh/authorized_keys",
    "/var/lib/dbus/machine-id",
)
"""Files, as fnmatch(3) has them, that each machine has of its own before the lab comes to it."""

REMOVED = (
    "/etc/ssh/ssh_host_*",
    "/etc/labs.mail/*",
    "/etc/ssl/certs/ssl-cert-snakeoil.pem",
    "/etc/ssl/private/ssl-cert-snakeoil.key",
    "/var/cache/debconf/passwords.dat*",
    "/var/lib/dbus/machine-id",
    "/var/lib/postfix/prng_exch",
    "/var/lib/systemd/credential.secret",
    "/var/lib/systemd/random-seed",
    "/home/*/Maildir/new/*",
    "/home/*/Maildir/cur/*",
    "/var/spool/postfix/etc/ssl/certs/ssl-cert-snakeoil.pem",
)
"""What the roles or the system make again, each machine for itself."""

LINKED = ("/etc/ssl/certs", "/etc/ssl/private", "/var/spool/postfix/etc/ssl/certs")
"""Where links by the hash of a certificate that was removed dangle."""

MACHINE_ID = "/etc/machine-id"
"""What systemd makes of an empty one, at boot: another one, where D-Bus has none."""

EMPTIED = ("/var/log", "/var/mail")
INSTALLATION = ("/var/log/alternatives.log", "/var/log/apt/*", "/var/log/dpkg.log")
"""Logs of what was installed, which is the same on all."""

ANSWERS = "/var/cache/debconf/config.dat*"
"""What packages asked when they were installed, such as postfix for its own name."""

WAITING = "/etc/systemd/system/dovecot.service.d/labs-mail-template.conf"
WAITS_FOR = """\
[Unit]
ConditionPathExists=/etc/ssl/private/ssl-cert-snakeoil.key
"""
"""Dovecot fails without its certificate, which the machine has once it knows its full name."""

SECRETS_IN = ("/etc", "/home", "/opt", "/root", "/srv", "/usr/local", "/var/lib", "/var/spool")
SECRET = re.compile(rb"^-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----\r?\n[A-Za-z0-9+/]", re.MULTILINE)
LARGEST_KEY = 1 << 16

SHADOW = ("/etc/shadow", "/etc/shadow-")
FIRST_UID, NOBODY = 1000, 65534


def generalize(run: Run, root: str = "/") -> None:
    """Remove all that is a machine's own, its logs and its mail, so that others can be made of it.

    :raises ConfigError: it was not saved, or a private key is left that others would share.
    """
    top = root.rstrip("/")
    before = baseline.saved(root)
    if before is None:
        raise ConfigError("nothing was saved of what this machine was before the lab", FOLDER)
    # Nothing comes or is written down any more.
    run("systemctl", "stop", "postfix.service", "rsyslog.service", "syslog.socket")
    run("postsuper", "-d", "ALL")
    # postalias(1) has noted where it was run.
    run("postmap", "-f", "-d", "YP_MASTER_NAME", "hash:/etc/aliases")
    for pattern in REMOVED:
        for place in glob.glob(top + pattern):
            baseline.remove(place)
    for place in _dangling(top + directory for directory in LINKED):
        os.unlink(place)
    _forget_answers(top)
    Path(top + MACHINE_ID).write_text("")
    for directory in EMPTIED:
        _empty(top, directory)
    _lock_accounts(top)
    left = sorted(_with_keys(top))
    if left:
        raise ConfigError(
            f"{', '.join(left)} would be a secret of many machines: each is to be provisioned by "
            "itself"
        )
    baseline.renew(before, _own(before, root), {}, root)
    Path(top + WAITING).parent.mkdir(exist_ok=True)
    Path(top + WAITING).write_text(WAITS_FOR)
    Path(top + MARK).touch(mode=0o600)


def is_of_template(root: str = "/") -> bool:
    """Tell whether the machine was made of another one, and has not saved its own files yet."""
    return os.path.lexists(root.rstrip("/") + MARK)


def adopt(run: Run, root: str = "/") -> None:
    """Make the baseline of the template this machine's.

    :raises ConfigError: there is no baseline.
    """
    before = baseline.saved(root)
    if before is None:
        raise ConfigError("the template of this machine had no baseline", FOLDER)
    top = root.rstrip("/")
    baseline.remove(top + WAITING)
    with contextlib.suppress(OSError):  # There is more in it.
        os.rmdir(os.path.dirname(top + WAITING))
    run("systemctl", "daemon-reload")
    # What ran is known of the template: here all that it has now runs already.
    own = {name: each for name, each in now(run).items() if name != "units"}
    baseline.renew(before, _own(before, root), own, root)
    os.unlink(top + MARK)


def _own(before: baseline.Baseline, root: str) -> set[str]:
    paths = {*before.entries, *tree(root)}
    return {path for pattern in OWN for path in fnmatch.filter(paths, pattern)}


def _dangling(directories: Iterable[str]) -> Iterator[str]:
    for directory in directories:
        for place in sorted(glob.glob(f"{glob.escape(directory)}/*")):
            if os.path.islink(place) and not os.path.exists(place):
                yield place


def _empty(top: str, directory: str) -> None:
    for folder, _folders, names in os.walk(top + directory):
        for place in (os.path.join(folder, name) for name in names):
            if any(fnmatch.fnmatch(place[len(top) :], pattern) for pattern in INSTALLATION):
                continue
            if place.endswith(".journal"):
                os.unlink(place)
            elif os.path.isfile(place) and not os.path.islink(place):
                os.truncate(place, 0)


def _forget_answers(top: str) -> None:
    """Forget the answers to packages' questions that have the machine's name in them."""
    name = re.escape(Path(f"{top}/etc/hostname").read_text().strip())
    answer = re.compile(rf"^Value:.*\b{name}\b.*\n", re.MULTILINE)
    for place in map(Path, glob.glob(top + ANSWERS)):
        place.write_text(answer.sub("", place.read_text()))


def _lock_accounts(top: str) -> None:
    """Take the passwords of people away, whose accounts get others on each machine."""
    people = {
        field[0]
        for field in _fields(f"{top}/etc/passwd")
        if len(field) > 2 and field[2].isdigit() and FIRST_UID <= int(field[2]) < NOBODY
    }
    for path in SHADOW:
        place = Path(top + path)
        if place.exists():
            rows = (
                [field[0], "!", *field[2:]] if field[0] in people else field
                for field in _fields(str(place))
            )
            place.write_text("".join(f"{':'.join(row)}\n" for row in rows))


def _fields(place: str) -> list[list[str]]:
    return [line.split(":") for line in Path(place).read_text().splitlines()]


def _with_keys(top: str, directories: Iterable[str] = SECRETS_IN) -> Iterator[str]:
    """Yield the files that hold a private key (RFC 7468, and those of OpenSSH)."""
    for directory in directories:
        for folder, _folders, names in os.walk(top + directory):
            for place in (os.path.join(folder, name) for name in names):
                is_small = os.path.isfile(place) and os.path.getsize(place) <= LARGEST_KEY
                if is_small and not os.path.islink(place):
                    with open(place, "rb") as file:
                        if SECRET.search(file.read()):
                            yield place[len(top) :]
