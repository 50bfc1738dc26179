#!/usr/bin/python
# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Send messages through mail servers and read them back as users do."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_probe
short_description: Send messages and read them back as users do
version_added: "0.1.0"
description:
  - Greets SMTP servers, sends short messages by SMTP, and waits until messages can be read by
    POP3 or IMAP, all of it from the host that the module runs on.
  - What does not go as wanted is no failure of the module; RV(results[].ok) tells.
author:
  - Mail Lab developers (@labs-mail)
extends_documentation_fragment:
  - labs.mail.attributes
attributes:
  check_mode:
    support: none
  diff_mode:
    support: none
options:
  greet:
    description: SMTP servers to greet.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: What the result is called.
        type: str
        required: true
      host:
        description: Name or address of the server.
        type: str
        default: localhost
      port:
        description: Port of the server.
        type: int
        default: 25
  send:
    description: Messages to send.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: What the result is called.
        type: str
        required: true
      host:
        description: Name or address of the SMTP server.
        type: str
        default: localhost
      port:
        description: Port of the SMTP server.
        type: int
        default: 25
      sender:
        description: Address of the sender, in the envelope and in the header.
        type: str
        required: true
      recipient:
        description: Address of the recipient, in the envelope and in the header.
        type: str
        required: true
      subject:
        description: Subject, by which the message is found again.
        type: str
        required: true
  read:
    description: Messages to wait for.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: What the result is called.
        type: str
        required: true
      protocol:
        description: Protocol of the mailbox server.
        type: str
        choices: [pop3, imap]
        required: true
      host:
        description: Name or address of the mailbox server, where it is not O(host).
        type: str
      port:
        description: Port of the mailbox server; V(110) for POP3 and V(143) for IMAP where it is not given.
        type: int
      user:
        description: Account that the mailbox belongs to.
        type: str
        required: true
      password:
        description: Password of the account, where it is not O(password).
        type: str
      subject:
        description: Subject of the message.
        type: str
        required: true
      delete:
        description: Whether the message is removed from the mailbox when it was found.
        type: bool
        default: false
  host:
    description: Name or address of the mailbox servers of O(read).
    type: str
    default: localhost
  password:
    description: Password of the accounts of O(read).
    type: str
  timeout:
    description: Seconds to wait for each message at most.
    type: int
    default: 30
"""

EXAMPLES = r"""
- name: Prove that a message from tech reaches prof
  labs.mail.mail_probe:
    send:
      - {name: sent, sender: tech, recipient: prof, subject: probe 42}
    read:
      - {name: read, protocol: imap, user: prof, password: "{{ password }}", subject: probe 42}
"""

RETURN = r"""
results:
  description: The outcome of each probe, by its name.
  returned: success
  type: dict
  contains:
    ok:
      description: Whether it went as wanted.
      type: bool
    text:
      description: What was seen last, such as the server's reply.
      type: str
    seconds:
      description: How long it took.
      type: float
  sample: {"sent": {"ok": true, "text": "250 2.0.0 Ok: queued as 4F1B2", "seconds": 0.02}}
"""

from dataclasses import asdict

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.labs.mail.plugins.module_utils._mail_client.inbox import PORTS, Inbox
from ansible_collections.labs.mail.plugins.module_utils._mail_client.probe import (
    send,
    wait_for_message,
)
from ansible_collections.labs.mail.plugins.module_utils._mail_client.smtp import greeting

SERVER = {
    "name": {"type": "str", "required": True},
    "host": {"type": "str", "default": "localhost"},
}

ARGUMENTS = {
    "greet": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {**SERVER, "port": {"type": "int", "default": 25}},
    },
    "send": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            **SERVER,
            "port": {"type": "int", "default": 25},
            "sender": {"type": "str", "required": True},
            "recipient": {"type": "str", "required": True},
            "subject": {"type": "str", "required": True},
        },
    },
    "read": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {"type": "str", "required": True},
            "host": {"type": "str"},
            "protocol": {"type": "str", "choices": ["pop3", "imap"], "required": True},
            "port": {"type": "int"},
            "user": {"type": "str", "required": True},
            "password": {"type": "str", "no_log": True},
            "subject": {"type": "str", "required": True},
            "delete": {"type": "bool", "default": False},
        },
    },
    "host": {"type": "str", "default": "localhost"},
    "password": {"type": "str", "no_log": True},
    "timeout": {"type": "int", "default": 30},
}


def probe(params: dict) -> dict:
    """Run the probes in the order of their kinds and return their outcomes."""
    results = {}
    for item in params["greet"]:
        results[item["name"]] = greeting(item["host"], item["port"])
    for item in params["send"]:
        name = item.pop("name")
        results[name] = send(**item)
    for item in params["read"]:
        name, subject, delete = (item.pop(key) for key in ("name", "subject", "delete"))
        item["host"] = item["host"] or params["host"]
        item["password"] = item["password"] or params["password"]
        item["port"] = item["port"] or PORTS[item["protocol"]]
        inbox = Inbox(**item)
        results[name] = wait_for_message(inbox, subject, params["timeout"], delete)
    return {name: asdict(seen) for name, seen in results.items()}


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS)
    module.exit_json(changed=False, results=probe(module.params))


if __name__ == "__main__":
    main()
