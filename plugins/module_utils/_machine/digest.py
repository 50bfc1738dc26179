# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What state a machine is in, part by part, and one digest of it all.

Two machines that were brought to the same state by different ways have the same digest. So what
depends on the way is not in it: the numbers of accounts, the order of lines that has no meaning,
the seconds at which things were done, keys that every installation draws.
"""

from __future__ import annotations

import fnmatch
import grp
import hashlib
import json
import os
import pwd
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._machine.baseline import sha256_of
from ansible_collections.labs.mail.plugins.module_utils._machine.homes import (
    HOMES,
    MAIL,
    RULES,
    homes,
)
from ansible_collections.labs.mail.plugins.module_utils._machine.tree import NEVER_SAME, Entry, tree
from ansible_collections.labs.mail.plugins.module_utils._mailboxes.folder_names import (
    SERVERS_FILES,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.magic import magic
from ansible_collections.labs.mail.plugins.module_utils._system.listeners import listeners
from ansible_collections.labs.mail.plugins.module_utils._system.processes import (
    Process,
    connection_of,
)
from ansible_collections.labs.mail.plugins.module_utils._system.runtime import (
    Run,
    addresses,
    packet_filter,
    routes,
)

ACCOUNTS = ("/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow")

UNLOOKED = (
    # Accounts, which are looked at line by line, and what is kept of them.
    *ACCOUNTS,
    "/etc/passwd-",
    "/etc/shadow-",
    "/etc/group-",
    "/etc/gshadow-",
    "/etc/subuid*",
    "/etc/subgid*",
    # What is created from a text beside it, or by each installation.
    "*.db",
    "*.lmdb",
    "/etc/ssl/certs/*",
    "/etc/ssl/private/*",
    "/etc/dovecot/private/*",
    "/etc/courier/*.pem",
    "/etc/.updated",
    "/etc/machine-id",
    "/etc/ssh/ssh_host_*",
    "/usr/share/info/dir*",
    "/var/.updated",
    "/usr/share/mime/*",
    "/usr/lib/locale/*",
    "/usr/lib/udev/hwdb.bin",
    # Databases of the packages, which are looked at as packages; their scripts are in info.
    "/var/lib/dpkg/[!i]*",
    "/var/lib/apt/*",
    "/var/lib/ucf/*",
    "/var/lib/systemd/*",
    "/var/lib/dbus/machine-id",
    "/var/lib/python/*",
    "/var/lib/shells.state",
    "/var/lib/pam/seen",
    # What daemons write while they run.
    "/root/*",
    "/var/log/*",
    "/var/lib/clamav/*",
    "/var/lib/dovecot/*",
    "/var/lib/courier/*",
    "/var/lib/postfix/*",
    "/var/lib/spamassassin/*",
    "/var/spool/postfix/*",
)
"""Paths whose content is not looked at, as fnmatch(3) has them; mode and owner are."""

SILENT = (
    "/root/*",
    "/var/lib/apt/*",
    "/var/lib/dpkg/[!i]*",
    "/var/lib/systemd/*",
    "/var/log/*",
    "/var/mail/*",
    "/var/spool/postfix/*/*",
)
"""Paths that may come and go, with all below them."""

# One pattern of all: a machine has twenty thousand files, and looking takes half a second.
_silent, _unlooked = (
    re.compile("|".join(map(fnmatch.translate, patterns))).match for patterns in (SILENT, UNLOOKED)
)

QUEUES = ("maildrop", "incoming", "active", "deferred", "hold", "corrupt")


def parts(run: Run, processes: Mapping[int, Process], me: int) -> dict[str, Any]:
    """Return the parts of this machine's state by their names, as JSON can hold them."""
    found = tree()
    return {
        "packages": packages(run),
        "files": files(found),
        "tables": tables(run, found),
        "accounts": accounts(),
        "homes": owners_of_homes(),
        "units": units(run),
        "listeners": served(),
        "strays": strays(processes, me),
        "stopped": stopped(processes),
        "queue": queue(),
        "mail": mail(),
        "no_logs": no_logs(),
        "network": network(run),
    }


