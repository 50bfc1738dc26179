#!/usr/bin/python
# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Follow a message through the mail log."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_trace_info
short_description: Follow a message through the mail log
version_added: "0.1.0"
description:
  - Reads the mail log with what was rotated of it, and returns the path of each message that is
    asked for, through all its queue ids and programs. Nothing is changed.
  - Queue ids are linked by what the log says (C(queued as), C(forwarded as), C(orig_queue_id),
    C(orig_id), the notifications of C(bounce)), then by the Message-ID, and last, for a message
    without one that C(pipe) gave to a program, by the user and the time at which C(pickup) got it
    back. What clamsmtpd, clamd, spamd, procmail and Dovecot say of the message stands at its queue
    id. What fits more than one message is linked to none; RV(paths[].unlinked) says so.
  - The usual layouts of rsyslog, of Postfix's own C(maillog_file) and of journalctl are read, also
    behind what Docker and Kubernetes put before the lines of a container. Those of journalctl that
    take several lines for an entry (C(export), C(json-pretty), C(verbose)) are made one line each.
    C(Mar 26 16:11:02) has no year; the log's last line is taken to be of the time when the file was
    last written.
  - It runs as whoever may read the log, usually root.
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
  path:
    description:
      - The log. Files beside it such as C(mail.log.1), C(mail.log.2.gz) and C(mail.log-20260307) are
        read too.
    type: path
    default: /var/log/mail.log
  contents:
    description:
      - Logs by the name of their machine, instead of O(path), to follow a message over several
        machines. The name takes the place of the one in the lines.
      - A log is text, or a list of lines such as RV(lines).
    type: dict
  queue_id:
    description: Follow the messages that had one of these queue ids.
    type: list
    elements: str
    default: []
  message_id:
    description: Follow the messages with one of these Message-IDs, with or without C(<>).
    type: list
    elements: str
    default: []
  recipient:
    description: Follow the messages for this address, or for this name at any domain.
    type: str
  sender:
    description:
      - Follow the messages from this address, or from this name at any domain. V(<>) is the empty
        sender, of notifications.
    type: str
  since:
    description:
      - Follow the messages since this time, as the log's clock shows it, such as
        V(2026-03-26 16:11) or V(2026-03-26).
    type: str
notes:
  - Without any of O(queue_id), O(message_id), O(recipient), O(sender) and O(since), every message of
    the log is followed. With several, all must hold.
  - A log may lack lines, for rsyslog drops some in bursts. They are said to be missing, where that
    shows.
seealso:
  - module: labs.mail.mail_probe
"""

EXAMPLES = r"""
- name: Follow a message by the queue id that the server answered with
  labs.mail.mail_trace_info:
    queue_id: 53AE9404458
  register: trace

- name: Print its path
  ansible.builtin.debug:
    msg: "{{ trace.paths | map(attribute='picture') }}"

- name: See what became of the messages for tech since this morning
  labs.mail.mail_trace_info:
    recipient: tech
    since: "2026-03-26"
  register: trace

- name: Go no further if one of them did not arrive
  ansible.builtin.assert:
    that:
      - trace.paths | rejectattr('status', 'equalto', 'sent') | length == 0
      - trace.refusals | length == 0

- name: Find messages that go round in circles, in Postfix's own log
  labs.mail.mail_trace_info:
    path: /var/log/postfix.log
  register: trace
  failed_when: trace.paths | selectattr('loops') | length > 0
