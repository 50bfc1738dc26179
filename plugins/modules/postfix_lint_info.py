#!/usr/bin/python
# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the slips in a Postfix configuration."""

from __future__ import annotations

DOCUMENTATION = r"""
module: postfix_lint_info
short_description: Find the slips in a Postfix configuration
version_added: "0.1.0"
description:
  - Reads C(main.cf), C(master.cf) and the lookup tables that they name, and returns what is wrong
    there, each with its place and what to write instead. Nothing is changed.
  - Finds what stops Postfix's programs, and what C(postfix check) passes over. Among the latter are
    a name that is no parameter, with the one that is most like it; a restriction that there is
    none of, or that lacks what it works with; the name of a parameter without its C($); an option
    that the program of a service does not read; a number in the wrong column; a transport without
    a service; a table that is not there, or whose index is missing, old, or of something else;
    rules of a table of patterns that are cut into lines.
  - Without an installed Postfix, neither names of parameters nor types of values nor the contents
    of indexes are looked at.
  - It runs as whoever may read the files, usually root.
author:
  - Mail Lab developers (@labs-mail)
extends_documentation_fragment:
  - labs.mail.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
options:
  config_directory:
    description: Directory of the Postfix instance.
    type: path
    default: /etc/postfix
seealso:
  - module: labs.mail.postfix_main
  - module: labs.mail.postfix_map
  - module: labs.mail.postfix_master
"""

EXAMPLES = r"""
- name: Look through Postfix's configuration
  labs.mail.postfix_lint_info:
  register: lint

- name: Show what was found
  ansible.builtin.debug:
    msg: "{{ finding.path }}:{{ finding.line }}: {{ finding.message }}; write {{ finding.instead }}"
  loop: "{{ lint.findings }}"
  loop_control:
    loop_var: finding

- name: Go no further with what Postfix would stumble over
  ansible.builtin.assert:
    that: lint.findings | selectattr('severity', 'equalto', 'error') | length == 0

- name: Look through a second instance
  labs.mail.postfix_lint_info:
    config_directory: /etc/postfix-out
"""

RETURN = r"""
findings:
  description: What is wrong, in the order of C(main.cf), C(master.cf) and the tables.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: The file in which it is.
      type: str
    line:
      description: The line, from 1; null where it is the file as a whole.
      type: int
    column:
      description: The column in bytes, from 1; null where it is the line as a whole.
      type: int
    severity:
      description:
        - V(error) where Postfix stops, or defers, refuses or loses mail, or where a restriction
          does nothing. V(warning) where it works, and does something else than seems to be meant.
      type: str
    message:
      description: What was found.
      type: str
    instead:
      description: What to write instead; empty where the message says it all.
      type: str
  sample:
    - path: /etc/postfix/main.cf
      line: 12
      column: 1
      severity: warning
      message: "Transport_maps: Postfix knows no such parameter, and nothing refers to it"
      instead: transport_maps
"""

import dataclasses
import os
import tempfile

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.labs.mail.plugins.module_utils._ansible_io.failure import fail
from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._files.reading import read_file
from ansible_collections.labs.mail.plugins.module_utils._postfix.commands import Postfix
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.host import this_system
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.linter import lint
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.model import Finding, finding
from ansible_collections.labs.mail.plugins.module_utils._postfix.main_cf.preflight import Preflight
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameter_names import (
    read_postconf,
)

PROGRAMS = ("postmap", "postalias", "postconf")


def main() -> None:
    module = AnsibleModule(
        argument_spec={"config_directory": {"type": "path", "default": "/etc/postfix"}},
        supports_check_mode=True,
    )
    try:
        with tempfile.TemporaryDirectory() as folder:
            findings = look(module, folder)
    except ConfigError as error:
        fail(module, error)
    except OSError as error:
        fail(module, ConfigError(f"cannot be read ({error.strerror})", error.filename))
    module.exit_json(changed=False, findings=[dataclasses.asdict(found) for found in findings])


def look(module: AnsibleModule, folder: str) -> list[Finding]:
    """Return what is wrong, by our checks and by Postfix itself."""
    config_directory = module.params["config_directory"]
    path = os.path.join(config_directory, "main.cf")
    data = read_file(path) or b""
    programs = {name: module.get_bin_path(name, opt_dirs=["/usr/sbin"]) for name in PROGRAMS}
    if not all(programs.values()):
        return lint(config_directory, this_system(data, None, folder, {}, ()))
    refusal = refused(module, programs["postmap"], data, path)
    # With a main.cf that Postfix refuses, none of its programs would look at any table.
    config_directory_read = os.path.join(folder, "none") if refusal else config_directory
    postfix = Postfix(programs, module.run_command, config_directory_read, folder)
    defaults = read_postconf(programs["postconf"], module.run_command)
    types = module.run_command([programs["postconf"], "-m"])[1].split()
    findings = lint(config_directory, this_system(data, postfix, folder, defaults, types))
    known = any(found.path == path and found.severity == "error" for found in findings)
    return findings if known or refusal is None else [finding(refusal), *findings]


def refused(module: AnsibleModule, postmap: str, data: bytes, path: str) -> ConfigError | None:
    """Return why no program of Postfix would start with a main.cf; None where they would."""
    try:
        return Preflight(postmap, module.run_command, module.tmpdir).refuses(data, path)
    except ConfigError as error:
        return error


if __name__ == "__main__":
    main()
