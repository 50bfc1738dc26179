#!/usr/bin/python
# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Convert the mail of a host's accounts to one format, mbox or Maildir."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mailboxes
short_description: Convert the mail of a host's accounts to one format
version_added: "0.1.0"
description:
  - Moves all mail of the system accounts, inboxes and folders, into Maildirs or into mbox files, so
    that a mailbox server that reads that format finds it. What is in the format already stays, and
    what is moved comes to it.
  - Whether a message is new, seen, answered, flagged, a draft or deleted is kept, and when it came
    in. Keywords, and the numbers by which clients know messages, are not, so that clients fetch
    again; POP3 clients that leave mail on the server see it once more.
  - A message leaves its old place only once its new one is on the disk. When a run is killed, the
    next one goes on from there, and no message is lost or there twice. Mailboxes are locked as
    Postfix and procmail do, by dotlock and by fcntl, and each account's are touched with that
    account's rights only.
  - Folders in C(~/mail) that are no mbox of the account's are left as they are; RV(left) names them.
author:
  - Mail Lab developers (@labs-mail)
notes:
  - Let Postfix deliver in the new format first, and stop the server of the old one.
  - On the way into an mbox, a line of a message that begins with C(From) and a space gets a C(>),
    as that format wants it, and CR LF becomes LF.
  - A folder's name cannot have a point in a Maildir, where it becomes C(_). In a tree of mbox files
    what holds folders cannot hold messages, and those of C(a) beside C(a.b) move to C(a/a).
extends_documentation_fragment:
  - labs.mail.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
options:
  format:
    description:
      - V(maildir) is all in C(~/Maildir); folders are named in UTF-8, as Courier wants it.
      - V(mbox) is the inbox in C(/var/mail/<account>) and folders in C(~/mail); an empty C(~/Maildir) is
        removed.
    type: str
    choices: [maildir, mbox]
    required: true
  server:
    description:
      - The server that is to know to which folders an account subscribed. Each notes it in a file of
        its own; what the others' say goes into this one's.
      - V(courier) reads O(format=maildir) alone, V(uw_imap) O(format=mbox).
      - When not given, these files stay.
    type: str
    choices: [uw_imap, courier, dovecot]
  accounts:
    description:
      - Names of the accounts.
      - When empty, all whose number is one of a person (1000 to 59999) and whose home is there.
    type: list
    elements: str
    default: []
  create:
    description:
      - Whether accounts without mail get a C(~/Maildir) too, with O(format=maildir). Courier
        wants one before it lets anybody in, Dovecot and Postfix make it themselves.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Move everybody's mail into Maildirs
  labs.mail.mailboxes:
    format: maildir
    server: courier

- name: Move the mail of two accounts back into mbox files
  labs.mail.mailboxes:
    format: mbox
    accounts: [tech, prof]
"""

RETURN = r"""
moved:
  description: The mailboxes that were moved, and how many messages each held.
  returned: success
  type: list
  elements: dict
  contains:
    account:
      description: Name of the account.
      type: str
    source:
      description: The mbox, or the directory of a Maildir, that held the messages.
      type: str
    target:
      description: Where they are now.
      type: str
    messages:
      description: How many there were.
      type: int
  sample: [{"account": "tech", "source": "/var/mail/tech", "target": "/home/tech/Maildir", "messages": 3}]
left:
  description: What is in the place of an mbox and is none of the account's, and was left as it is.
  returned: success
  type: list
  elements: str
  sample: [/home/tech/mail/notes.txt]
"""

import grp
import os
import pwd

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.labs.mail.plugins.module_utils._ansible_io.failure import fail
from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._mailboxes import converter
from ansible_collections.labs.mail.plugins.module_utils._mailboxes.as_account import as_account
from ansible_collections.labs.mail.plugins.module_utils._mailboxes.folders import Account

PEOPLE = range(1000, 60000)
"""Numbers of people's accounts (Debian Policy 9.2.2)."""

SPOOL = "/var/mail"

CANNOT_READ = {("uw_imap", "maildir"), ("courier", "mbox")}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "format": {"type": "str", "choices": ["maildir", "mbox"], "required": True},
            "server": {"type": "str", "choices": ["uw_imap", "courier", "dovecot"]},
            "accounts": {"type": "list", "elements": "str", "default": []},
            "create": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    result = {"changed": False, "moved": [], "left": [], "diff": []}
    if (module.params["server"], module.params["format"]) in CANNOT_READ:
        module.fail_json(msg="{server} reads no {format}".format(**module.params))
    try:
        for entry in chosen(module.params["accounts"]):
            convert(module, entry, result)
    except ConfigError as error:
        fail(module, error, moved=result["moved"])
    module.exit_json(**result)


def chosen(names: list[str]) -> list[pwd.struct_passwd]:
    """Return the accounts of these names, or all people's."""
    everybody = {entry.pw_name: entry for entry in pwd.getpwall()}
    unknown = [name for name in names if name not in everybody]
    if unknown:
        raise ConfigError(
            f"there is no account {', '.join(unknown)}", instead="write a name of /etc/passwd"
        )
    people = [
        entry.pw_name
        for entry in everybody.values()
        if entry.pw_uid in PEOPLE and os.path.isdir(entry.pw_dir)
    ]
    return [everybody[name] for name in names or people]


def convert(module: AnsibleModule, entry: pwd.struct_passwd, result: dict) -> None:
    """Convert an account's mail to the format, and add to the result what was done."""
    account = Account(
        name=entry.pw_name,
        uid=entry.pw_uid,
        home=entry.pw_dir,
        inbox=os.path.join(SPOOL, entry.pw_name),
    )

    server = module.params["server"]

    def move() -> dict:
        if module.params["format"] == "mbox":
            return converter.to_mbox(account, module.check_mode, server).as_dict()
        create = module.params["create"]
        return converter.to_maildir(account, module.check_mode, server, create).as_dict()

    # Mailboxes in /var/mail, and the locks beside them, are the group mail's.
    groups = [entry.pw_gid, *(group.gr_gid for group in grp.getgrall() if group.gr_name == "mail")]
    outcome = as_account(entry.pw_uid, entry.pw_gid, groups, move)
    result["left"] += outcome["left"]
    for source, target, messages in outcome["moved"]:
        result["moved"].append(
            {"account": account.name, "source": source, "target": target, "messages": messages}
        )
        header = {"before_header": source, "after_header": target}
        lines = f"{messages} messages of {account.name}\n"
        result["diff"].append({**header, "before": lines, "after": lines})
    for path in outcome["subscriptions"]:
        header = {"before_header": path, "after_header": path}
        result["diff"].append({**header, "before": "subscriptions\n", "after": "absent\n"})
    for path in outcome["made"] + outcome["removed"]:
        states = ["absent\n", "directory\n"]
        before, after = states if path in outcome["made"] else reversed(states)
        header = {"before_header": path, "after_header": path}
        result["diff"].append({**header, "before": before, "after": after})
    done = ("moved", "made", "removed", "subscriptions")
    result["changed"] |= any(outcome[name] for name in done)


if __name__ == "__main__":
    main()