"""

RETURN = r"""
paths:
  description: The messages, in the order in which they came.
  returned: success
  type: list
  elements: dict
  contains:
    status:
      description:
        - What became of it, for all recipients. Of Postfix are V(sent), V(deferred), V(bounced),
          V(expired), V(SOFTBOUNCE) with C(soft_bounce), V(deliverable) and V(undeliverable) where
          an address was only tried; besides there are V(discarded), V(rejected) after it had a queue id, V(held) in
          the queue C(hold), V(deleted) by postsuper, V(looping), V(queued), V(unknown) where no line
          tells, and V(mixed) where recipients differ.
        - A notification about it does not count.
      type: str
    sender:
      description: The sender in the envelope; null where no line tells.
      type: str
    recipients:
      description: The recipients in the envelope, as they were and as they were rewritten.
      type: list
      elements: str
    message_ids:
      description: The Message-ID without C(<>), and behind it those of notifications.
      type: list
      elements: str
    time:
      description: The time of its first line, in ISO 8601; without an offset where the log has none.
      type: str
    seconds:
      description: Seconds from its first line to its last.
      type: float
    hops:
      description: Its queue ids, each behind the one that it follows.
      type: list
      elements: dict
      contains:
        queue_id:
          description: The queue id.
          type: str
        host:
          description: The machine.
          type: str
        time:
          description: The time of the queue id's first line.
          type: str
        program:
          description: The program that brought it, V(smtpd) or V(pickup); null for another or none.
          type: str
        client:
          description: The SMTP client; the first one, where a filter passed its name on.
          type: str
        uid:
          description: The user whose program handed it to C(sendmail).
          type: int
        message_id:
          description: The Message-ID; empty where it has none, null where no line tells.
          type: str
        size:
          description: Its size in bytes.
          type: int
        previous:
          description: The queue id before.
          type: str
        linked_by:
          description: What shows that it follows that one, such as V(queued as) or V(Message-ID).
          type: list
          elements: str
        next:
          description: The queue ids that follow.
          type: list
          elements: str
        deliveries:
          description: What was tried for its recipients, in order.
          type: list
          elements: dict
          contains:
            time:
              description: When it was done.
              type: str
            program:
              description: The delivery agent, such as V(smtp), V(pipe) or V(local).
              type: str
            service:
              description: The same with the name of Postfix's instance, such as V(postfix/smtp).
              type: str
            recipient:
              description: The recipient.
              type: str
            orig_recipient:
              description: The recipient before it was rewritten.
              type: str
            relay:
              description: Where it was delivered to.
              type: str
            delay:
              description: Seconds since the message came; null where the line is cut off.
              type: float
            delays:
              description:
                - The parts of RV(paths[].hops[].deliveries[].delay) in seconds, for receiving it
                  (C(before_queue)), waiting (C(in_queue)), connecting (C(connection)) and
                  transmitting it (C(transmission)).
              type: dict
            dsn:
              description: The status code of RFC 3463.
              type: str
            status:
              description: What came of it, in Postfix's words; V(discarded) where a virus was found.
              type: str
            reply:
              description: What the other side said.
              type: str
            next:
              description: The queue id that the reply names, if the log has it.
              type: str
        visits:
          description: What programs beside Postfix did with it.
          type: list
          elements: dict
          contains:
            program:
              description: V(clamsmtpd), V(clamd), V(spamd), V(procmail) or V(dovecot).
              type: str
            ident:
              description: The program's own id of it, or its process.
              type: str
            time:
              description: When it began.
              type: str
            result:
              description: What it said.
              type: str
        actions:
          description: What else was done to it or its recipients, as in RV(actions).
          type: list
          elements: dict
        refused:
          description: What was said when the whole message was rejected or discarded.
          type: str
        left_queue:
          description: Whether the log says that it left the queue.
          type: bool
    loops:
      description: Where it came more than once on its way, for the same recipient.
      type: list
      elements: dict
      contains:
        host:
          description: The machine.
          type: str
        service:
          description: The service of Postfix that delivered it again and again.
          type: str
        relay:
          description: Where it was delivered to.
          type: str
        recipient:
          description: The recipient.
          type: str
        queue_ids:
          description: The queue ids with which it came.
          type: list
          elements: str
    unlinked:
      description: What could not be linked, and what is missing, in sentences.
      type: list
      elements: str
    lines:
      description: The lines of the log that are about it.
      type: list
      elements: str
    picture:
      description: The path as lines of a table, to be read.
      type: list
      elements: str
  sample:
    - status: sent
      sender: pvaniet@in.ac-amiens.fr
      recipients: [pvaniet@in.ac-amiens.fr]
      message_ids: [20080326151102.53AE9404458@ubuntu.in.ac-amiens.fr]
      time: "2008-03-26T16:11:02"
      seconds: 0.0
