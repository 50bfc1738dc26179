#!/usr/bin/python
# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write, link and remove a list of files in one task."""

from __future__ import annotations

DOCUMENTATION = r"""
module: file_set
short_description: Write, link and remove a list of files in one task
version_added: "0.1.0"
description:
  - Writes, links and removes many files in one task, where M(ansible.builtin.copy) costs a task
    and a transfer for each.
  - Every file is written aside and renamed, under a lock, so that it is whole at any moment.
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
  files:
    description: The files, in the order in which they are brought to their state.
    type: list
    elements: dict
    required: true
    suboptions:
      path:
        description: Absolute path.
        type: path
        required: true
      state:
        description:
          - V(present) is a file with O(files[].content), or a symbolic link to O(files[].link).
          - V(directory) is a directory; those above it are made where they lack.
          - V(absent) removes a file, a link, or a directory with all below it.
        type: str
        choices: [present, directory, absent]
        default: present
      content:
        description: What the file holds.
        type: str
      link:
        description: What the symbolic link points to.
        type: str
      follow:
        description:
          - Whether a symbolic link at the path stays, and the file that it points to gets
            O(files[].content). With V(false) a file takes the link's place.
        type: bool
        default: true
      purge:
        description:
          - Whether a directory loses what it holds and no entry of O(files) names, with
            O(files[].state=directory).
        type: bool
        default: false
      owner:
        description: Owner, where it is to be set; otherwise it stays as it is.
        type: str
      group:
        description: Group, where it is to be set; otherwise it stays as it is.
        type: str
      mode:
        description:
          - Mode, where it is to be set; otherwise it stays as it is.
          - A new file has V(0644) and a new directory V(0755) unless this says otherwise.
        type: raw
"""

EXAMPLES = r"""
- name: Give the machine its names
  labs.mail.file_set:
    files:
      - path: /etc/mailname
        content: "student1.test\n"
      - path: /etc/ssl/private/mail.key
        content: "{{ key }}"
        mode: "0600"
      - path: /etc/localtime
        link: /usr/share/zoneinfo/Europe/Paris
      - path: /var/spool/old
        state: absent
      - path: /etc/xinetd.d
        state: directory
        purge: true
  no_log: true
"""

RETURN = r"""
changed_paths:
  description: The files that were not as asked.
  returned: success
  type: list
  elements: str
  sample: [/etc/mailname]
"""

import os
import shutil
from collections.abc import Iterator
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.labs.mail.plugins.module_utils._ansible_io.failure import fail
from ansible_collections.labs.mail.plugins.module_utils._ansible_io.file_edit import (
    Content,
    attributes_to_change,
    content_diff,
    edit_file,
    header,
)
from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._files.strange_links import (
    refuse_strange_links,
)

FILE = {
    "path": {"type": "path", "required": True},
    "state": {"choices": ["present", "directory", "absent"], "default": "present"},
    "content": {},
    "link": {},
    "follow": {"type": "bool", "default": True},
    "purge": {"type": "bool", "default": False},
    "owner": {},
    "group": {},
    "mode": {"type": "raw"},
}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "files": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": FILE,
                "mutually_exclusive": [["content", "link"]],
                "required_if": [["state", "present", ["content", "link"], True]],
            }
        },
        supports_check_mode=True,
    )
    changed_paths: list[str] = []
    diffs: list[dict[str, Any]] = []
    for file in with_purged(module.params["files"]):
        try:
            result = apply(module, file)
        except ConfigError as error:
            fail(module, error, changed_paths=changed_paths)
        except OSError as error:
            refusal = ConfigError(f"cannot be made {file['state']} ({error})", file["path"])
            fail(module, refusal, changed_paths=changed_paths)
        if result["changed"]:
            changed_paths.append(file["path"])
            diffs += result["diff"]
    module.exit_json(changed=bool(changed_paths), changed_paths=changed_paths, diff=diffs)


