# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A password for each account of each machine, all derived from one secret of the lab.

Who knows one knows nothing of another (HMAC, RFC 2104), and nothing has to be kept but the secret.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
"""32 letters and digits, without those that look alike."""

LENGTH = 10
"""Fifty bits: more than anybody tries over a network, few enough to type."""


def lab_password(secret: str, machine: str, account: str) -> str:
    """Return the password of an account of a machine."""
    name = f"{machine}\0{account}".encode()
    digest = hmac.new(secret.encode(), name, hashlib.sha256).digest()
    return "".join(LETTERS[byte % len(LETTERS)] for byte in digest[:LENGTH])


def lab_passwords(secret: str, machine: str, accounts: Iterable[str]) -> dict[str, str]:
    """Return the passwords of a machine's accounts by their names."""
    if not secret:
        raise ValueError("the lab's secret is empty; remove the file, and make lab writes another")
    return {account: lab_password(secret, machine, account) for account in accounts}
