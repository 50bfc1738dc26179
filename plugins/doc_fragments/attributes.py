# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the attributes of the modules mean; each module says how far it supports them."""

from __future__ import annotations


class ModuleDocFragment:
    """The attributes that all modules have, and that of those with an action plugin."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description:
      - Can run in C(check_mode) and return changed status prediction without modifying target.
  diff_mode:
    description:
      - Will return details on what has changed (or possibly needs changing in C(check_mode)), when
        in diff mode.
  platform:
    support: full
    platforms: posix
    description: Target OS/families that can be operated against.
"""

    ACTION = r"""
options: {}
attributes:
  action:
    support: full
    description:
      - Indicates this has a corresponding action plugin so some parts of the options can be
        executed on the controller.
"""
