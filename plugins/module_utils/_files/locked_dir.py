# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A directory beside a file, in which one run at a time makes what will replace the file."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Iterator

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError


@contextlib.contextmanager
def work_folder(path: str, timeout: float = 900) -> Iterator[str]:
    """Make the directory, empty, for this user alone; wait while another run works in it.

    What a killed run left in it is removed, as is the directory at the end.

    :arg timeout: seconds to wait.
    :raises ConfigError: the other run took longer, or the directory is another user's.
    """
    handle = _hold(path, time.monotonic() + timeout)
    try:
        for name in os.listdir(path):
            _remove(os.path.join(path, name))
        yield path
    finally:
        shutil.rmtree(path)
        os.close(handle)


def _hold(path: str, deadline: float) -> int:
    while True:
        with contextlib.suppress(FileExistsError):
            os.mkdir(path, 0o700)
        try:
            handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            continue  # the run that held it has just removed it
        try:
            found = os.fstat(handle)
            if found.st_uid != os.geteuid():
                raise ConfigError("belongs to another user", path, instead="remove it")
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.fchmod(handle, 0o700)
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(found, os.lstat(path)):
                    return handle
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(handle)
                raise ConfigError(
                    "another run holds this directory", path, instead=f"find it with `fuser {path}`"
                ) from None
            time.sleep(0.02)
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _remove(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        os.unlink(path)
