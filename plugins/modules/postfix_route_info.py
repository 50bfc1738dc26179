#!/usr/bin/python
# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell what Postfix would do with a message, and why."""

from __future__ import annotations

DOCUMENTATION = r"""
module: postfix_route_info
short_description: Tell what Postfix would do with a message, and why
version_added: "0.1.0"
description:
  - Follows a message that nobody sends from its client to each mailbox, next host, program or
    refusal, through restrictions, tables, rewriting, aliases, transports and filters, and names the
    line that decides each step. Nothing is sent, queued, delivered or changed.
  - Postfix's own programs of this machine are asked, on an empty queue of their own and with the
    configuration as it is in the files. A running Postfix may not have read it yet, is not needed,
    and not touched. Its log has no line of this.
  - Restrictions that ask DNS, policy services or other hosts, milters, and tables on servers are not
    asked. Where their answer decides, the verdict is V(unknown), with what is asked.
  - C(clamsmtpd) is followed through its C(/etc/clamsmtpd.conf).
  - What a program does with a message is not known. A filter that C(pipe) runs, and that has
    C(sendmail) in its script or command line, is taken to hand the message in again, and whatever
    becomes of that is V(unknown), with what it would be otherwise. Any other program is the end,
    V(command); its exit code decides whether the message is returned or kept.
  - It runs as root.
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
  sender:
    description: The sender in the envelope; an empty one is that of notifications.
    type: str
    default: ""
  recipients:
    description: The recipients in the envelope. Needed where O(find) is not given.
    type: list
    elements: str
    default: []
  client:
    description: The address of the SMTP client.
    type: str
    default: 127.0.0.1
  client_name:
    description: The client's name in DNS; when empty, there is none.
    type: str
    default: ""
  helo:
    description: What the client says after C(EHLO); when empty, its name.
    type: str
    default: ""
  login:
    description: The account with which the client has logged in; when empty, it has not.
    type: str
    default: ""
  port:
    description: The port to which the client connects.
    type: int
    default: 25
  headers:
    description: Lines of the message's header, each a name, a colon and a text.
    type: list
    elements: str
    default: []
  attachments:
    description: Names of files that the message has attached.
    type: list
    elements: str
    default: []
  content:
    description: The message itself, in the place of O(headers) and O(attachments).
    type: str
  find:
    description:
      - With V(relayed), the message is searched for, among messages of a stranger to strangers at
        each port that is reached from outside. The first one that is relayed is returned; it shows
        that this is an open relay.
    type: str
    choices: [relayed]
  against:
    description:
      - Another configuration, to which the way of the message is compared. It is a C(main.cf), a
        C(master.cf), the directory of an instance, or a directory such as F(/etc) with C(postfix) in
        it; V(start) or V(solution) is what the role P(labs.mail.lab_command#role) kept of that stage
        of the machine's exercise.
      - Tables that a directory holds are read from it, under whatever path its C(main.cf) names them;
        all others are those of the machine as it is.
    type: str
  config_directory:
    description: Directory of the Postfix instance.
    type: path
    default: /etc/postfix
seealso:
  - module: labs.mail.mail_trace_info
  - module: labs.mail.postfix_lint_info
"""

EXAMPLES = r"""
- name: Ask what becomes of a message from outside
  labs.mail.postfix_route_info:
    client: 203.0.113.9
    sender: contact-info@pub.fr
    recipients: prof@student1.test
  register: route

- name: Show it
  ansible.builtin.debug:
    msg: "{{ route.text.en }}"

- name: Go no further with a server that refuses its own users' mail
  labs.mail.postfix_route_info:
    sender: tech@student1.test
    recipients: [prof@student1.test, ami@example.org]
  register: route
  failed_when: route.ends | rejectattr('verdict', 'in', ['mailbox', 'relayed']) | length > 0

- name: Search for a message that makes it an open relay
  labs.mail.postfix_route_info:
    find: relayed
  register: relayed
  failed_when: relayed.ends | length > 0

- name: See where this machine parts from what it was at the exercise's start
  labs.mail.postfix_route_info:
    client: 203.0.113.9
    recipients: prof@student1.test
    against: start
  register: route

- name: See what a header check does with an attachment, in a second instance
  labs.mail.postfix_route_info:
    config_directory: /etc/postfix-out
    recipients: prof@student1.test
    attachments: virus.exe
"""

