# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Return role variables for a named content-filter chain."""

from __future__ import annotations

DOCUMENTATION = r"""
name: filter_chain
short_description: Return role variables for a named content-filter chain
version_added: "0.1.0"
description:
  - Gives the variables of the roles C(postfix), C(clamav), C(clamsmtp) and C(spamassassin) with
    which mail passes a chain of filters. What cannot be is an error that says what to write.
author:
  - Mail Lab developers (@labs-mail)
positional: names
options:
  _input:
    description:
      - V(none) is Postfix alone.
      - V(clamsmtp_front), clamsmtpd takes port 25, has clamd look, and passes to Postfix on port
        2525 of the loopback, which learns by XCLIENT who the client is.
      - V(clamsmtp_filter), Postfix takes port 25, passes to clamsmtpd on port 2525, and takes back
        on port 2626. By XFORWARD the log knows the client at each stage.
      - V(antispam), the same, and Postfix passes on to a pipe service that has SpamAssassin mark
        the message and hands it back by C(sendmail); by that mark a header check's C(FILTER) sends
        it on to port 2727.
    type: str
    choices: [none, clamsmtp_front, clamsmtp_filter, antispam]
    required: true
  names:
    description:
      - Ports, services and the like that are not the course's.
      - C(smtp_port) (25), C(behind_port) (2525; Postfix behind clamsmtpd), C(scan_port) (2525),
        C(return_port) (2626), C(final_port) (2727), C(clamd_port) (3310), C(spamd_port) (783).
      - C(client_service) (V(clientsmtp)) hands mail to filters, C(antispam_service)
        (V(spamassassin)) is the pipe, C(cleanup_service) (V(cleanupspam)) is that of local mail,
        with C(mark_table) (V(filtre)).
      - C(antispam_program), C(antispam_user) and C(antispam_uid) are what the pipe runs, as whom.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Show what Postfix is told
  ansible.builtin.debug:
    msg: "{{ ('antispam' | labs.mail.filter_chain({'final_port': 2828})).postfix }}"
"""

RETURN = r"""
_value:
  description: What each role is told.
  type: dict
  contains:
    postfix:
      description: C(parameters), C(services), C(maps) and C(ports), to be laid over all else.
      type: dict
    clamav:
      description: C(state) and C(port).
      type: dict
    clamsmtp:
      description: C(state), C(listen), C(forward_to), C(clamd) and C(xclient).
      type: dict
    spamassassin:
      description: C(state), C(port), C(program), C(user) and C(uid).
      type: dict
"""

from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.plugin_utils import _filter_chain


def filter_chain(chain: Any, names: Any = None) -> dict[str, Any]:
    """Return what Postfix and the filters are told so that mail passes a chain."""
    try:
        return _filter_chain.filter_chain(chain, names)
    except ConfigError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"filter_chain": filter_chain}
