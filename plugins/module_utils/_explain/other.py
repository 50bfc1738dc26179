# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What another configuration makes of a message: one that was kept, or somebody's copy.

It is copied to where Postfix's own programs may read it. A main.cf names its tables by absolute
paths, which are those of the machine as it is now; those that the copy holds are read from it. What
is told bears the names that people know, and none of the copy.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._explain.configuration import (
    Configuration,
    Place,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.follow import explain
from ansible_collections.labs.mail.plugins.module_utils._explain.question import (
    End,
    Explanation,
    Question,
    Step,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.table_types import (
    INDEX_SUFFIXES,
)

STAGES = ("start", "solution")
KEPT = "/var/lib/labs.mail/stages"
"""Where the role lab_command keeps what Postfix has in /etc at a stage of the exercise."""

SECONDS_OLD = 60
"""Postfix waits for a file that was just written to stay as it is; a copy is so much older."""


def explain_other(configuration: Configuration, asked: Question, other: str) -> Explanation:
    """Return what another configuration makes of a question.

    :arg other: a stage of the exercise (``start``, ``solution``), a main.cf, a master.cf, the
        directory of an instance, or a directory such as /etc with ``postfix`` in it.
    :raises ConfigError: it is none of these.
    """
    try:
        with _copy(configuration, other) as copy:
            return copy.renamed(explain(copy.configuration, asked))
    except OSError as error:
        raise ConfigError(f"it cannot be copied ({error.strerror or error})", other) from error


@dataclass(frozen=True)
class _Copy:
    """A configuration in a copy.

    ``files`` has pairs of a path in the copy and that of the file itself, ``names`` of a path in
    the copy and the one by which a configuration refers to it.
    """

    configuration: Configuration
    files: tuple[tuple[str, str], ...]
    names: tuple[tuple[str, str], ...]

    def renamed(self, found: Explanation) -> Explanation:
        """Return an explanation in which nothing is named as it is in the copy."""
        return Explanation([*map(self._step, found.steps)], [*map(self._end, found.ends)])

    def _step(self, step: Step) -> Step:
        place = step.place and Place(_renamed(step.place.path, self.files), step.place.line)
        words = {
            name: _renamed(word, self.names) if isinstance(word, str) else word
            for name, word in step.words.items()
        }
        return replace(step, place=place, value=_renamed(step.value, self.names), words=words)

    def _end(self, end: End) -> End:
        by = end.decided_by and self._step(end.decided_by)
        return replace(end, where=_renamed(end.where, self.names), decided_by=by)


def _renamed(text: str, pairs: tuple[tuple[str, str], ...]) -> str:
    for path, name in pairs:
        text = text.replace(path, name)
    return text


@contextmanager
def _copy(configuration: Configuration, other: str) -> Iterator[_Copy]:
    source = _kept(other) if other in STAGES else other
    with tempfile.TemporaryDirectory(prefix="explain-") as folder:
        # Its tables may be secret: they are for root and for Postfix, as the programs run.
        os.chmod(folder, 0o710)
        os.chown(folder, 0, pwd.getpwnam(configuration.values["mail_owner"]).pw_gid)
        copy = os.path.join(folder, "etc", "postfix")
        if os.path.isfile(os.path.join(source, "main.cf")):
            files = _copy_directory(configuration, source, copy)
        elif os.path.isfile(os.path.join(source, "postfix", "main.cf")):
            files = _copy_etc(source, copy)
        elif os.path.isfile(source):
            files = _copy_file(configuration, source, copy)
        else:
            raise ConfigError(
                "there is no such file; write start, solution, a main.cf, a master.cf, or the"
                " directory of an instance",
                other,
            )
        names = ((copy, configuration.directory), (os.path.join(folder, "etc"), "/etc"))
        yield _Copy(Configuration(copy), files, names)


def kept(stage: str) -> str | None:
    """Return the directory in which a stage of the exercise is kept; None where it is not."""
    path = os.path.join(KEPT, stage, "etc")
    return path if os.path.isdir(path) else None


def _kept(stage: str) -> str:
    path = kept(stage)
    if path is None:
        instead = {
            "start": "it is kept when a machine comes to the start of an exercise",
            "solution": "it is kept when it is shown on this machine",
        }[stage]
        raise ConfigError(f"no {stage} is kept here", KEPT, instead=instead)
    return path


Pairs = tuple[tuple[str, str], ...]


def _copy_file(configuration: Configuration, source: str, copy: str) -> Pairs:
    """Copy this instance, with another main.cf or master.cf."""
    shutil.copytree(configuration.directory, copy, symlinks=True)
    path = os.path.join(copy, "master.cf" if _is_master(source) else "main.cf")
    shutil.copyfile(source, path)
    os.utime(path, (0, os.stat(source).st_mtime - SECONDS_OLD))
    return ((path, source), (copy, configuration.directory))


def _copy_directory(configuration: Configuration, source: str, copy: str) -> Pairs:
    """Copy another instance, or what was once kept of this one."""
    shutil.copytree(source, copy, symlinks=True)
    for own in (configuration.directory, os.path.realpath(source)):
        _refer(copy, own, source, copy)
    return ((copy, source),)


def _copy_etc(source: str, copy: str) -> Pairs:
    """Copy an instance with what it refers to in /etc."""
    etc = os.path.dirname(copy)
    shutil.copytree(os.path.join(source, "postfix"), copy, symlinks=True)
    _refer(copy, "/etc", source, etc)
    return ((etc, source),)


def _refer(copy: str, own: str, source: str, target: str) -> None:
    """Have main.cf and master.cf of a copy refer to what was copied, and copy that if need be.

    :arg own: the directory that they name.
    :arg source: the directory from which the copy was made.
    :arg target: that in the copy.
    """

    def referred(match: re.Match[str]) -> str:
        inner = os.path.normpath(match[1].lstrip("/"))
        # A table may be there as its index alone.
        names = [inner + suffix for suffix in ("", *INDEX_SUFFIXES) if not inner.startswith("..")]
        found = [name for name in names if os.path.isfile(os.path.join(source, name))]
        for name in found:
            if not os.path.exists(os.path.join(target, name)):
                os.makedirs(os.path.dirname(os.path.join(target, name)), exist_ok=True)
                shutil.copy2(os.path.join(source, name), os.path.join(target, name))
        return os.path.join(target, inner) if found else match[0]

    pattern = re.compile(rf"(?<![\w./-]){re.escape(own)}(/[\w.+@%/-]*[\w+@%-])")
    for name in ("main.cf", "master.cf"):
        path = os.path.join(copy, name)
        if os.path.isfile(path):
            with open(path, encoding="utf-8", errors="surrogateescape") as file:
                text = file.read()
            with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
                file.write(pattern.sub(referred, text))
            os.utime(path, (0, os.stat(path).st_mtime - SECONDS_OLD))


def _is_master(path: str) -> bool:
    """Tell a master.cf from a main.cf: a line of eight words, and no sign of equality before."""
    with open(path, encoding="utf-8", errors="replace") as file:
        lines = [line for line in file if line.strip() and line[0] not in "# \t"]
    return bool(lines) and all(len(line.split()) >= 8 for line in lines[:3])
