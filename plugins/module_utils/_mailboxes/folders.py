# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find an account's folders in either format, and clear away what only a server kept of them."""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass

from ansible_collections.labs.mail.plugins.module_utils._mailboxes.folder_names import (
    SERVERS_FILES,
    Folder,
    of_maildir,
    of_mbox_tree,
)
from ansible_collections.labs.mail.plugins.module_utils._mailboxes.locks import (
    ForeignFileError,
    open_mbox,
)
from ansible_collections.labs.mail.plugins.module_utils._mailboxes.mbox import FROM_LINE


@dataclass(frozen=True)
class Account:
    """An account and its home; ``inbox`` is its mbox."""

    name: str
    uid: int
    home: str
    inbox: str

    @property
    def folders(self) -> str:
        """The tree of mbox files."""
        return os.path.join(self.home, "mail")

    @property
    def maildir(self) -> str:
        """The Maildir."""
        return os.path.join(self.home, "Maildir")


def mbox_files(account: Account) -> tuple[dict[Folder, str], list[str]]:
    """Return the account's mbox files by folder, and what is none in their places."""
    found: dict[Folder, str] = {}
    others = []
    if os.path.lexists(account.inbox) and os.path.getsize(account.inbox):
        if is_mbox(account.inbox, account.uid):
            found[()] = account.inbox
        else:
            others.append(account.inbox)
    if os.path.islink(account.folders):
        return found, [*others, account.folders]
    for top, directories, names in os.walk(account.folders):
        directories[:] = sorted(name for name in directories if not name.startswith("."))
        for name in sorted(names):
            path = os.path.join(top, name)
            if name.startswith(".") or name.endswith(".lock"):
                continue
            if is_mbox(path, account.uid):
                parts = os.path.relpath(path, account.folders).split(os.sep)
                found[of_mbox_tree(tuple(parts))] = path
            else:
                others.append(path)
    return found, others


def is_mbox(path: str, uid: int) -> bool:
    """Tell whether a file is an mbox of the user's; an empty one is."""
    try:
        file = open_mbox(path, uid)
    except ForeignFileError:
        return False
    if file is None:
        return False
    with file:
        line = file.readline(1000)
    return not line or bool(FROM_LINE.match(line))


def maildirs(account: Account) -> dict[Folder, str]:
    """Return the directories of the account's Maildir by folder."""
    if os.path.islink(account.maildir) or not os.path.isdir(account.maildir):
        return {}
    found: dict[Folder, str] = {(): account.maildir}
    for name in sorted(os.listdir(account.maildir)):
        path = os.path.join(account.maildir, name)
        if name.startswith(".") and of_maildir(name) and os.path.isdir(os.path.join(path, "cur")):
            found[of_maildir(name)] = path
    return found


def asides(account: Account, suffix: str) -> list[str]:
    """Return the files that a killed run was building in the places of mbox files."""
    spool, name = os.path.split(account.inbox)
    found = [os.path.join(spool, f".{name}{suffix}")]
    if not os.path.islink(account.folders):
        for top, _directories, names in os.walk(account.folders):
            found += [os.path.join(top, name) for name in names if name.endswith(suffix)]
    return [path for path in found if os.path.lexists(path)]


def mail_in(directory: str) -> list[tuple[str, str]]:
    """Return the messages of one directory of a Maildir as (``new`` or ``cur``, name)."""
    found = []
    for kind in ("new", "cur"):
        with contextlib.suppress(FileNotFoundError):
            names = os.listdir(os.path.join(directory, kind))
            found += [(kind, name) for name in names if not name.startswith(".")]
    return found


def make_maildir(directory: str) -> bool:
    """Make a directory of a Maildir, or what of it is missing; tell whether any was."""
    missing = [directory] if not os.path.isdir(directory) else []
    names = [os.path.join(directory, name) for name in ("cur", "new", "tmp")]
    missing += [path for path in names if not os.path.isdir(path)]
    for path in missing:
        os.mkdir(path, 0o700)
    return bool(missing)


def is_maildir(directory: str) -> bool:
    """Tell whether all of a Maildir's directory is there."""
    return all(os.path.isdir(os.path.join(directory, name)) for name in ("cur", "new", "tmp"))


def clear_maildir(directory: str) -> None:
    """Remove a directory of a Maildir without mail; what is neither mail nor a server's stays."""
    for name in os.listdir(directory):
        path = os.path.join(directory, name)
        if name.startswith(SERVERS_FILES):
            shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
    for name in ("cur", "new", "tmp", ""):
        with contextlib.suppress(OSError):
            os.rmdir(os.path.join(directory, name))


def indexes(account: Account) -> list[str]:
    """Return the directories of Dovecot's indexes in the tree of mbox files."""
    if os.path.islink(account.folders):
        return []
    walk = os.walk(account.folders)
    return [os.path.join(top, ".imap") for top, names, _files in walk if ".imap" in names]


def clear_mbox_tree(account: Account) -> None:
    """Remove Dovecot's indexes and empty directories from the tree of mbox files."""
    for path in indexes(account):
        shutil.rmtree(path)
    for path, _directories, _names in os.walk(account.folders, topdown=False):
        with contextlib.suppress(OSError):
            os.rmdir(path)
