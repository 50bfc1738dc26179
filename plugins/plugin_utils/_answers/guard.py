# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Guard the controller against what machines say to modules that are not the collection's.

Modules of ansible-core answer by themselves: what they say is printed, and first of all read.
Ansible has one place through which all that it prints goes, and its workers inherit the limits of
the process that they are forked from.
"""

from __future__ import annotations

import resource
from typing import Any

from ansible import constants
from ansible.utils.display import Display

from ansible_collections.labs.mail.plugins.module_utils._text import clean_but_colours
from ansible_collections.labs.mail.plugins.plugin_utils._answers.bounded_output import (
    bound_mitogen,
    bound_ssh,
)
from ansible_collections.labs.mail.plugins.plugin_utils._answers.workers import (
    end_with_their_parent,
)

MOST_MEMORY = 2 << 30
"""Bytes of data that a process of Ansible may have: a machine that never ends its answer fails."""


def guard(display: Display) -> None:
    """Have Ansible print clean text, and its processes take bounded answers and end with it."""
    _print_clean(display)
    limit_memory()
    end_with_their_parent()
    bound_ssh()
    if constants.DEFAULT_STRATEGY.startswith("mitogen"):
        bound_mitogen()


def _print_clean(display: Display) -> None:
    show = display.display
    if getattr(show, "is_clean", False):
        return

    def show_clean(msg: str, *args: Any, **kwargs: Any) -> None:
        show(clean_but_colours(msg), *args, **kwargs)

    vars(show_clean)["is_clean"] = True
    display.display = show_clean


def limit_memory() -> None:
    """Set the limit, where there is none that is lower."""
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    lowest = min(each for each in (MOST_MEMORY, soft, hard) if each != resource.RLIM_INFINITY)
    resource.setrlimit(resource.RLIMIT_DATA, (lowest, hard))
