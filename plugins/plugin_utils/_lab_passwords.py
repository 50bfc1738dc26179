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


CONSONANTS, VOWELS = "bdfghjklmnprstvz", "aiou"
WORDS = 3
"""Of sixteen bits each: words that can be read aloud in any language and typed from a card."""


def lab_password(secret: str, machine: str, account: str) -> str:
    """Return the password of an account of a machine."""
    digest = _digest(secret, machine, account)
    return "".join(LETTERS[byte % len(LETTERS)] for byte in digest[:LENGTH])


def lab_words(secret: str, machine: str, account: str) -> str:
    """Return the password of an account of a machine as words: proquints (arXiv:0901.4016)."""
    digest = _digest(secret, machine, account)
    return "-".join(
        _word(int.from_bytes(digest[at : at + 2], "big")) for at in range(0, 2 * WORDS, 2)
    )


def _word(number: int) -> str:
    """Return sixteen bits as consonants, of four bits each, and vowels, of two."""
    places = ((CONSONANTS, 12), (VOWELS, 10), (CONSONANTS, 6), (VOWELS, 4), (CONSONANTS, 0))
    return "".join(letters[(number >> shift) % len(letters)] for letters, shift in places)


def _digest(secret: str, machine: str, account: str) -> bytes:
    name = f"{machine}\0{account}".encode()
    return hmac.new(secret.encode(), name, hashlib.sha256).digest()


def lab_passwords(
    secret: str, machine: str, accounts: Iterable[str], words: bool = False
) -> dict[str, str]:
    """Return the passwords of a machine's accounts by their names."""
    if not secret:
        raise ValueError("the lab's secret is empty; remove the file, and make lab writes another")
    derived = lab_words if words else lab_password
    return {account: derived(secret, machine, account) for account in accounts}
