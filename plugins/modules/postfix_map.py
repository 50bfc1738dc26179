#!/usr/bin/python
# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Declare Postfix lookup tables and keep their indexes right."""

from __future__ import annotations

DOCUMENTATION = r"""
module: postfix_map
short_description: Declare Postfix lookup tables and keep their indexes right
version_added: "0.1.0"
description:
  - Gives the entries of lookup tables their values, or writes whole tables, and changes no more of
    their text than what differs. Comments, order and layout stay.
  - Rebuilds the index where it is missing, of another type, corrupt, older than the table, of
    another mode or owner, or where it answers something else than the text says. The index is
    built aside with Postfix's own program and then takes the old one's place in one step, so that
    mail never meets half an index.
  - What C(postmap) passes over with a warning is an error here, before anything is changed. What
    it warns of in C(main.cf) is a warning, and names C(main.cf).
author:
  - Mail Lab developers (@labs-mail)
extends_documentation_fragment:
  - labs.mail.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
options:
  config_directory:
    description: Directory of the Postfix instance, whose settings C(postmap) follows.
    type: path
    default: /etc/postfix
  tables:
    description: The tables, in the order in which they are brought to their state.
    type: list
    elements: dict
    required: true
    suboptions:
      path:
        description:
          - File of the table's text, without the type before it.
          - A path that is not absolute is taken from O(config_directory).
        type: path
        required: true
      type:
        description:
          - Type of the table. V(hash), V(btree), V(lmdb) and V(cdb) are compiled to an index;
            V(texthash), V(regexp), V(pcre) and V(cidr) are read by Postfix as they stand.
          - Without it, the one that Postfix takes where none is named (C(default_database_type)).
        type: str
      format:
        description:
          - What the text is. V(postmap) is a lookup table, V(postalias) an alias file
            (C(aliases(5\))).
          - V(postmap_files) is a table whose values name files, of which the index holds the
            contents, as C(tls_server_sni_maps) takes it (C(postmap -F)). What these files hold,
            such as private keys, is compared, and never returned or shown.
          - An index that C(postmap -F) made is refused with V(postmap), which would replace the
            keys by the names of their files.
        type: str
        choices: [postmap, postalias, postmap_files]
        default: postmap
      state:
        description: Whether the table is there. With V(absent) its index goes too.
        type: str
        choices: [present, absent]
        default: present
      entries:
        description:
          - The entries; a mapping from key to value, or a list of mappings with one key each, where
            the order counts, as it does for patterns. C(endif) in such a list stands alone.
          - A list as value is joined by commas; null takes the entry out.
        type: raw
      content:
        description: The whole text, instead of O(tables[].entries).
        type: str
      purge:
        description: Whether entries that O(tables[].entries) does not name are taken out. Comments stay.
        type: bool
        default: false
      verify:
        description:
          - How an index is looked at that is no older than its text. V(content) compares all that
            it answers with the text; V(mtime) believes it; V(always) rebuilds it at every run.
        type: str
        choices: [content, mtime, always]
        default: content
      on_warning:
        description: What to do about lines that Postfix would pass over.
        type: str
        choices: [fail, warn]
        default: fail
      sensitive:
        description:
          - Whether the values are secrets. They are left out of the diff, and a new table has mode
            V(0600). Neither a message nor what Ansible logs on the machine quotes them. Set C(no_log)
            on the task as well, so that Ansible does not show on the controller what it gives.
        type: bool
        default: false
      backup:
        description: Whether to keep a copy of a text that changes or goes, beside it.
        type: bool
        default: false
      owner:
        description: Owner of the text and its index, where it is to be set.
        type: str
      group:
        description: Group of the text and its index, where it is to be set.
        type: str
      mode:
        description: Mode of the text and its index, where it is to be set. A new table has V(0644).
        type: raw
seealso:
  - module: labs.mail.postfix_main
  - module: labs.mail.postfix_master
"""

