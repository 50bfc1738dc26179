# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a super-server's configuration of services that are data."""

from __future__ import annotations

DOCUMENTATION = r"""
name: super_server
short_description: Make a super-server's configuration of services that are data
version_added: "0.1.0"
description:
  - Checks services that are described once, and writes them as the configuration of xinetd or of
    OpenBSD's inetd. What cannot be is an error that says where it stands and what to write instead.
author:
  - Mail Lab developers (@labs-mail)
positional: program, defaults
options:
  _input:
    description:
      - The services by their names; null is a service that is not there. The roles C(xinetd) and
        C(inetd) say which attributes they take.
    type: dict
    required: true
  program:
    description: The super-server.
    type: str
    choices: [xinetd, inetd]
    required: true
  defaults:
    description: Attributes for all services together, which C(xinetd) alone takes.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Show what xinetd would read
  ansible.builtin.debug:
    msg: "{{ {'pop3': {'server': '/usr/sbin/ipop3d'}} | labs.mail.super_server('xinetd') }}"
"""

RETURN = r"""
_value:
  description: The configuration.
  type: dict
  contains:
    files:
      description: The files that it is, each with C(path) and C(content).
      type: list
      elements: dict
    ports:
      description: The TCP ports that the super-server listens on with it.
      type: list
      elements: int
"""

from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.plugin_utils._super_server.render import (
    inetd_conf,
    xinetd_files,
)
from ansible_collections.labs.mail.plugins.plugin_utils._super_server.services import (
    read_services,
    tcp_ports,
)


def super_server(given: Any, program: str, defaults: Any = None) -> dict[str, Any]:
    """Return the files of a super-server's configuration, and the TCP ports that it serves."""
    if program not in ("xinetd", "inetd"):
        raise AnsibleFilterError(f"{program} is no super-server; write xinetd or inetd")
    place = f"{program}_services"
    try:
        services = read_services(given, place)
        if program == "xinetd":
            files = xinetd_files(services, defaults or {}, "xinetd_defaults")
        else:
            files = [{"path": "/etc/inetd.conf", "content": inetd_conf(services, place)}]
    except ConfigError as error:
        raise AnsibleFilterError(str(error)) from error
    return {"files": files, "ports": tcp_ports(services)}


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"super_server": super_server}