def digest_of(value: Any) -> str:
    """Return the digest of what JSON can hold."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def packages(run: Run) -> dict[str, str]:
    """Return state and version of each package."""
    shown = run("dpkg-query", "-W", "-f", "${binary:Package} ${db:Status-Abbrev} ${Version}\\n")[1]
    rows = (line.split(" ", 1) for line in shown.splitlines())
    return {row[0]: row[1] for row in rows if len(row) == 2}


def files(found: Mapping[str, Entry]) -> dict[str, str]:
    """Return kind, mode, owner and content of each file, in a line."""
    users: dict[int, str] = {each.pw_uid: each.pw_name for each in pwd.getpwall()}
    groups: dict[int, str] = {each.gr_gid: each.gr_name for each in grp.getgrall()}
    said = {}
    for path, each in found.items():
        if _silent(path):
            continue
        content = each.target
        if each.kind == "f" and path not in NEVER_SAME and not _unlooked(path):
            content = sha256_of(path)
        owner = users.get(each.uid, str(each.uid)), groups.get(each.gid, str(each.gid))
        said[path] = f"{each.kind} {each.mode:04o} {':'.join(owner)} {content}".rstrip()
    return said


def tables(run: Run, found: Mapping[str, Entry], root: str = "") -> dict[str, str]:
    """Return the digest of the records in each index of a table, as ``postmap -s`` lists them.

    The bytes of two indexes differ although their tables are the same.
    """
    return {
        path: _records(run, root + path)
        for path, each in found.items()
        if each.kind == "f" and path.startswith("/etc/") and path.endswith((".db", ".lmdb"))
    }


def _records(run: Run, path: str) -> str:
    kind, table = magic(path), os.path.splitext(path)[0]
    # In a damaged btree it may go round in circles.
    code, listed, _errors = run("timeout", LISTING_SECONDS, "postmap", "-s", f"{kind}:{table}")
    if kind is None or code != 0:
        return "cannot be read"
    # postalias(1) notes when it was run, and where.
    return digest_of(sorted(line for line in listed.splitlines() if not line.startswith("YP_")))


LISTING_SECONDS = "10"


def accounts(root: Path = Path("/")) -> dict[str, str]:
    """Return accounts and groups, without their numbers and the days of their passwords."""
    said = {}
    for path in ACCOUNTS:
        for line in (root / path.lstrip("/")).read_text(errors="surrogateescape").splitlines():
            field = line.split(":")
            name = field[0]
            if path == "/etc/passwd":
                field[2:4] = ["0" if field[2] == "0" else "", ""]
            elif path == "/etc/group":
                field[2] = "0" if field[2] == "0" else ""
            elif path == "/etc/shadow":
                field[2] = ""
            if path in ("/etc/group", "/etc/gshadow"):
                field[3] = ",".join(sorted(field[3].split(",")))
            said[f"{path} {name}"] = ":".join(field)
    return said


def owners_of_homes(top: str = HOMES) -> dict[str, str]:
    """Return whose the home of each account is; those of accounts that are gone do not count."""
    accounts = pwd.getpwall()
    names = {each.pw_uid: each.pw_name for each in accounts}
    return {
        each.pw_dir: names.get(os.lstat(each.pw_dir).st_uid, "nobody's")
        for each in accounts
        if os.path.dirname(each.pw_dir) == top and os.path.lexists(each.pw_dir)
    }


def units(run: Run) -> dict[str, str]:
    """Return the units that run or failed, without those that have done what they had to."""
    kinds = [f"--type={kind}" for kind in ("service", "socket", "timer", "path", "mount")]
    command = ["systemctl", "list-units", "--state=active,activating,failed", "--plain"]
    rows = (line.split() for line in run(*command, "--no-legend", *kinds)[1].splitlines())
    return {
        row[0]: row[2] for row in rows if row and row[3] != "exited" and not PASSING.match(row[0])
    }


PASSING = re.compile(
    r"user@|user-runtime-dir@|session-|run-|systemd-(hostnamed|localed|timedated|tmpfiles-clean)|"
    r"(apt|dpkg|man-db|e2scrub|logrotate|fstrim)[a-z_-]*\.service|proc-|dev-|sys-|ssh@"
)
"""Units that come and go by themselves."""


def served() -> list[str]:
    """Return which program serves which TCP port."""
    # By which port an engine answers for its name server is drawn for each machine.
    return sorted({f"{each.port} {each.program}" for each in listeners() if each.pid})


def strays(processes: Mapping[int, Process], me: int) -> list[str]:
    """Return the programs that are no service's and not of the connection that asks."""
    own = connection_of(processes, me, {1})
    return sorted(
        process.name
        for pid, process in processes.items()
        if pid not in own and not process.service and pid != 1
    )


def stopped(processes: Mapping[int, Process]) -> list[str]:
    """Return the programs that run no more and have not ended (SIGSTOP)."""
    return sorted(each.name for each in processes.values() if each.stopped)


def queue(root: Path = Path("/var/spool/postfix")) -> dict[str, int]:
    """Return how many messages are in each of Postfix's queues."""
    return {
        name: sum(path.is_file() for path in (root / name).rglob("*"))
        for name in QUEUES
        if (root / name).is_dir()
    }


def no_logs(log: str = "/var/log/mail.log") -> list[str]:
    """Return the mail log if it is no file; it need not be there before the first message."""
    return [log] if os.path.lexists(log) and not os.path.isfile(log) else []


def mail(inboxes: str = "/var/mail", top: str = HOMES) -> dict[str, int]:
    """Return what is in mailboxes, and what rules of delivery accounts have."""
    found = {}
    for folder, _folders, names in os.walk(inboxes):
        if folder != inboxes:
            found[folder] = len(names)
        for name in names:
            size = os.lstat(os.path.join(folder, name)).st_size
            if size:
                found[os.path.join(folder, name)] = size
    for home in homes(top):
        for name in (*MAIL, *RULES):
            for folder, _folders, names in os.walk(os.path.join(home, name)):
                count = sum(not each.startswith(SERVERS_FILES) for each in names)
                if count:
                    found[folder] = count
            if os.path.isfile(os.path.join(home, name)):
                found[os.path.join(home, name)] = 1
    return found


def network(run: Run) -> dict[str, Any]:
    """Return the machine's name, its addresses and its routes."""
    return {
        "name": run("hostname")[1].strip(),
        "addresses": addresses(run),
        "routes": routes(run),
        "filter": packet_filter(run),
    }
