# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What smtpd(8) would ask of others, and how it is kept from asking: unknown is said to be unknown.

A restriction that asks DNS, a policy service or another host gives its place to an empty class of a
name of ours. That has no opinion, and the log tells whether smtpd came by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.labs.mail.plugins.module_utils._explain.configuration import Configuration
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.model import WORD
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.parser import Entry

LISTS = tuple(
    f"smtpd_{name}_restrictions"
    for name in ("client", "helo", "sender", "relay", "recipient", "data", "end_of_data")
)

ASKING = re.compile(
    r"reject_unknown_(?:sender_domain|recipient_domain|helo_hostname|hostname|address)"
    r"|reject_unverified_(?:sender|recipient)|permit_mx_backup|reject_maps_rbl"
    r"|reject_unknown_(?:(?:reverse_)?client_hostname|client|forward_client_hostname)"
)
OF_LOGINS = re.compile(r"reject_(?:(?:known|authenticated|unauthenticated)_)?sender_login_mismatch")
"""These do nothing in an smtpd without SASL. With it they are not known, since it is off here."""

ASKING_OF = re.compile(
    r"reject_rbl(?:_client)?|reject_rhsbl_\w+|permit_(?:dnswl|rhswl)_client|check_policy_service"
    r"|check_\w+_(?:a|mx|ns)_access|sleep"
)
"""Restrictions that another word follows, which says whom or what they ask."""

MAY_PERMIT = re.compile(r"permit_\w+|check_\w+")

DATABASES = re.compile(
    r"\b(?:proxy:)?(?:ldap|mysql|pgsql|mongodb|memcache|tcp|socketmap|nis|netinfo|pipemap):"
)
"""Tables that are asked over a network, or that may be."""

PREFIX = "explain_unknown_"


@dataclass(frozen=True)
class Question:
    """A restriction that smtpd would ask somebody about."""

    text: str
    list: str
    refused_to: bool = False
    """Whether smtpd itself came to ask, and was kept from it: so its answer is none."""

    @property
    def may_permit(self) -> bool:
        """Whether the answer can be to accept; otherwise it refuses or has no opinion."""
        return bool(MAY_PERMIT.match(self.text))


def questions(
    configuration: Configuration, service: Entry
) -> tuple[dict[str, str], dict[str, Question]]:
    """Return the parameters that keep a service from asking, and what each class stands for."""
    overrides: dict[str, str] = {}
    found: dict[str, Question] = {}
    classes = configuration.effective("smtpd_restriction_classes", service)
    names = classes.replace(",", " ").split()
    logins = may_log_in(configuration, service)
    for name in (*LISTS, *names):
        value = configuration.effective(name, service)
        words = []
        for word in _restrictions(value):
            if _asks(word[0]) or (logins and OF_LOGINS.fullmatch(word[0].lower())):
                marker = f"{PREFIX}{len(found)}"
                found[marker] = Question(" ".join(word), name)
                words.append(marker)
            else:
                words += word
        if words and any(word.startswith(PREFIX) for word in words):
            overrides[name] = ", ".join(words)
    if found:
        overrides["smtpd_restriction_classes"] = ", ".join([*names, *found])
        # An empty class is one of no opinion, which Postfix takes for a mistake.
        overrides.update(dict.fromkeys(found, "permit_tls_clientcerts"))
    return overrides, found


def may_log_in(configuration: Configuration, service: Entry) -> bool:
    """Tell whether clients of a service may log in."""
    return configuration.effective("smtpd_sasl_auth_enable", service) == "yes"


def asking_in_a_row(name: str, of: str, logins: bool) -> Question | None:
    """Return the question that a row of a table has smtpd ask; None where it asks nobody.

    A row may name restrictions, and which row answers is known only after smtpd looked it up.

    :arg logins: whether clients may log in.
    """
    asks = _asks(name) or (logins and OF_LOGINS.fullmatch(name.lower()))
    return Question(name, of, refused_to=True) if asks else None


def _asks(name: str) -> bool:
    return bool(ASKING.fullmatch(name.lower()) or ASKING_OF.fullmatch(name.lower()))


def _restrictions(value: str) -> Iterator[list[str]]:
    words = [match[0] for match in WORD.finditer(value)]
    while words:
        word = words.pop(0)
        taken = ASKING_OF.fullmatch(word.lower()) and words
        yield [word, words.pop(0)] if taken else [word]


def databases(configuration: Configuration) -> list[str]:
    """Return the names of parameters whose tables are asked over a network."""
    found = [
        e.name
        for e in configuration.parameters
        if DATABASES.search(e.value.decode(errors="replace"))
    ]
    for service in configuration.services:
        found += [o.name for o in service.options if DATABASES.search(o.value)]
    return list(dict.fromkeys(found))
