"""Files on their way between a machine and an archive: what a stranger packed, made harmless.

Nothing that comes back can give rights (setuid, capabilities, devices), lead out of the directories
that are saved, or fill the disk.
"""

from __future__ import annotations

import posixpath
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from launcher.language import tr

DIRECTORIES = (
    "/etc", "/home", "/opt", "/root", "/srv", "/usr/local", "/var/lib/dovecot", "/var/mail",
    "/var/spool/cron", "/var/spool/postfix", "/var/www",
)  # fmt: skip
"""What students work in: configuration, homes, mail and its queues, what they build and serve."""

LEFT_OUT = (
    "/etc/.pwd.lock", "/etc/hostname", "/etc/hosts", "/etc/labs.mail", "/etc/machine-id",
    "/etc/mtab", "/etc/resolv.conf", "/etc/ssh/ssh_host_*", "/root/.ssh", "/root/.ansible",
    "/var/spool/postfix/dev", "/var/spool/postfix/pid", "/var/spool/postfix/private",
    "/var/spool/postfix/public",
)  # fmt: skip
"""What makes a machine itself, and what daemons create."""

ACCOUNTS = ("/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow")

MOST_BYTES = 2 << 30
MOST_FILES = 200_000


class WorkError(Exception):
    """Work cannot be saved or restored; the text says why."""


@dataclass
class Budget:
    """How much more may come of one machine."""

    bytes: int = MOST_BYTES
    files: int = MOST_FILES

    def spend(self, size: int) -> None:
        """Count a file. Raises WorkError where it was one too many."""
        self.bytes -= size
        self.files -= 1
        if self.bytes < 0 or self.files < 0:
            text = tr("there is more work than {gigabytes} GiB or {files} files: clear it up first")
            raise WorkError(text.format(gigabytes=MOST_BYTES >> 30, files=MOST_FILES))


def harmless(
    members: Iterable[tarfile.TarInfo], top: str, budget: Budget
) -> Iterator[tarfile.TarInfo]:
    """Yield what may be saved of a directory, under its path without the first slash.

    :arg top: the directory that holds the one whose archive this is.
    """
    seen: set[str] = set()
    for member in members:
        path = posixpath.normpath(posixpath.join(top, member.name))
        if ".." in member.name.split("/") or is_left_out(path):
            continue
        if member.islnk():
            target = posixpath.normpath(posixpath.join(top, member.linkname))
            if target.lstrip("/") not in seen:
                continue
            member.linkname = target.lstrip("/")
        elif not (member.isreg() or member.isdir() or member.issym()):
            continue
        budget.spend(member.size)
        member.name = path.lstrip("/")
        # A directory's setgid bit gives nobody rights, and Postfix needs it.
        member.mode &= 0o3777 if member.isdir() else 0o777
        # Capabilities are among them.
        member.pax_headers = {}
        seen.add(member.name)
        yield member


def is_left_out(path: str) -> bool:
    """Tell whether a path is not saved."""
    if not any(path == each or path.startswith(f"{each}/") for each in DIRECTORIES):
        return True
    for each in LEFT_OUT:
        if (
            path.startswith(each[:-1])
            if each.endswith("*")
            else (f"{path}/").startswith(f"{each}/")
        ):
            return True
    return False


@dataclass
class Accounts:
    """The lines of passwd(5), group(5), shadow(5) and gshadow(5), by name."""

    files: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    @classmethod
    def read(cls, text_of: Callable[[str], str]) -> Accounts:
        """Read the files, of which a function returns the texts."""
        files = {}
        for path in ACCOUNTS:
            rows = (line.split(":") for line in text_of(path).splitlines())
            files[path] = {row[0]: row for row in rows if len(row) > 3}
        return cls(files)

    def numbers(self, path: str) -> dict[str, int]:
        """Return the numbers of accounts or groups by name."""
        return {name: int(row[2]) for name, row in self.files[path].items() if row[2].isdigit()}

    def text(self, path: str) -> str:
        """Return the text of a file."""
        return "".join(":".join(row) + "\n" for row in self.files[path].values())


def merged(saved: Accounts, fresh: Accounts) -> tuple[Accounts, dict[int, int], dict[int, int]]:
    """Return the accounts for a fresh machine, and its numbers of users and of groups by the saved.

    An account that the fresh machine has keeps its number there, since files of packages have it.
    """
    passwd, group, shadow, gshadow = ACCOUNTS
    users = _numbers(saved.numbers(passwd), fresh.numbers(passwd))
    groups = _numbers(saved.numbers(group), fresh.numbers(group))
    files: dict[str, dict[str, list[str]]] = {}
    for path, own, primary in ((passwd, users, groups), (group, groups, None)):
        files[path] = {}
        for name, row in saved.files[path].items():
            if not row[2].isdigit() or (row[2] == "0") != (name == "root"):
                continue  # Whoever has root's number has root's rights.
            row = [*row[:2], str(own[int(row[2])]), *row[3:]]
            if primary is not None and row[3].isdigit():
                row[3] = str(primary.get(int(row[3]), int(row[3])))
            files[path][name] = row
        for name, number in fresh.numbers(path).items():
            # Of packages; a person's that is not among the saved was deleted.
            if number < 1000 or number >= 60000:
                files[path].setdefault(name, fresh.files[path][name])
    for path, names in ((shadow, files[passwd]), (gshadow, files[group])):
        rows = {**fresh.files[path], **saved.files[path]}
        files[path] = {name: rows[name] for name in names if name in rows}
    return Accounts(files), users, groups


def _numbers(saved: dict[str, int], fresh: dict[str, int]) -> dict[int, int]:
    """Return the number on the fresh machine of each saved number."""
    taken = set(fresh.values())
    found = {number: fresh[name] for name, number in saved.items() if name in fresh}
    for name, number in saved.items():
        if name not in fresh:
            free = number
            while free in taken:
                free += 1
            taken.add(free)
            found[number] = free
    return found


def renumbered(
    members: Iterable[tarfile.TarInfo], users: dict[int, int], groups: dict[int, int]
) -> Iterator[tarfile.TarInfo]:
    """Yield what is restored, as files of the fresh machine's accounts."""
    for member in members:
        member.uid = users.get(member.uid, member.uid)
        member.gid = groups.get(member.gid, member.gid)
        member.uname = member.gname = ""
        yield member


def packages_in(status: str) -> list[str]:
    """Return the packages that dpkg's status file says are installed."""
    found = []
    for paragraph in status.split("\n\n"):
        lines = dict(
            line.split(": ", 1)
            for line in paragraph.splitlines()
            if ": " in line and line[0] != " "
        )
        name = lines.get("Package", "")
        plain = name.replace("-", "").replace("+", "").replace(".", "")
        if lines.get("Status") == "install ok installed" and plain.isalnum() and plain.isascii():
            found.append(name)
    return sorted(set(found))
