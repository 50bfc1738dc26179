# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put a new index of a lookup table in the place of the one in use."""

from __future__ import annotations

import os

from ansible_collections.labs.mail.plugins.module_utils._files.atomic import (
    copy_extended_attributes,
    sync_directory,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.index import index_mode


def install(built: str, index: str, source: os.stat_result, attributes_of: str) -> None:
    """Put an index in its place, as secret as its source, and not older.

    :arg built: the new index, in a directory that nobody else can enter, on the same file system.
    :arg attributes_of: file whose extended attributes (ACL, SELinux context) it gets.
    """
    with open(built, "rb") as file:
        handle = file.fileno()
        if (source.st_uid, source.st_gid) != (os.geteuid(), os.getegid()):
            os.fchown(handle, source.st_uid, source.st_gid)
        os.fchmod(handle, index_mode(source))
        copy_extended_attributes(attributes_of, handle)
        if os.fstat(handle).st_mtime_ns < source.st_mtime_ns:
            os.utime(handle, ns=(source.st_mtime_ns, source.st_mtime_ns))
        os.fsync(handle)
    index = os.path.realpath(index)
    os.rename(built, index)
    sync_directory(os.path.dirname(index))
