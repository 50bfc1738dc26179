# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of modules that run machines; the documentation fragment machines says them."""

from __future__ import annotations

from typing import Any

ARGUMENTS: dict[str, Any] = {
    "lab": {"type": "str", "required": True},
    "state": {
        "type": "str",
        "choices": ["present", "recreated", "snapshotted", "templated", "stopped", "absent"],
        "default": "present",
    },
    "subnet": {"type": "str"},
    "internal": {"type": "bool", "default": True},
    "machines": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {"type": "str", "required": True},
            "image": {"type": "str", "required": True},
            "release": {"type": "str", "required": True},
            "address": {"type": "str", "required": True},
            "outside": {"type": "bool", "default": False},
            "state_image": {"type": "str", "default": ""},
            "class_image": {"type": "str", "default": ""},
            "files": {"type": "dict", "default": {}, "no_log": True},
            "capabilities": {"type": "list", "elements": "str", "default": []},
            "open_ports": {"type": "list", "elements": "str", "default": []},
            "reached_ports": {"type": "list", "elements": "str", "default": []},
            "published_ports": {"type": "dict", "default": {}},
            "hostname": {"type": "str", "default": ""},
        },
    },
    "open_ports": {
        "type": "list",
        "elements": "str",
        "default": ["25", "80", "110", "143", "465", "587", "993", "995"],
    },
    "walls": {"type": "bool", "default": False},
    "limits": {
        "type": "dict",
        "default": {},
        "apply_defaults": True,
        "options": {
            "memory": {"type": "str", "default": "2g"},
            "processes": {"type": "int", "default": 1024},
            "file": {"type": "str", "default": "4g"},
            "disk": {"type": "str", "default": ""},
        },
    },
    "keep_homes": {"type": "bool", "default": True},
    "uids": {"type": "dict", "default": {}},
    "files": {"type": "dict", "default": {}, "no_log": True},
    "wait_timeout": {"type": "int", "default": 60},
}

REQUIRED_IF = [("state", "present", ["subnet"]), ("state", "recreated", ["subnet"])]
