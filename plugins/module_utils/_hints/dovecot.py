# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signs of Dovecot's configuration: what is odd about the names of its accounts."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

from ansible_collections.labs.mail.plugins.module_utils._regular_file import open_regular

MOST_BYTES = 100_000
"""As much is read of a file of accounts."""

ACCOUNTS = re.compile(r"^[ \t]*(?:passwd_file_path|args)[ \t]*=(?:.*[ \t=])?[ \t]*(/\S+)$", re.M)
"""The file of a passdb or userdb, as Dovecot 2.4 and 2.3 name it."""

CUT = re.compile(
    r"^[ \t]*auth_username_format[ \t]*=(?!.*(?:%L?d|domain)).*(?:%L?n|username)", re.M
)
"""A format that leaves the domain of a name out, as Dovecot 2.3 and 2.4 spell it."""


def signs(configuration: str) -> Iterator[str]:
    """Yield what is odd about it.

    :arg configuration: what ``doveconf -n`` prints.
    """
    if CUT.search(configuration):
        yield "dovecot cuts the domain off"
    for path in sorted(set(ACCOUNTS.findall(configuration))):
        with contextlib.suppress(OSError), open_regular(path) as file:
            yield from _of_accounts(file.read(MOST_BYTES).decode("utf-8", "replace"))


def _of_accounts(text: str) -> Iterator[str]:
    names = {line.split(":")[0] for line in text.splitlines() if ":" in line}
    if any("@" not in name for name in names if not name.startswith("#")):
        yield "dovecot account without a domain"
