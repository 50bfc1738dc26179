# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Do something with an account's files with that account's rights, and with no more.

Where root did it, a symbolic link that the account's owner has made could lead anywhere.
"""

from __future__ import annotations

import json
import os
from typing import Any, Callable

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._mailboxes.locks import ForeignFileError


def as_account(uid: int, gid: int, groups: list[int], action: Callable[[], Any]) -> Any:
    """Call ``action`` in a process of the account; return what it returns, which is plain data.

    Only root can become another; anybody else does it as who they are.

    :raises ConfigError: what it raises, and what the system refuses.
    """
    if os.geteuid() != 0:
        return _result(_outcome(action))
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.close(reading)
            os.setgroups(groups)
            os.setgid(gid)
            os.setuid(uid)
            os.umask(0o077)
            os.chdir("/")
            with os.fdopen(writing, "w", encoding="utf-8", errors="surrogateescape") as pipe:
                json.dump(_outcome(action), pipe)
        finally:
            os._exit(0)  # Nothing of the process that this one is a copy of may be run twice.
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8", errors="surrogateescape") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    return _result(json.loads(answer) if answer else {"error": "the process of it died"})


def _outcome(action: Callable[[], Any]) -> dict[str, Any]:
    try:
        return {"result": action()}
    except ConfigError as error:
        return {"error": error.found, "path": error.path, "instead": error.instead}
    except ForeignFileError as error:
        found = "is no plain file of the account"
        return {"error": found, "path": str(error), "instead": "move it away"}
    except OSError as error:
        return {"error": error.strerror or str(error), "path": error.filename}


def _result(outcome: dict[str, Any]) -> Any:
    if "error" in outcome:
        instead = outcome.get("instead", "")
        raise ConfigError(outcome["error"], outcome.get("path"), instead=instead)
    return outcome["result"]
