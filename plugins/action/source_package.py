# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Have a package built from source by one machine of each kind, and give it to the others."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ansible.constants import config
from ansible.errors import AnsibleError
from ansible.module_utils.urls import open_url

from ansible_collections.labs.mail.plugins.module_utils._build.package import FILE_NAME
from ansible_collections.labs.mail.plugins.module_utils._build.source import verify
from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._machine.baseline import sha256_of
from ansible_collections.labs.mail.plugins.plugin_utils._answers.action import DocumentedAction
from ansible_collections.labs.mail.plugins.plugin_utils._answers.documented import returns_of

MODULE = "labs.mail.source_package"
DOWNLOAD_SECONDS = 60
ON_MACHINES = "/var/cache/labs-mail"
"""Where a machine keeps what it has built: what it says itself of that is not asked."""

PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class ActionModule(DocumentedAction):
    """Run the module, and where it lacks the package, see to it that there is one."""

    _supports_async = False

    returns = returns_of("source_package")

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict:
        """Return the result of the module."""
        super(DocumentedAction, self).run(tmp, task_vars)
        try:
            return self._bring(task_vars or {})
        except ConfigError as error:
            return {"failed": True, "msg": str(error)}
        finally:
            self._remove_tmp_path(self._connection._shell.tmpdir)

    def _bring(self, task_vars: dict[str, Any]) -> dict:
        result = self._module(task_vars, build=False)
        if result.get("failed") or not result.get("missing"):
            return result
        if str(self._task.args.get("share", True)).lower() in ("false", "no", "0", "off"):
            return self._build(task_vars)
        name = os.path.basename(result["package_file"])
        if not FILE_NAME.fullmatch(name):
            raise ConfigError(f"the machine names a package {name!r}, which is no name of one")
        builder = str(self._task.args.get("builder") or "")
        if builder and not PLAIN_NAME.fullmatch(builder):
            raise ConfigError(f"builder: {builder!r} is no machine's name here")
        kept = self._cache(builder) / name
        with locked(kept):
            if is_kept(kept):
                return self._module(task_vars, built=self._put(kept))
            result = self._build(task_vars)
            # Nobody but the machine that is trusted to build gives a package to others.
            if not result.get("failed") and builder in ("", str(self._task.delegate_to or "")):
                with aside(kept) as new:
                    self._connection.fetch_file(f"{ON_MACHINES}/{name}", str(new))
                    digest_file(kept).write_text(f"{sha256_of(str(new))}\n")
            return result

    def _build(self, task_vars: dict[str, Any]) -> dict:
        source = dict(self._task.args["source"])
        if source.get("archive"):
            source["archive"] = self._put(self._archive(source))
        return self._module(task_vars, source=source)

    def _module(self, task_vars: dict[str, Any], **options: Any) -> dict:
        arguments = {**self._task.args, **options}
        arguments.pop("builder", None)
        answer = self._execute_module(MODULE, module_args=arguments, task_vars=task_vars)
        return self.believed(answer)

    def _put(self, local: Path) -> str:
        """Copy a file of the controller to the machine, where the module may read it."""
        shell = self._connection._shell
        folder = shell.tmpdir or self._make_tmp_path()
        remote = self._transfer_file(str(local), shell.join_path(folder, local.name))
        self._fixup_perms2((folder, remote))
        return remote

    def _archive(self, source: dict[str, Any]) -> Path:
        """Return the verified archive on the controller."""
        where, sha256 = source["archive"], source["sha256"]
        if not re.match(r"\w+://", where):
            try:
                path = Path(self._find_needle("files", where))
            except AnsibleError:
                raise ConfigError("there is no such archive on the controller", where) from None
            verify(path, sha256)
            return path
        path = self._cache() / sha256 / where.rpartition("/")[2]
        path.parent.mkdir(exist_ok=True)
        with locked(path):
            if not path.exists():
                with aside(path) as new:
                    download(where, new)
                    verify(new, sha256, where)
        return path

    def _cache(self, builder: str = "") -> Path:
        folder = Path(config.get_config_value("ANSIBLE_HOME")) / "labs.mail" / builder
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def digest_file(kept: Path) -> Path:
    """Return where the digest of a package that is kept stands."""
    return kept.with_name(f"{kept.name}.sha256")


def is_kept(kept: Path) -> bool:
    """Tell whether a package is kept as it was built; one that is not counts for nothing."""
    try:
        return digest_file(kept).read_text().strip() == sha256_of(str(kept))
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let one process of this controller at a time make a file."""
    with open(f"{path}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def aside(path: Path) -> Iterator[Path]:
    """Have a file made beside its place, which it takes once it is whole."""
    new = path.with_name(f"new-{path.name}")
    try:
        yield new
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


def download(url: str, path: Path) -> None:
    """Download a file; raise ConfigError where it is not to be had."""
    try:
        with open_url(url, timeout=DOWNLOAD_SECONDS) as answer, path.open("wb") as file:
            shutil.copyfileobj(answer, file)
    except (OSError, ValueError) as error:
        raise ConfigError(f"the archive cannot be downloaded ({error})", url) from error