refusals:
  description:
    - Clients, recipients and messages that were not taken, with a queue id or before there was one.
      Not searched for with O(message_id).
  returned: success
  type: list
  elements: dict
  contains: &action
    time:
      description: When.
      type: str
    host:
      description: The machine.
      type: str
    program:
      description: The program, such as V(smtpd), V(postscreen), V(cleanup) or V(postsuper).
      type: str
    queue_id:
      description: The queue id, of which the message may have had other recipients; null before one.
      type: str
    action:
      description:
        - What was done, in the words of the log such as V(reject), V(discard), V(hold), V(redirect)
          or V(reject_warning) of a restriction that was only tried; V(release), V(delete),
          V(requeue), V(expire) by postsuper. Null for a line with none of them.
      type: str
    milter:
      description: Whether a milter decided so.
      type: bool
    stage:
      description:
        - The SMTP command or the part of the message at which it was done, such as V(RCPT),
          V(END-OF-MESSAGE) or V(header).
      type: str
    client:
      description: The SMTP client.
      type: str
    sender:
      description: The sender; null where none is named.
      type: str
    recipient:
      description: The recipient; null where none is named.
      type: str
    reason:
      description: What it was done to, and with what reply.
      type: str
actions:
  description:
    - What else was done to clients, recipients and messages, that is no refusal.
  returned: success
  type: list
  elements: dict
  contains: *action
unread:
  description:
    - How many lines have a layout that is not known, as C(count), and the C(first) of
      them; null where all could be read. With O(queue_id) or O(message_id) only the lines around
      these are looked at. A log of which nothing could be read is an error.
  returned: success
  type: dict
lines:
  description: The lines of all RV(paths), in the log's order, such as O(contents) takes them.
  returned: success
  type: list
  elements: str
files:
  description: The files that were read, the oldest first.
  returned: success
  type: list
  elements: str
  sample: [/var/log/mail.log.2.gz, /var/log/mail.log.1, /var/log/mail.log]
