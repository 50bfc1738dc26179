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
  - Makes the index anew where it is missing, of another type, corrupt, older than the table, of
    another mode or owner, or where it answers something else than the text says. The index is
    built aside with Postfix's own program and then takes the old one's place in one step, so that
    mail never meets half an index.
  - What C(postmap) passes over with a warning is an error here, before anything is changed.
author:
  - Mail Lab developers (@labs-mail)
attributes:
  check_mode:
    support: full
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
  diff_mode:
    support: full
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
  platform:
    support: full
    platforms: posix
    description: Target OS/families that can be operated against.
options:
  config_directory:
    description: Folder of the Postfix instance, whose settings C(postmap) follows.
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
        description: Whether the text is that of a lookup table or of an alias file (C(aliases(5\))).
        type: str
        choices: [postmap, postalias]
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
            it answers with the text; V(mtime) believes it; V(always) makes it anew at every run.
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
            V(0600). Set C(no_log) on the task as well, so that Ansible does not log what it is given.
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
      description: Whether the index was made anew.
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
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.labs.mail.plugins.module_utils._ansible_io import (
    attributes_to_change,
    backup_of,
    content_diff,
    edit_file,
    fail,
    header,
    os_errors_as_config_error,
)
from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._files import atomic as _file_edit
from ansible_collections.labs.mail.plugins.module_utils._files.locked_dir import work_folder
from ansible_collections.labs.mail.plugins.module_utils._postfix.commands import (
    NotInstalledError,
    Postfix,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.editor import set_entries
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.index import (
    IndexFormat,
    find_index_format,
    install,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.parser import hidden
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.request import (
    requested_entries,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.syntax import syntax
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.table_types import (
    INDEX_SUFFIXES,
    table_type,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.tables.verifier import (
    TableReport,
    TableSpec,
    TableVerifier,
)

TABLE = {
    "path": {"type": "path", "required": True},
    "type": {},
    "format": {"choices": ["postmap", "postalias"], "default": "postmap"},
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
PROGRAMS = ("postmap", "postalias", "postconf")
SHOWN_RECORDS = 1000
"""How many records of an index at most a diff shows as gone or new."""


def main() -> None:
    module = AnsibleModule(
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
                result = bring(module, params, postfix)
                diffs += result.pop("diff")
                tables.append(result)
    except ConfigError as error:
        fail(module, error, tables=tables)
    module.exit_json(
        changed=any(result["changed"] for result in tables),
        tables=tables,
        reload_needed=any(result["changed"] and not result["index_path"] for result in tables),
        diff=diffs,
    )


@contextlib.contextmanager
def installed_postfix(module: AnsibleModule) -> Iterator[Postfix | None]:
    """Yield the installed Postfix; None where there is none."""
    found = {name: module.get_bin_path(name, opt_dirs=["/usr/sbin"]) for name in PROGRAMS}
    if not all(found.values()):
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Postfix(found, module.run_command, module.params["config_directory"], folder)


def bring(module: AnsibleModule, params: dict[str, Any], postfix: Postfix | None) -> dict[str, Any]:
    """Bring a table to its state and return the result, with its diff.

    :raises ConfigError: it cannot be brought there; ``path`` is set.
    """
    path = os.path.join(module.params["config_directory"], params["path"])
    try:
        with os_errors_as_config_error(path):
            run = Run(module, params, path, postfix)
            return run.remove() if params["state"] == "absent" else run.bring()
    except ConfigError as error:
        error.path = error.path or path
        raise


class Run:
    """One table that is asked for, and what it takes to bring it to its state."""

    def __init__(
        self, module: AnsibleModule, params: dict[str, Any], path: str, postfix: Postfix | None
    ) -> None:
        self.module = module
        self.params = params
        self.path = path
        self.postfix = postfix
        settings = postfix.settings if postfix else {}
        self.type = table_type(params["type"] or settings.get("default_database_type") or "hash")
        if params["format"] == "postalias" and not self.type.suffix:
            raise ConfigError(f"postalias makes no {self.type.name}; write format: postmap")
        utf8 = settings.get("smtputf8_enable", "yes").lower() != "no"
        self.syntax = syntax(self.type.name, params["format"], utf8)
        self.attributes: dict[str, Any] = {}
        self.texts: tuple[bytes | None, bytes | None] = (None, None)
        self.found = TableReport()

    def bring(self) -> dict[str, Any]:
        """Bring a table that is to be there to its state."""
        self.attributes = self.module.load_file_common_arguments(self.params, self.path)
        if self.params["sensitive"] and not self.params["mode"] and not os.path.exists(self.path):
            self.attributes["mode"] = "0600"
        kind = self._kind()
        index = self._index(kind)
        asked = TableSpec(
            self.path, self.type, self.params["format"], self.syntax,
            self.params["verify"], index, kind,
        )  # fmt: skip
        with self._folder(index) as folder:
            edited = edit_file(
                self.module,
                self.path,
                lambda before: self._decide(before, asked, folder),
                self.attributes,
                self.params["backup"],
            )
            if self.found.built and not self.module.check_mode:
                real = os.path.realpath(self.path)
                if not _file_edit.holds(real, self.texts[1]):
                    raise ConfigError("changed while its index was made; run this again")
                install(self.found.built, index, os.stat(real), real)
        reason = self.found.reason or ""
        result = self._result(
            changed=edited["changed"] or bool(reason),
            compiled=bool(reason),
            compile_reason=reason,
            index_path=index or "",
            entry_count=self.found.entry_count,
            duplicates=[key.decode("utf-8", "replace") for key in self.found.duplicates],
            diff=[*self._hide(edited["diff"]), *self._index_diff(index)],
        )
        if "backup_file" in edited:
            result["backup_file"] = edited["backup_file"]
        return result

    def _result(self, **result: Any) -> dict[str, Any]:
        return {"path": self.path, **result}

    def _kind(self) -> IndexFormat | None:
        """Return what the installed Postfix makes of the type; None where it has no index."""
        if not self.type.suffix:
            return None
        if self.postfix is not None:
            return find_index_format(self.postfix, self.type)
        if self.module.check_mode:
            return None
        raise NotInstalledError("there is no postmap on this machine; install Postfix first")

    def _index(self, kind: IndexFormat | None) -> str | None:
        """Return the index's path, which Postfix makes of the path that it is given."""
        suffix = kind.suffix if kind else self.type.suffix
        return self.path + suffix if suffix else None

    @contextlib.contextmanager
    def _folder(self, index: str | None) -> Iterator[str]:
        """Yield a folder for this user alone: beside the index, which moves from there."""
        if index is None or self.module.check_mode:
            with tempfile.TemporaryDirectory() as folder:
                yield folder
            return
        where, name = os.path.split(os.path.realpath(index))
        if not os.path.isdir(where):
            raise ConfigError(f"the folder {where} does not exist; create it first")
        with work_folder(os.path.join(where, f".{name}.new")) as folder:
            yield folder

    def _decide(self, before: bytes | None, asked: TableSpec, folder: str) -> bytes:
        """Return the text that the table is to have, which Postfix has read by then."""
        after = self._wanted(before)
        self.texts = (before, after)
        reason = None
        if asked.index and after != before:
            reason = "source" if os.path.exists(asked.index) else "missing"
        elif asked.index:
            reason = self._attribute_to_change()
        source = os.stat(self.path) if before is not None else None
        examination = TableVerifier(asked, self.postfix, folder, self._judge)
        self.found = examination.look(after, reason, source)
        return after

    def _attribute_to_change(self) -> str | None:
        """Return which attribute of the text, and so of its index, is to be another."""
        attributes = dict(self.attributes, path=os.path.realpath(self.path))
        wrong, diff = attributes_to_change(self.module, attributes)
        if not wrong:
            return None
        return "mode" if "mode" in diff[0]["after"] else "owner"

    def _wanted(self, before: bytes | None) -> bytes:
        if self.params["content"] is not None:
            return self.params["content"].encode("utf-8", "surrogateescape")
        wanted = requested_entries(self.params["entries"] or {}, self.syntax)
        return set_entries(before or b"", wanted, self.params["purge"], self.syntax, self.path)

    def _judge(self, problems: list[ConfigError]) -> None:
        """Refuse, or warn of, what Postfix would pass over."""
        if problems and self.params["on_warning"] == "fail":
            raise problems[0]
        for problem in problems:
            self.module.warn(str(problem))

    def _hide(self, diff: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the diff of the text without the values, where these are secrets."""
        before, after = self.texts
        if not self.params["sensitive"] or not self.module._diff or before == after:
            return diff
        safe = content_diff(self.path, *(hidden(text or b"", self.syntax) for text in self.texts))
        return [
            *(safe or [dict(header(self.path), before="", after="a value differs\n")]),
            *diff[1:],
        ]

    def _index_diff(self, index: str | None) -> list[dict[str, Any]]:
        """Return how an index differs whose text did not change."""
        reason = self.found.reason
        if not reason or self.texts[0] != self.texts[1]:
            return []
        sides = [self.found.difference.extra, self.found.difference.lacking]
        before, after = (self._shown(sorted(records)) for records in sides)
        return [dict(header(index), before=f"# {reason}\n{before}", after=after)]

    def _shown(self, records: list[bytes]) -> str:
        """Return records of an index as a diff shows them."""
        more = len(records) - SHOWN_RECORDS
        records = records[:SHOWN_RECORDS]
        if self.params["sensitive"]:
            records = [record.split(b"\t")[0] + b"\t********" for record in records]
        lines = [record.decode("utf-8", "backslashreplace") for record in records]
        if more > 0:
            lines.append(f"# and {more} more")
        return "".join(f"{line}\n" for line in lines)

    def remove(self) -> dict[str, Any]:
        """Remove the text and every index of it, but nothing that a symlink leads to."""
        there = [self.path + suffix for suffix in ("", *INDEX_SUFFIXES)]
        there = [path for path in there if os.path.lexists(path)]
        for path in there:
            if os.path.isdir(path):
                raise ConfigError("is a folder, where a file must be; move it away", path)
        backup = {}
        if not self.module.check_mode:
            if self.params["backup"] and os.path.exists(self.path):
                backup = {"backup_file": backup_of(self.module, self.path)}
            for path in there:
                os.unlink(path)
        return self._result(
            changed=bool(there),
            compiled=False,
            compile_reason="",
            index_path=self._index(None) or "",
            entry_count=0,
            duplicates=[],
            diff=[dict(header(path), before="there\n", after="absent\n") for path in there],
            **backup,
        )


if __name__ == "__main__":
    main()
