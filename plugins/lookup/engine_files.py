# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Return the files of a program made of this collection's engines."""

from __future__ import annotations

DOCUMENTATION = r"""
name: engine_files
short_description: Return the files of a program made of this collection's engines
version_added: "0.1.0"
description:
  - Gives the engines that the one named needs, itself first, and a program that runs its C(main()),
    as M(labs.mail.file_set) takes them. With them the program needs Python and nothing more.
author:
  - Mail Lab developers (@labs-mail)
options:
  _terms:
    description: Dotted name of the engine below C(module_utils), as C(_checks.lab_command).
    type: list
    elements: str
    required: true
  program:
    description: Path of the program; without one, the engines alone are given.
    type: path
"""

EXAMPLES = r"""
- name: Put the command lab on a machine
  labs.mail.file_set:
    files: >-
      {{ query('labs.mail.engine_files', '_checks.lab_command', program='/usr/local/bin/lab') }}
"""

RETURN = r"""
_raw:
  description: The files, with their paths, contents and modes.
  type: list
  elements: dict
"""

import re
from pathlib import Path
from typing import Any

from ansible.plugins.lookup import LookupBase

PACKAGE = "ansible_collections.labs.mail.plugins.module_utils"
ENGINES = Path(__file__).resolve().parents[1] / "module_utils"
IMPORT = re.compile(rf"^ *from {re.escape(PACKAGE)}\.?([\w.]*) import (\([^)]*\)|.*)$", re.M)
"""An import of engines, with the module and the names. A run looks for them again for each machine,
and to parse a hundred files takes twenty times as long."""

FOLDER = "/usr/local/lib/labs.mail"

PROGRAM = """\
#!/usr/bin/python3
# Managed by Ansible: labs.mail
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, "{folder}")
from {package}.{engine} import main

raise SystemExit(main())
"""


class LookupModule(LookupBase):
    """The lookup plugin."""

    def run(self, terms: list[str], variables: Any = None, **kwargs: Any) -> list[dict[str, str]]:
        """Return the files."""
        self.set_options(var_options=variables, direct=kwargs)
        root = Path(FOLDER, *PACKAGE.split("."))
        files = {str(root / _file(engine)): _file(engine) for engine in needed(terms[0])}
        parents = {str(Path(path).parent) for path in files}
        directories = sorted(parents, key=lambda path: (path.count("/"), path))
        programs = [path for path in (self.get_option("program"),) if path]
        program = PROGRAM.format(folder=FOLDER, package=PACKAGE, engine=terms[0])
        return [
            *({"path": path, "state": "directory"} for path in directories),
            *(
                {"path": path, "content": (ENGINES / file).read_text(), "mode": "0644"}
                for path, file in files.items()
            ),
            *({"path": path, "content": program, "mode": "0755"} for path in programs),
        ]


def needed(engine: str, known: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return an engine and all that it imports of the others, each once."""
    if engine in known:
        return known
    known = (*known, engine)
    for inner, names in IMPORT.findall((ENGINES / _file(engine)).read_text()):
        for each in _engines(inner, [name.split()[0] for name in names.strip("(,)\n ").split(",")]):
            known = needed(each, known)
    return known


def _engines(module: str, names: list[str]) -> list[str]:
    """Return the engines that ``from module import names`` brings: a package's names are some."""
    if module and (ENGINES / _file(module)).is_file():
        return [module]
    return [f"{module}.{name}".lstrip(".") for name in names]


def _file(engine: str) -> str:
    return engine.replace(".", "/") + ".py"
