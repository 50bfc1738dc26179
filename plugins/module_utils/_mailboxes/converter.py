# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring all mail of an account into one format, mbox or Maildir, or say what that would move."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._mailboxes import folders, subscriptions
from ansible_collections.labs.mail.plugins.module_utils._mailboxes import mover as move
from ansible_collections.labs.mail.plugins.module_utils._mailboxes.folder_names import (
    Folder,
    file_candidates,
    in_maildir,
)
from ansible_collections.labs.mail.plugins.module_utils._mailboxes.folders import Account
from ansible_collections.labs.mail.plugins.module_utils._mailboxes.locks import open_mbox


@dataclass
class Outcome:
    """What was done, or is to be done: messages moved (source, target, how many), Maildirs made
    or removed, servers' lists of subscriptions that went into that of another, and files that
    were left as they are, since they are no mailboxes of the account's.
    """

    moved: list[tuple[str, str, int]] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    subscriptions: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether anything is not as it was."""
        return bool(self.moved or self.made or self.removed or self.subscriptions)

    def as_dict(self) -> dict[str, Any]:
        """Return it as data."""
        return asdict(self)


def to_maildir(
    account: Account, check: bool, server: str | None = None, create: bool = True
) -> Outcome:
    """Move the account's mail into its Maildir, and make one where there is none.

    :arg check: whether nothing is done.
    :arg server: the server that is to know which folders are subscribed to.
    :arg create: whether to make one also where there is no mail.
    """
    outcome = Outcome()
    mboxes, outcome.left = folders.mbox_files(account)
    if server:
        outcome.subscriptions = subscriptions.move(account.home, server, "maildir", check)
    if (create or mboxes or outcome.subscriptions) and not folders.is_maildir(account.maildir):
        outcome.made.append(account.maildir)
        if not check:
            folders.make_maildir(account.maildir)
    if not check:
        _finish(account)
    for folder, path in mboxes.items():
        directory = os.path.join(account.maildir, in_maildir(folder)).rstrip("/")
        if check:
            count = _count(path, account.uid)
        else:
            if folder:
                _make_folder(directory)
            count = move.into_maildir(path, account.uid, directory, keep=not folder)
        outcome.moved.append((path, directory, count))
    if (mboxes or outcome.subscriptions) and not check:
        folders.clear_mbox_tree(account)
    return outcome


def _finish(account: Account) -> None:
    """Clear up after a run that was killed on its way to mbox files."""
    for directory in folders.maildirs(account).values():
        move.finish(directory)
    # Only now: a note that is still there tells such a file by its inode, which may be used again.
    for path in folders.asides(account, move.ASIDE):
        os.unlink(path)


def _make_folder(directory: str) -> None:
    folders.make_maildir(directory)
    with open(os.path.join(directory, "maildirfolder"), "ab"):
        pass  # Maildir++ tells a folder by this file.


def _count(path: str, uid: int) -> int:
    mbox = open_mbox(path, uid)
    if mbox is None:
        return 0
    with mbox as file:
        return sum(1 for _message in move.read_mbox(file, path))


def to_mbox(account: Account, check: bool, server: str | None = None) -> Outcome:
    """Move the account's mail into mbox files, and remove what is then empty of its Maildir.

    :arg check: whether nothing is done.
    :arg server: the server that is to know which folders are subscribed to.
    """
    outcome = Outcome()
    found = folders.maildirs(account)
    if server:
        outcome.subscriptions = subscriptions.move(account.home, server, "mbox", check)
    if not check:
        _finish(account)
    taken: set[str] = set()
    for folder, directory in found.items():
        count = len(folders.mail_in(directory))
        if not count and (not folder or _holds_folders(folder, found)):
            continue
        path = _mbox_for(account, folder, found, taken)
        taken.add(path)
        if not check:
            os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
            count = move.into_mbox(directory, path, account.uid)
        outcome.moved.append((directory, path, count))
    for directory in reversed(list(found.values())):
        if folders.is_maildir(directory):
            outcome.removed.append(directory)
            if not check:
                folders.clear_maildir(directory)
    if server == "uw_imap":
        # It would list them as folders.
        outcome.removed += folders.indexes(account)
        if not check:
            folders.clear_mbox_tree(account)
    return outcome


def _holds_folders(folder: Folder, others: dict[Folder, str]) -> bool:
    return any(other[: len(folder)] == folder != other for other in others)


def _mbox_for(account: Account, folder: Folder, found: dict[Folder, str], taken: set[str]) -> str:
    """Return the path of the mbox that is to hold a folder's messages, existing or new."""
    paths = (os.path.join(account.folders, *names) for names in file_candidates(folder, found))
    for path in [account.inbox] if not folder else paths:
        if path not in taken and _can_hold_mail(path, account):
            return path
    raise ConfigError(
        "is no mbox of this account, which its mail must go to", path, instead="move it away"
    )


def _can_hold_mail(path: str, account: Account) -> bool:
    """Tell whether a path is an mbox or can become one."""
    if os.path.lexists(path):
        return folders.is_mbox(path, account.uid)
    above = os.path.dirname(path)
    while not os.path.lexists(above):
        above = os.path.dirname(above)
    return os.path.isdir(above)