RETURN = r"""
steps:
  description: What happens, in order.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: What kind of step it is, such as V(row_reject), V(rewritten) or V(transport).
      type: str
    service:
      description: The service that takes the step, such as V(smtpd:25) or V(cleanup).
      type: str
    turn:
      description: Which arrival in a queue it is about, from 0.
      type: int
    path:
      description: The file with the line that decides it; null where a default does.
      type: str
    line:
      description: The number of the line; null where it is not known.
      type: int
    value:
      description: What decides it, such as a row of a table.
      type: str
    sentence:
      description: The step in words, by language (C(en) and C(fr)).
      type: dict
ends:
  description: What becomes of it, for each recipient at the end of its way.
  returned: success
  type: list
  elements: dict
  contains:
    recipient:
      description: The recipient, as it was rewritten.
      type: str
    verdict:
      description:
        - V(mailbox), V(file), V(command), V(relayed) to another host, V(refused), V(bounced),
          V(deferred), V(discarded), V(held), V(looping), V(broken) where a program of Postfix dies,
          or V(unknown). V(looping) is one that comes by again in all that decides where it goes.
      type: str
    where:
      description: The next host, the command, the file, the reply, or what is not known.
      type: str
    service:
      description: The service that does it.
      type: str
    turn:
      description: Which arrival in a queue it is about.
      type: int
    decided_by:
      description: The step that decided it, as in RV(steps); null where no single one did.
      type: dict
    sentence:
      description: The end in words, by language (C(en) and C(fr)).
      type: dict
asked:
  description: The question, with what was not given filled in; null where nothing was found.
  returned: success
  type: dict
  contains:
    sender:
      description: The sender.
      type: str
    recipients:
      description: The recipients.
      type: list
      elements: str
    client:
      description: The client's address.
      type: str
    port:
      description: The port.
      type: int
difference:
  description: Where the way parts from that of O(against); null where both are the same.
  returned: when O(against) is given
  type: dict
  contains:
    here:
      description: The first step that differs, as in RV(steps); null where there is none.
      type: dict
    there:
      description: The step in its place in the other configuration; null where there is none.
      type: dict
    ends:
      description: What becomes of the message there, as in RV(ends).
      type: list
      elements: dict
text:
  description: All of it as lines to be read, by language (C(en) and C(fr)).
  returned: success
  type: dict
  sample:
    en:
      - "smtpd:25  /etc/postfix/access:1  smtpd_sender_restrictions: check_sender_access finds ..."
"""

import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.labs.mail.plugins.module_utils._ansible_io.failure import fail
from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._explain.compare import (
    find_relayed,
    first_difference,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.configuration import Configuration
from ansible_collections.labs.mail.plugins.module_utils._explain.follow import explain
from ansible_collections.labs.mail.plugins.module_utils._explain.other import explain_other
from ansible_collections.labs.mail.plugins.module_utils._explain.question import (
    Explanation,
    Question,
    question,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.show import (
    difference_lines,
    lines,
)


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "sender": {"type": "str", "default": ""},
            "recipients": {"type": "list", "elements": "str", "default": []},
            "client": {"type": "str", "default": "127.0.0.1"},
            "client_name": {"type": "str", "default": ""},
            "helo": {"type": "str", "default": ""},
            "login": {"type": "str", "default": ""},
            "port": {"type": "int", "default": 25},
            "headers": {"type": "list", "elements": "str", "default": []},
            "attachments": {"type": "list", "elements": "str", "default": []},
            "content": {"type": "str"},
            "find": {"type": "str", "choices": ["relayed"]},
            "against": {"type": "str"},
            "config_directory": {"type": "path", "default": "/etc/postfix"},
        },
        mutually_exclusive=[("find", "against")],
        supports_check_mode=True,
    )
    try:
        if os.geteuid():
            raise ConfigError("it asks delivery agents, which needs root; set become: true")
        result = _look(module)
    except ConfigError as error:
        fail(module, error)
    module.exit_json(changed=False, **result)


def _look(module: AnsibleModule) -> dict[str, Any]:
    given = module.params
    configuration = Configuration(given["config_directory"])
    if given["find"]:
        asked, found = next(find_relayed(configuration), (None, Explanation()))
    else:
        asked = _question(given)
        found = explain(configuration, asked)
    data = found.as_data()
    text = {name: lines(data, name) for name in ("en", "fr")}
    result = {"asked": _asked(asked) if asked else None, "text": text, **data}
    if asked and given["against"]:
        difference = first_difference(found, explain_other(configuration, asked, given["against"]))
        result["difference"] = difference.as_data() if difference else None
        for name, said in text.items():
            said += ["", *difference_lines(result["difference"], given["against"], name)]
    return result


def _question(given: dict[str, Any]) -> Question:
    content = given["content"]
    return question(
        given["sender"],
        given["recipients"],
        given["client"],
        given["client_name"],
        given["helo"],
        given["login"],
        given["port"],
        given["headers"],
        given["attachments"],
        content.encode("utf-8", "surrogateescape") if content is not None else None,
    )


def _asked(asked: Question) -> dict[str, Any]:
    return {
        "sender": asked.sender,
        "recipients": list(asked.recipients),
        "client": asked.client.address,
        "port": asked.port,
    }


if __name__ == "__main__":
    main()
