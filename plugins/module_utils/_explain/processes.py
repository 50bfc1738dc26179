# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes of Postfix's programs, for the command lab too, which has no AnsibleModule."""

from __future__ import annotations

import subprocess


class Process(subprocess.Popen):
    """A process; ansible-test takes the plain name for a module's, which has run_command."""
