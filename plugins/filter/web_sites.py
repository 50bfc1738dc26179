# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a web server's files of sites that are data."""

from __future__ import annotations

DOCUMENTATION = r"""
name: web_sites
short_description: Make a web server's files of sites that are data
version_added: "0.1.0"
description:
  - Checks static web sites, and gives the files that they are made of with the configuration of
    lighttpd that serves them, as M(labs.mail.file_set) takes them. What cannot be is an error that
    says where it stands and what to write instead.
author:
  - Mail Lab developers (@labs-mail)
positional: port
options:
  _input:
    description:
      - The sites by their names; null is a site that is not there. The role C(web_server) says
        which attributes they take.
    type: dict
    required: true
  port:
    description: The TCP port that they are served at.
    type: int
    default: 80
"""

EXAMPLES = r"""
- name: Show what a web server would be made of
  ansible.builtin.debug:
    msg: "{{ {'www.student1.test': {'files': {'index.html': 'Bonjour'}}} | labs.mail.web_sites }}"
"""

RETURN = r"""
_value:
  description: The files and folders.
  type: list
  elements: dict
"""

from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.plugin_utils._web_sites import (
    CONFIGURATION,
    lighttpd_conf,
    read_sites,
    site_files,
)


def web_sites(given: Any, port: int = 80) -> list[dict[str, Any]]:
    """Return the files and folders of the sites, and of lighttpd's configuration."""
    try:
        sites = read_sites(given, "web_server_sites")
    except ConfigError as error:
        raise AnsibleFilterError(str(error)) from error
    return [*site_files(sites), {"path": CONFIGURATION, "content": lighttpd_conf(sites, port)}]


class FilterModule:
    """The filter, as Ansible looks for it."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"web_sites": web_sites}
