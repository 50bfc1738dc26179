# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules that edit files have in common: check mode, diff, backup, file attributes."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Callable, Protocol, TypeVar

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._files import atomic
from ansible_collections.labs.mail.plugins.module_utils._files.reading import read_file


class Decision(Protocol):
    """What is to become of a file; ``data`` is what it is to hold, None where it is to go."""

    @property
    def data(self) -> bytes | None:
        """The bytes, or None."""


@dataclass(frozen=True)
class Content:
    """The plainest decision: these bytes, and nothing to say of them."""

    data: bytes | None


Decided = TypeVar("Decided", bound=Decision)


def edit_file(
    module: AnsibleModule,
    path: str,
    decide: Callable[[bytes | None], Decided],
    attributes: dict[str, Any] | None = None,
    backup: bool = False,
) -> tuple[Decided, dict[str, Any]]:
    """Change a file, or in check mode say what would be changed.

    :arg decide: takes what the file holds (None: there is none), returns the decision about it,
        and may raise ConfigError.
    :arg attributes: mode, owner and so on, as AnsibleModule.load_file_common_arguments() gives.
    :returns: the decision, and what the module returns: ``changed``, ``diff`` (the same in check
        mode as in the real run), ``backup_file``.
    :raises ConfigError: what ``decide`` raises, and what the system refuses.
    """
    decisions: list[Decided] = []

    def data_of(before: bytes | None) -> bytes | None:
        decisions.append(decide(before))
        return decisions[-1].data

    with os_errors_as_config_error(path):
        real = dict(attributes or {}, path=os.path.realpath(path))
        result = _edit_file(module, path, data_of, real, backup)
    return decisions[-1], result


@contextlib.contextmanager
def os_errors_as_config_error(path: str) -> Iterator[None]:
    """Re-raise OSError as ConfigError."""
    try:
        yield
    except OSError as error:
        found = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        raise ConfigError(f"the file cannot be changed ({found})", path) from error


def _edit_file(
    module: AnsibleModule,
    path: str,
    decide: atomic.Decide,
    attributes: dict[str, Any],
    backup: bool,
) -> dict[str, Any]:
    wrong, wrong_diff = attributes_to_change(module, attributes)
    result: dict[str, Any] = {}

    def before_replace(aside: str) -> None:
        if backup and os.path.exists(path):
            result["backup_file"] = backup_of(module, path)
        if os.path.exists(aside):
            module.set_fs_attributes_if_different(dict(attributes, path=aside), False)

    if module.check_mode:
        before = read_file(os.path.realpath(path))
        after = decide(before)
    else:
        mode = _octal(attributes.get("mode"))
        before, after = atomic.edit(path, decide, before_replace, mode)
        if before == after and wrong:
            module.set_fs_attributes_if_different(attributes, False)
    result["changed"] = before != after or (wrong and after is not None)
    # A large text is not made into two more for nobody.
    texts = content_diff(path, before, after) if module._diff else []
    result["diff"] = [*texts, *wrong_diff]
    return result


def _octal(mode: Any) -> int | None:
    """Return the mode that is asked for; None where it is relative to what there is."""
    if mode is None or isinstance(mode, int):
        return mode
    with contextlib.suppress(ValueError):
        return int(mode, 8)
    return None


def backup_of(module: AnsibleModule, path: str) -> str:
    """Copy a file beside itself; returns the copy's path. Nobody else can read it meanwhile."""
    umask = os.umask(0o077)
    try:
        return module.backup_local(path)
    finally:
        os.umask(umask)


def attributes_to_change(
    module: AnsibleModule, attributes: dict[str, Any]
) -> tuple[bool, list[dict[str, Any]]]:
    """Tell whether an existing file's mode, owner and so on differ, and the diff of it."""
    if not os.path.lexists(attributes["path"]):
        return False, []
    diff: dict[str, Any] = {}
    with _as_in_check_mode(module):
        wrong = module.set_fs_attributes_if_different(attributes, False, diff)
    return wrong, [dict(header(attributes["path"]), **diff)] if wrong else []


@contextlib.contextmanager
def _as_in_check_mode(module: AnsibleModule) -> Any:
    check_mode, module.check_mode = module.check_mode, True
    try:
        yield
    finally:
        module.check_mode = check_mode


def header(path: str) -> dict[str, str]:
    """Return the names that a diff gives its two sides."""
    return {"before_header": path, "after_header": path}


def content_diff(path: str, before: bytes | None, after: bytes | None) -> list[dict[str, str]]:
    """Return the diff of what a file held and holds, as text; bytes that are none are escaped."""
    if before == after:
        return []
    texts = [(data or b"").decode("utf-8", "backslashreplace") for data in (before, after)]
    return [dict(header(path), before=texts[0], after=texts[1])]
