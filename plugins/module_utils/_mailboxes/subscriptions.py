# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which folders an account subscribed to, as each mailbox server writes it down.

Clients such as Thunderbird show no others. Sources: Dovecot's subscription-file.c, Courier's
maildir/maildirfilter and imapd.c, c-client's unix mailboxlist; and what each of them wrote.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Callable

from ansible_collections.labs.mail.plugins.module_utils._mailboxes.folder_names import (
    Folder,
    in_maildir,
    in_mbox_tree,
    of_maildir,
    of_mbox_tree,
)

DOVECOT_HEADER = "V\t2\n\n"


@dataclass(frozen=True)
class Kind:
    """A server's file: where it is below the home, and how a folder is written in it."""

    path: str
    write: Callable[[Folder], str]
    read: Callable[[str], Folder]
    header: str = ""

    def text(self, folders: Iterable[Folder]) -> str:
        """Return the file with these folders, each once, in their order."""
        lines = dict.fromkeys(map(self.write, folders))
        return self.header + "".join(f"{line}\n" for line in lines)

    def folders(self, text: str) -> list[Folder]:
        """Return the folders of a file; INBOX is always there and none of them."""
        lines = text.split("\n")
        if lines[0].startswith("V\t"):
            lines = lines[2:]
        return [folder for line in filter(None, lines) if (folder := self.read(line))]


def _not_inbox(folder: Folder) -> Folder:
    return () if folder in ((), ("INBOX",)) else folder


def _of_dovecot(line: str, separator: str) -> tuple[str, ...]:
    # The second version parts levels by a tab, the first by what the client sees.
    return tuple(line.split("\t" if "\t" in line else separator))


KINDS = {
    ("dovecot", "maildir"): Kind(
        "Maildir/subscriptions",
        lambda folder: "\t".join(of_maildir(in_maildir(folder))),
        lambda line: _not_inbox(_of_dovecot(line, ".")),
        DOVECOT_HEADER,
    ),
    ("dovecot", "mbox"): Kind(
        "mail/.subscriptions",
        lambda folder: "\t".join(in_mbox_tree(folder)),
        lambda line: _not_inbox(of_mbox_tree(_of_dovecot(line, "/"))),
        DOVECOT_HEADER,
    ),
    ("courier", "maildir"): Kind(
        "Maildir/courierimapsubscribed",
        lambda folder: f"INBOX{in_maildir(folder)}",
        lambda line: of_maildir(line[5:] if line.startswith("INBOX") else line),
    ),
    ("uw_imap", "mbox"): Kind(
        ".mailboxlist",
        lambda folder: "/".join(in_mbox_tree(folder)),
        lambda line: _not_inbox(of_mbox_tree(tuple(line.split("/")))),
    ),
}
"""The servers' files, by server and format."""


def move(home: str, server: str, form: str, check: bool) -> list[str]:
    """Bring what all servers' files say into the one of this server and format.

    :arg check: whether nothing is done.
    :returns: the files that went into it, which are then no more.
    """
    kind = KINDS[server, form]
    others = {os.path.join(home, other.path): other for other in KINDS.values() if other != kind}
    found = {path: text for path in others if (text := _read(path)) is not None}
    if found and not check:
        target = os.path.join(home, kind.path)
        folders = kind.folders(_read(target) or "")
        for path, text in found.items():
            folders += others[path].folders(text)
        _replace(target, kind.text(folders))
        for path in found:
            os.unlink(path)
    return list(found)


def _read(path: str) -> str | None:
    """Return what a file holds, None where there is none; no symbolic link is followed."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(handle, encoding="utf-8", errors="surrogateescape", newline="\n") as file:
        return file.read()


def _replace(path: str, text: str) -> None:
    os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
    aside = f"{path}.labs-mail"
    with open(aside, "w", encoding="utf-8", errors="surrogateescape", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.rename(aside, path)