EXAMPLES = r"""
- name: Forward a domain, refuse a sender, and check attachments
  labs.mail.postfix_map:
    tables:
      - path: transport
        entries:
          ac-amiens.fr: "smtp:[smtp.ac-amiens.fr]"
      - path: access
        purge: true
        entries:
          contact-info@pub.fr: REJECT
      - path: header_checks
        type: pcre
        entries:
          - '/^Content-(Disposition|Type):.*name="?.*\.(exe|bat|com)\b/i': REJECT attachment refused

- name: Give a certificate to those who ask for another name of this server
  labs.mail.postfix_map:
    tables:
      - path: sni
        format: postmap_files
        entries:
          mail.example.org: /etc/ssl/private/mail.example.org.pem

- name: Send root's mail to two people
  labs.mail.postfix_map:
    tables:
      - path: /etc/aliases
        format: postalias
        entries:
          root: [tech, prof]

- name: Keep the passwords for the relay where only root reads them
  labs.mail.postfix_map:
    tables:
      - path: sasl_passwd
        type: lmdb
        sensitive: true
        entries:
          "[smtp.example.org]:587": "{{ relay_user }}:{{ relay_password }}"
  no_log: true
"""

RETURN = r"""
tables:
  description: What was found and done, for each table.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: File of the table's text.
      type: str
    changed:
      description: Whether the text, its attributes or its index were not as asked.
      type: bool
    compiled:
      description: Whether the index was rebuilt.
      type: bool
    compile_reason:
      description:
        - Why it was; empty where it was not. V(source) is a text that changed; V(missing),
          V(stale), V(type), V(corrupt), V(contents), V(mode) and V(owner) are faults that the index
          had; V(always) is what O(tables[].verify) asked for.
      type: str
    index_path:
      description: File of the index; empty for types that have none.
      type: str
    entry_count:
      description: How many entries the text has.
      type: int
    duplicates:
      description: Keys that stand more than once.
      type: list
      elements: str
    backup_file:
      description: Copy of the text as it was, with O(tables[].backup=true).
      type: str
  sample:
    - path: /etc/postfix/transport
      changed: true
      compiled: true
      compile_reason: missing
      index_path: /etc/postfix/transport.db
      entry_count: 1
      duplicates: []
reload_needed:
  description:
    - Whether a running Postfix has something to read that it does not notice by itself, as it
      does not for the types that have no index.
  returned: success
  type: bool
  sample: false
"""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.labs.mail.plugins.module_utils._ansible_io.failure import fail
from ansible_collections.labs.mail.plugins.module_utils._ansible_io.file_edit import (
    attributes_to_change,
    backup_of,
    edit_file,
    header,
    os_errors_as_config_error,
)
from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._files.locked_dir import work_folder
from ansible_collections.labs.mail.plugins.module_utils._files.reading import holds
from ansible_collections.labs.mail.plugins.module_utils._postfix.commands import (
    NotInstalledError,
    Postfix,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.content import TableContent
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.diff import (
    hidden_text,
    index_diff,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.editor import edit_entries
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.installer import install
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.quotations import (
    MASK,
    hide_quotations,
    without_quotations,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.request import (
    requested_entries,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.table_types import (
    INDEX_SUFFIXES,
    PROGRAMS,
    table_type,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.verifier import (
    TableReport,
    TableSpec,
    TableVerifier,
    table_spec,
)

TABLE = {
    "path": {"type": "path", "required": True},
    "type": {},
    "format": {"choices": list(PROGRAMS), "default": "postmap"},
    "state": {"choices": ["present", "absent"], "default": "present"},
    "entries": {"type": "raw"},
    "content": {},
    "purge": {"type": "bool", "default": False},
    "verify": {"choices": ["content", "mtime", "always"], "default": "content"},
    "on_warning": {"choices": ["fail", "warn"], "default": "fail"},
    "sensitive": {"type": "bool", "default": False},
    "backup": {"type": "bool", "default": False},
    "owner": {},
    "group": {},
    "mode": {"type": "raw"},
}
TOOLS = ("postmap", "postalias", "postconf")


@dataclass(frozen=True)
class Decision:
    """The text that a table had and is to have, and what Postfix makes of it."""

    before: bytes | None
    data: bytes
    report: TableReport


class Module(AnsibleModule):
    """Tells nobody what it was given of a table of secrets."""

    def _log_invocation(self) -> None:
        """Log what the module was given, which Ansible asks for before anything is done."""
        if not any(table["sensitive"] for table in self.params["tables"]):
            super()._log_invocation()

    def hide_secrets(self) -> None:
        """Take the secrets out of what becomes the result's ``invocation``."""
        for table in self.params["tables"]:
            for given in ("entries", "content"):
                if table["sensitive"] and table[given] is not None:
                    table[given] = MASK


def main() -> None:
    module = Module(
        argument_spec={
            "config_directory": {"type": "path", "default": "/etc/postfix"},
            "tables": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": TABLE,
                "mutually_exclusive": [["entries", "content"]],
            },
        },
        supports_check_mode=True,
    )
    tables: list[dict[str, Any]] = []
    diffs: list[dict[str, Any]] = []
    try:
        with installed_postfix(module) as postfix:
            for params in module.params["tables"]:
                result = apply(module, params, postfix)
                diffs += result.pop("diff")
                tables.append(result)
    except ConfigError as error:
        module.hide_secrets()
        fail(module, error, tables=tables)
    module.hide_secrets()
    module.exit_json(
        changed=any(result["changed"] for result in tables),
        tables=tables,
        reload_needed=any(result["changed"] and not result["index_path"] for result in tables),
        diff=diffs,
    )


@contextlib.contextmanager
def installed_postfix(module: AnsibleModule) -> Iterator[Postfix | None]:
    """Yield the installed Postfix; None where there is none."""
    found = {name: module.get_bin_path(name, opt_dirs=["/usr/sbin"]) for name in TOOLS}
    if not all(found.values()):
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Postfix(found, module.run_command, module.params["config_directory"], folder)


def apply(module: AnsibleModule, params: dict[str, Any], postfix: Postfix | None) -> dict[str, Any]:
    """Bring a table to its state and return the result, with its diff.

    :raises ConfigError: it cannot be brought there; ``path`` is set.
    """
    path = os.path.join(module.params["config_directory"], params["path"])
    try:
        with os_errors_as_config_error(path):
            spec = requested_table(module, params, path, postfix)
            if params["state"] == "absent":
                return remove(module, spec, params["backup"])
            return Run(module, params, spec, postfix).apply()
    except ConfigError as error:
        error.path = error.path or path
        if params["sensitive"]:
            hide_quotations(error, keys_of(params["entries"]))
        raise


def keys_of(entries: Any) -> frozenset[str]:
    """Return the keys of entries, which are no secrets."""
    pairs = [entries] if isinstance(entries, dict) else entries if isinstance(entries, list) else []
    return frozenset(str(key) for pair in pairs if isinstance(pair, dict) for key in pair)


def requested_table(
    module: AnsibleModule, params: dict[str, Any], path: str, postfix: Postfix | None
) -> TableSpec:
    """Return what the table is, with the type that Postfix takes where none is named."""
    settings = postfix.settings if postfix else {}
    found = table_type(params["type"] or settings.get("default_database_type") or "hash")
    if params["format"] == "postalias" and not found.suffix:
        raise ConfigError(f"postalias makes no {found.name}", instead="write format: postmap")
    if params["state"] == "absent":
        postfix = None
    elif found.suffix and postfix is None and not module.check_mode:
        raise NotInstalledError(
            "there is no postmap on this machine", instead="install Postfix first"
        )
    return table_spec(path, found, params["format"], settings, postfix, params["verify"])


class Run:
    """One table that is to be there, and what it takes to bring it to its state."""

    def __init__(
        self,
        module: AnsibleModule,
        params: dict[str, Any],
        spec: TableSpec,
        postfix: Postfix | None,
    ) -> None:
        self.module = module
        self.params = params
        self.spec = spec
        self.postfix = postfix
        self.attributes = module.load_file_common_arguments(params, spec.path)
        if params["sensitive"] and not params["mode"] and not os.path.exists(spec.path):
            self.attributes["mode"] = "0600"

    def apply(self) -> dict[str, Any]:
        """Bring the text, its attributes and its index to their state."""
        spec = self.spec
        with work_directory(self.module, spec.index) as folder:
            decision, edited = edit_file(
                self.module,
                spec.path,
                lambda before: self.decide(before, folder),
                self.attributes,
                self.params["backup"],
            )
            report = decision.report
            if report.built and spec.index and not self.module.check_mode:
                real = os.path.realpath(spec.path)
                if not holds(real, decision.data):
                    raise ConfigError("changed while its index was made", instead="run this again")
                install(report.built, spec.index, os.stat(real), real)
        backup = {key: edited[key] for key in ("backup_file",) if key in edited}
        return {
            "path": spec.path,
            "changed": edited["changed"] or bool(report.reason),
            "compiled": bool(report.reason),
            "compile_reason": report.reason or "",
            "index_path": spec.index or "",
            "entry_count": report.entry_count,
            "duplicates": [key.decode("utf-8", "replace") for key in report.duplicates],
            "diff": self.diff(decision, edited["diff"]),
            **backup,
        }

    def decide(self, before: bytes | None, folder: str) -> Decision:
        """Return the text that the table is to have, which Postfix has read by then."""
        spec = self.spec
        content = self.wanted(before)
        reason = None
        if spec.index and content.data != before:
            reason = "source" if os.path.exists(spec.index) else "missing"
        elif spec.index:
            reason = self.attribute_to_change()
        source = os.stat(spec.path) if before is not None else None
        report = TableVerifier(spec, self.postfix, folder).verify(content, reason, source)
        self.judge(report)
        return Decision(before, content.data, report)

    def wanted(self, before: bytes | None) -> TableContent:
        """Return what the table is to hold."""
        params, spec = self.params, self.spec
        if params["content"] is not None:
            data = params["content"].encode("utf-8", "surrogateescape")
            return TableContent(spec.path, data, spec.syntax, spec.type)
        entries = requested_entries(params["entries"] or {}, spec.syntax)
        if before is None and not entries and spec.index and os.path.exists(spec.index):
            raise ConfigError(
                "there is an index and no text that it was made of, and an empty text would empty "
                "it",
                spec.index,
                instead="write entries or content, or remove the index first",
            )
        content = TableContent(spec.path, before or b"", spec.syntax, spec.type)
        return edit_entries(content, entries, params["purge"])

    def attribute_to_change(self) -> str | None:
        """Return which attribute of the text, and so of its index, is to be another."""
        attributes = dict(self.attributes, path=os.path.realpath(self.spec.path))
        wrong, diff = attributes_to_change(self.module, attributes)
        if not wrong:
            return None
        return "mode" if "mode" in diff[0]["after"] else "owner"

    def judge(self, report: TableReport) -> None:
        """Refuse, or warn of, what Postfix would pass over."""
        if report.warnings and self.params["on_warning"] == "fail":
            raise report.warnings[0]
        if report.refusal:
            raise report.refusal
        for warning in (*report.warnings, *dict.fromkeys(map(str, report.elsewhere))):
            text = str(warning)
            self.module.warn(without_quotations(text) if self.params["sensitive"] else text)

    def diff(self, decision: Decision, text_diff: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the diff of the text, without values that are secrets, and that of the index."""
        spec, before, after = self.spec, decision.before, decision.data
        sensitive, report = self.params["sensitive"], decision.report
        if sensitive and self.module._diff and before != after:
            text_diff = [hidden_text(spec.path, before, after, spec.syntax), *text_diff[1:]]
        if spec.index and report.reason and before == after:
            hide = sensitive or spec.format == "postmap_files"
            return [*text_diff, index_diff(spec.index, report.reason, report.difference, hide)]
        return text_diff


@contextlib.contextmanager
def work_directory(module: AnsibleModule, index: str | None) -> Iterator[str]:
    """Yield a directory for this user alone: beside the index, which moves from there."""
    if index is None or module.check_mode:
        with tempfile.TemporaryDirectory() as folder:
            yield folder
        return
    where, name = os.path.split(os.path.realpath(index))
    if not os.path.isdir(where):
        raise ConfigError(f"the directory {where} does not exist", instead="create it first")
    with work_folder(os.path.join(where, f".{name}.new")) as folder:
        yield folder


def remove(module: AnsibleModule, spec: TableSpec, keep_copy: bool) -> dict[str, Any]:
    """Remove the text and every index of it, but nothing that a symlink leads to."""
    there = [spec.path + suffix for suffix in ("", *INDEX_SUFFIXES)]
    there = [path for path in there if os.path.lexists(path)]
    for path in there:
        if os.path.isdir(path):
            raise ConfigError("is a directory, where a file must be", path, instead="move it away")
    backup = {}
    if not module.check_mode:
        if keep_copy and os.path.exists(spec.path):
            backup = {"backup_file": backup_of(module, spec.path)}
        for path in there:
            os.unlink(path)
    return {
        "path": spec.path,
        "changed": bool(there),
        "compiled": False,
        "compile_reason": "",
        "index_path": spec.index or "",
        "entry_count": 0,
        "duplicates": [],
        "diff": [dict(header(path), before="there\n", after="absent\n") for path in there],
        **backup,
    }


if __name__ == "__main__":
    main()