def with_purged(files: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the files, and behind each directory that is purged what is to be removed from it."""
    named = [file["path"] for file in files]
    for file in files:
        yield file
        if file["state"] == "directory" and file["purge"] and os.path.isdir(file["path"]):
            for name in sorted(os.listdir(file["path"])):
                path = os.path.join(file["path"], name)
                if not any(other == path or other.startswith(f"{path}/") for other in named):
                    yield {"path": path, "state": "absent"}


def apply(module: AnsibleModule, file: dict[str, Any]) -> dict[str, Any]:
    """Write, link or remove one file, or create a directory."""
    path = file["path"]
    if not os.path.isabs(path):
        raise ConfigError("is not an absolute path", path, instead="write it from / on")
    if file["state"] == "absent":
        return remove(module, path)
    if file["state"] == "present" and file["link"] is not None:
        return link(module, path, file["link"])
    if file["state"] == "directory" or file["follow"]:
        refuse_strange_links(path)
    attributes = module.load_file_common_arguments(file, path)
    if file["state"] == "directory":
        return directory(module, path, attributes)
    content = file["content"].encode()
    if os.path.islink(path) and not file["follow"]:
        return replace_link(module, path, content, attributes)
    if module.check_mode and os.path.isdir(path):
        raise ConfigError("is a directory, where a file must be", path, instead="move it away")
    return edit_file(module, path, lambda before: Content(content), attributes)[1]


def kind(path: str) -> str:
    """Name what is at a path."""
    if os.path.islink(path):
        return f"link to {os.readlink(path)}"
    if os.path.isdir(path):
        return "directory"
    return "file" if os.path.exists(path) else "absent"


def changed(path: str, after: str) -> dict[str, Any]:
    """Return the result of a change from what is there to another kind of thing."""
    diff = dict(header(path), before=kind(path) + "\n", after=after + "\n")
    return {"changed": True, "diff": [diff]}


def remove(module: AnsibleModule, path: str) -> dict[str, Any]:
    """Remove what is at the path, whatever it is."""
    if not os.path.lexists(path):
        return {"changed": False}
    result = changed(path, "absent")
    if not module.check_mode:
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        else:
            os.unlink(path)
    return result


def name_aside(path: str) -> str:
    """Return a name beside a path for what is to take its place."""
    return f"{path}.{os.getpid()}.tmp"


def link(module: AnsibleModule, path: str, target: str) -> dict[str, Any]:
    """Create a symbolic link; it takes the place of a file or of another link."""
    if os.path.islink(path) and os.readlink(path) == target:
        return {"changed": False}
    if os.path.isdir(path) and not os.path.islink(path):
        raise ConfigError("is a directory, where a link must be", path, instead="move it away")
    result = changed(path, f"link to {target}")
    if not module.check_mode:
        aside = name_aside(path)
        os.symlink(target, aside)
        os.rename(aside, path)
    return result


def replace_link(
    module: AnsibleModule, path: str, content: bytes, attributes: dict[str, Any]
) -> dict[str, Any]:
    """Put a file in the place of a symbolic link; what the link points to stays as it is."""
    result = changed(path, "file")
    result["diff"] += content_diff(path, None, content)
    if not module.check_mode:
        aside = name_aside(path)
        edit_file(module, aside, lambda before: Content(content), attributes)
        os.rename(aside, path)
    return result


def directory(module: AnsibleModule, path: str, attributes: dict[str, Any]) -> dict[str, Any]:
    """Create a directory, or correct its mode and owner."""
    if os.path.isdir(path):
        wrong, diff = attributes_to_change(module, attributes)
        module.set_fs_attributes_if_different(attributes, False)
        return {"changed": wrong, "diff": diff}
    if os.path.lexists(path):
        raise ConfigError("is a file, where a directory must be", path, instead="move it away")
    result = changed(path, "directory")
    if not module.check_mode:
        create_directory(path)
        module.set_fs_attributes_if_different(attributes, False)
    return result


def create_directory(path: str) -> None:
    """Create a directory, and those above it, with their usual mode whatever the umask is."""
    above = os.path.dirname(path.rstrip("/"))
    if not os.path.isdir(above):
        create_directory(above)
    os.mkdir(path)
    os.chmod(path, 0o755)


if __name__ == "__main__":
    main()
