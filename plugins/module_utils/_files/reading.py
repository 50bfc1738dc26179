# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a file holds, as bytes."""

from __future__ import annotations

import errno
import os

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._regular_file import open_regular


def read_file(path: str) -> bytes | None:
    """Return what a file holds, or None where there is none."""
    try:
        with open_regular(path) as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except IsADirectoryError:
        raise ConfigError(
            "is a directory, where a file must be", path, instead="move it away"
        ) from None
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        raise ConfigError(f"is {error.strerror}", path, instead="move it away") from None


def holds(path: str, data: bytes) -> bool:
    """Tell whether a file holds these bytes and no others, without a copy of them in memory."""
    block = 1 << 20
    with open_regular(path) as file:
        return os.fstat(file.fileno()).st_size == len(data) and all(
            file.read(block) == data[start : start + block] for start in range(0, len(data), block)
        )