"""

import datetime
import os
import re

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.labs.mail.plugins.module_utils._ansible_io.failure import fail
from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._files.reading import read_file
from ansible_collections.labs.mail.plugins.module_utils._trace.follow import (
    Selection,
    Trace,
    follow,
    trace,
)
from ansible_collections.labs.mail.plugins.module_utils._trace.journal_entries import (
    one_line_each,
)
from ansible_collections.labs.mail.plugins.module_utils._trace.log_files import (
    MOST_BYTES,
    in_order,
    unpack,
)
from ansible_collections.labs.mail.plugins.module_utils._trace.log_lines import (
    Line,
    decode,
    merge,
    read,
)
from ansible_collections.labs.mail.plugins.module_utils._trace.render import (
    action_as_data,
    as_data,
)

BEGINNING = 20_000
"""Of so many characters of a log, at its beginning and end, some line must be readable."""

LONGEST = 200
"""So many characters of an unreadable line are shown."""

SINCE = re.compile(r"(?:\d{4}-\d\d(?:-\d\d(?:[ T]\d\d(?::\d\d(?::\d\d)?)?)?)?)?")


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "default": "/var/log/mail.log"},
            "contents": {"type": "dict"},
            "queue_id": {"type": "list", "elements": "str", "default": []},
            "message_id": {"type": "list", "elements": "str", "default": []},
            "recipient": {"type": "str"},
            "sender": {"type": "str"},
            "since": {"type": "str"},
        },
        supports_check_mode=True,
    )
    try:
        files, found = look(module)
    except ConfigError as error:
        fail(module, error)
    except OSError as error:
        fail(module, ConfigError(f"cannot be read ({error.strerror})", error.filename))
    if found.unread:
        module.warn(_unread(found.unread))
    module.exit_json(
        changed=False,
        paths=[as_data(path) for path in found.paths],
        refusals=[action_as_data(refusal) for refusal in found.refusals],
        actions=[action_as_data(action) for action in found.actions if not action.refuses],
        unread={"count": len(found.unread), "first": found.unread[0].raw[:LONGEST]}
        if found.unread
        else None,
        lines=[line.raw for line in found.lines],
        files=files,
    )


def _unread(lines: list[Line]) -> str:
    return (
        f"{len(lines)} line{'s' if len(lines) > 1 else ''} of the log could not be read, the first:"
        f" {lines[0].raw[:LONGEST]!r}"
    )


def look(module: AnsibleModule) -> tuple[list[str], Trace]:
    """Return the files that were read, and what they tell."""
    wanted = selection(module.params)
    contents = module.params["contents"]
    if contents is not None:
        today = datetime.date.today()
        texts = {
            host: "\n".join(map(str, log)) if isinstance(log, list) else _entries(str(log))
            for host, log in contents.items()
        }
        logs = [read(text, today, host) for host, text in texts.items()]
        for host, lines in zip(texts, logs):
            check_layout(lines, f"contents: {host}")
        return [], trace(merge(logs), wanted)
    files, text = log(module, module.params["path"])
    latest = datetime.date.fromtimestamp(os.stat(files[-1]).st_mtime)
    check_layout(read(text[:BEGINNING], latest) + read(text[-BEGINNING:], latest), files[-1])
    return files, follow(text, latest, wanted)


def _entries(text: str) -> str:
    return decode(one_line_each(text.encode("utf-8", "surrogateescape")))


def check_layout(lines: list[Line], name: str) -> None:
    """Raise a ConfigError where nothing of a log could be read."""
    if lines and not any(line.service for line in lines):
        raise ConfigError(
            f"no line could be read; the first is {lines[0].raw[:LONGEST]!r}. Give a log that "
            "syslog, Postfix or journalctl --output=short, short-iso, short-full or json wrote",
            name,
        )


def selection(params: dict) -> Selection:
    """Return what is asked for."""
    sender, since = params["sender"], params["since"] or ""
    queue_ids = tuple(name.strip() for name in params["queue_id"])
    message_ids = tuple(name.strip().strip("<>") for name in params["message_id"])
    if "" in queue_ids + message_ids:
        raise ConfigError(
            "an empty queue_id or message_id is no message's", instead="name one or leave it out"
        )
    if not SINCE.fullmatch(since):
        raise ConfigError(
            f"since: {since} is no time", instead="write it as 2026-03-26 16:11, or a part of it"
        )
    return Selection(
        queue_ids,
        message_ids,
        (params["recipient"] or "").strip("<>"),
        None if sender is None else sender.strip("<>"),
        since,
    )


def log(module: AnsibleModule, path: str) -> tuple[list[str], str]:
    """Return the files of a log, the oldest first, and their text as one."""
    folder, name = os.path.split(os.path.abspath(path))
    names, unread = in_order(name, os.listdir(folder))
    if not os.path.exists(path):
        names.remove(name)
    if not names:
        raise ConfigError(
            "there is no such log", path, instead="write the path of the one that Postfix fills"
        )
    for other in unread:
        module.warn(f"{os.path.join(folder, other)} was not read: only gzip is; unpack it")
    files = [os.path.join(folder, other) for other in names]
    texts = []
    most = MOST_BYTES
    # The youngest first: where there is too much, it is the oldest that is left out.
    for file in reversed(files):
        text, wrong = unpack(file, read_file(file) or b"", most)
        if wrong:
            module.warn(f"{file} was read in part: {wrong}")
        most = max(0, most - len(text))
        texts.append(text if text.endswith("\n") or not text else f"{text}\n")
    return files, "".join(reversed(texts))


if __name__ == "__main__":
    main()
