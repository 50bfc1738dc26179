# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether local and virtual can write where they say that they would deliver."""

from __future__ import annotations

import os
import pwd
import re

from ansible_collections.labs.mail.plugins.module_utils._explain import log_reading
from ansible_collections.labs.mail.plugins.module_utils._explain.configuration import Configuration
from ansible_collections.labs.mail.plugins.module_utils._explain.last_places import (
    Rights,
    not_in_maildir,
    not_written,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.private_postfix import Report
from ansible_collections.labs.mail.plugins.module_utils._explain.walk import Walk
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.parser import Entry

ATTRIBUTES = re.compile(r"deliver_mailbox\[\d+\]: set user_attr: (.*), uid = (\d+), gid = (\d+)")
"""What virtual says of each mailbox before it looks at the file."""

OWN_RIGHTS = re.compile(r"deliver_(?:dotforward|include)\S*: .*(?:found|\S+:include:)")


def hindrance(
    walk: Walk, report: Report, lines: list[str], said: str, path: str, size: int
) -> tuple[str, str]:
    """Return what becomes of a recipient in place of delivery, and why; both "" where nothing does.

    :arg said: what the agent says that it would do.
    :arg path: the file that it names, if it does.
    :arg size: bytes of the message.
    """
    entry = walk.transport(report.service) if report.service else None
    if entry is None:
        return "", ""
    conf, command = walk.configuration, entry.values()["command"]
    if command == "virtual":
        why = _of_virtual(conf, entry, report, lines, size)
        return ("deferred", why) if why else ("", "")
    if command != "local":
        return "", ""
    if said.endswith("file"):
        why = _of_a_file(conf, entry, report, lines, path)
    else:
        why = _of_local(conf, entry, report, size)
    return ("bounced", why) if why else ("", "")


def _of_virtual(
    conf: Configuration, entry: Entry, report: Report, lines: list[str], size: int
) -> str:
    """Return what keeps virtual from a mailbox."""
    said = ""
    for _program, text in log_reading.lines_of(lines, "virtual"):
        match = ATTRIBUTES.fullmatch(text)
        if match:
            said, uid, gid = match[1], int(match[2]), int(match[3])
        elif said and text == f"send attr recipient = {report.recipient}":
            rights = Rights(uid, gid)
            if said.endswith("/"):
                return not_in_maildir(said, rights)
            locks = conf.effective("virtual_mailbox_lock", entry)
            most = _room(conf.effective("virtual_mailbox_limit", entry), size)
            return not_written(said, rights, "dotlock" in locks, most)
    return ""


def _of_local(conf: Configuration, entry: Entry, report: Report, size: int) -> str:
    """Return what keeps local from the mailbox of an account."""
    delimiters = conf.effective("recipient_delimiter", entry)
    name = report.recipient.rpartition("@")[0].lower()
    for sign in delimiters:
        name = name.partition(sign)[0] or name
    try:
        account = pwd.getpwnam(name)
    except KeyError:
        return ""
    rights = Rights(account.pw_uid, account.pw_gid)
    home_mailbox = conf.effective("home_mailbox", entry)
    most = _room(conf.effective("mailbox_size_limit", entry), size)
    if not home_mailbox:
        spool = conf.effective("mail_spool_directory", entry)
        if spool.endswith("/"):
            return not_in_maildir(os.path.join(spool, name), rights)
        # Into a spool that not everybody may write to, local delivers with the rights of root.
        return not_written(os.path.join(spool, name), Rights(0, 0), False, most)
    path = os.path.join(account.pw_dir, home_mailbox)
    if path.endswith("/"):
        return not_in_maildir(path, rights)
    locks = conf.effective("mailbox_delivery_lock", entry)
    return not_written(path, rights, "dotlock" in locks, most)


def _of_a_file(
    conf: Configuration, entry: Entry, report: Report, lines: list[str], path: str
) -> str:
    """Return what keeps local from a file that an alias of root's names."""
    tables = {each.table for each in log_reading.lookups(lines, "local") if each.value}
    if not tables or any(OWN_RIGHTS.match(t) for _p, t in log_reading.lines_of(lines, "local")):
        return ""
    try:
        owners = {os.stat(table.partition(":")[2]).st_uid for table in tables}
        account = pwd.getpwnam(conf.effective("default_privs", entry))
    except (OSError, KeyError):
        return ""
    if owners != {0}:
        return ""
    rights = Rights(account.pw_uid, account.pw_gid)
    return not_in_maildir(path, rights) if path.endswith("/") else not_written(path, rights)


def _room(limit: str, size: int) -> int:
    """Return how large a mailbox may be before a message; 0 where there is no limit."""
    return max(1, int(limit) - size) if limit.isdigit() and int(limit) else 0
