# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the lists of restrictions of smtpd(8): words that are none, and what they lack.

Source: postconf(5), access(5); generic_checks() and smtpd_check_init() in
src/smtpd/smtpd_check.c, and what smtpd of Postfix 3.7 and 3.10 answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.model import (
    WORD,
    Context,
    Finding,
    Setting,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.servers import (
    endpoint_problem,
    list_problem,
)
from ansible_collections.labs.mail.plugins.module_utils._suggest import nearest

TABLE, DOMAIN, SERVER, NUMBER = (
    "a table, such as hash:/etc/postfix/access",
    "the domain of a list, such as zen.spamhaus.org",
    "a server, such as inet:127.0.0.1:10023",
    "a number of seconds",
)
"""Kinds of what a restriction needs behind it, as a message says them."""

_CHECKED = (
    *("ccert", "client", "client_a", "client_mx", "client_ns", "etrn", "helo", "helo_a"),
    *("helo_mx", "helo_ns", "recipient", "recipient_a", "recipient_mx", "recipient_ns"),
    *("reverse_client_hostname", "reverse_client_hostname_a", "reverse_client_hostname_mx"),
    *("reverse_client_hostname_ns", "sasl", "sender", "sender_a", "sender_mx", "sender_ns"),
)

ARGUMENTS = {
    **{f"check_{what}_access": TABLE for what in _CHECKED},
    "check_address_map": TABLE,
    "check_policy_service": SERVER,
    "permit_dnswl_client": DOMAIN,
    "permit_rhswl_client": DOMAIN,
    "reject_rbl": DOMAIN,
    "reject_rbl_client": DOMAIN,
    "reject_rhsbl_client": DOMAIN,
    "reject_rhsbl_helo": DOMAIN,
    "reject_rhsbl_recipient": DOMAIN,
    "reject_rhsbl_reverse_client": DOMAIN,
    "reject_rhsbl_sender": DOMAIN,
    "sleep": NUMBER,
}
"""Restrictions that need something behind them, and what."""

ALONE = frozenset(
    {
        "check_recipient_maps",
        "check_relay_domains",
        "defer",
        "defer_if_permit",
        "defer_if_reject",
        "defer_unauth_destination",
        "permit",
        "permit_auth_destination",
        "permit_inet_interfaces",
        "permit_mx_backup",
        "permit_mynetworks",
        "permit_naked_ip_address",
        "permit_sasl_authenticated",
        "permit_tls_all_clientcerts",
        "permit_tls_clientcerts",
        "reject",
        "reject_authenticated_sender_login_mismatch",
        "reject_invalid_helo_hostname",
        "reject_invalid_hostname",
        "reject_known_sender_login_mismatch",
        "reject_maps_rbl",
        "reject_multi_recipient_bounce",
        "reject_non_fqdn_helo_hostname",
        "reject_non_fqdn_hostname",
        "reject_non_fqdn_recipient",
        "reject_non_fqdn_sender",
        "reject_plaintext_session",
        "reject_sender_login_mismatch",
        "reject_unauth_destination",
        "reject_unauth_pipelining",
        "reject_unauthenticated_sender_login_mismatch",
        "reject_unknown_address",
        "reject_unknown_client",
        "reject_unknown_client_hostname",
        "reject_unknown_helo_hostname",
        "reject_unknown_hostname",
        "reject_unknown_recipient_domain",
        "reject_unknown_reverse_client_hostname",
        "reject_unknown_sender_domain",
        "reject_unlisted_recipient",
        "reject_unlisted_sender",
        "reject_unverified_recipient",
        "reject_unverified_sender",
        "warn_if_reject",
    }
)
"""Restrictions that stand alone."""

RESTRICTIONS = ALONE | ARGUMENTS.keys()

SEARCH_ORDER = re.compile(r"(?:\{\s*)?search_order\s*=")
CONDITION = re.compile(r"\$\{(?:\s*\w+\s*[?:]|\{[^{}]*\}\s*[<>=!]+\w*\s*\{[^{}]*\}\s*\?)\s*")
BRANCH = re.compile(r"\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}")

GUARDS = frozenset(
    {
        "reject_unauth_destination",
        "defer_unauth_destination",
        "reject",
        "defer",
        "defer_if_permit",
        "check_relay_domains",
    }
)
"""One of these must stand in the relay or the recipient restrictions, or smtpd(8) dies."""

GUARDED = ("smtpd_relay_restrictions", "smtpd_recipient_restrictions")


def check_restrictions(setting: Setting, context: Context) -> Iterator[Finding]:
    """Yield what is wrong with a list of restrictions."""
    yield from _check_words(setting, list(setting.words()), context)


def _check_words(
    setting: Setting, words: list[tuple[str, int]], context: Context
) -> Iterator[Finding]:
    """Yield what is wrong with words, each with its offset in the value, that are restrictions."""
    words = [*words, ("", len(setting.value))]
    while words:
        word, offset = words.pop(0)
        name = word.lower()
        needed = ARGUMENTS.get(name)
        if needed and _is_argument(needed, words[0][0]):
            argument, at = words.pop(0)
            if needed == SERVER:
                yield from _policy_service(setting, argument, at, context)
            elif needed == DOMAIN and list_problem(argument):
                instead = "such as zen.spamhaus.org=127.0.0.[2..11]"
                yield setting.find("error", list_problem(argument), instead, at)
            elif needed == TABLE and argument.startswith("{"):
                yield from _table_in_braces(setting, name, argument, at)
        elif needed:
            if not _is_restriction(words[0][0], context):
                words.pop(0)
            message = f"{name} has nothing behind it that it could work with"
            yield setting.find("error", message, f"{name} and {needed}; or nothing", offset)
        elif name == "reject_maps_rbl":
            message = "reject_maps_rbl is of the past; since Postfix 3.9 smtpd answers 451 at it"
            yield setting.find("error", message, "reject_rbl_client with each domain", offset)
        elif word.startswith("{"):
            message = "smtpd takes no braces around restrictions, and answers 451"
            yield setting.find("error", message, word.strip("{ }"), offset)
        elif word.startswith("${"):
            for branch, at in _branches(word):
                found = [(w[0], offset + at + w.start()) for w in WORD.finditer(branch)]
                yield from _check_words(setting, found, context)
        elif not _is_restriction(word, context):
            near = nearest(word, {*RESTRICTIONS, *context.classes})
            message = f"there is no restriction {word}; smtpd answers 451 at it"
            instead = near or "one of those in postconf(5)"
            yield setting.find("error", message, instead, offset)


def _policy_service(
    setting: Setting, argument: str, offset: int, context: Context
) -> Iterator[Finding]:
    """Yield a finding for what is no server, or a socket that seems to be a service's here."""
    server = re.match(r"(?:\{[\s,]*)?([^\s,{}]+)", argument)
    problem = endpoint_problem(server[1], context.system.machine.port) if server else ""
    if server and problem:
        message = f"{problem}, and smtpd dies of it"
        yield setting.find("error", message, SERVER, offset + server.start(1))
        return
    match = re.match(r"[{\s]*unix:private/([\w.-]+)", argument)
    names = {entry.name for entry in context.services}
    near = nearest(match[1], names, 0.75) if match and match[1] not in names else ""
    if match and near:
        message = f"no service in master.cf has the name {match[1]}"
        yield setting.find("error", message, f"unix:private/{near}", offset)


def _table_in_braces(setting: Setting, name: str, argument: str, offset: int) -> Iterator[Finding]:
    """Yield a finding for a table in braces where none is taken, or what stands behind it."""
    if name != "check_ccert_access":
        message = f"{name} takes no table in braces, and smtpd answers 451"
        yield setting.find("error", message, "the table without braces and options", offset)
        return
    for number, match in enumerate(WORD.finditer(argument[1:-1])):
        if number and "$" not in match[0] and not SEARCH_ORDER.match(match[0]):
            message = f"{match[0]} is no option of a table, and smtpd answers 451"
            instead = "search_order=…, or {search_order = …}"
            yield setting.find("error", message, instead, offset + 1 + match.start())
            return


def _branches(word: str) -> Iterator[tuple[str, int]]:
    """Yield what a ${name?…} or ${name:…} may stand for, each with its offset in the word."""
    match = CONDITION.match(word)
    text = word[match.end() : -1] if match else ""
    start = match.end() if match else 0
    if not text.startswith("{"):
        yield text, start
        return
    for branch in BRANCH.finditer(text):
        yield branch[0][1:-1], start + branch.start() + 1


def _is_restriction(word: str, context: Context) -> bool:
    """Tell whether a word can stand in a list; nothing can, and so can a table."""
    return (
        not word
        or word.lower() in RESTRICTIONS
        or word in context.classes
        or any(char in word for char in ":${")
    )


def _is_argument(needed: str, word: str) -> bool:
    """Tell whether a word can be what a restriction needs behind it."""
    if not word or word.lower() in RESTRICTIONS:
        return False
    if word[0] in "{$":
        return True
    if needed == NUMBER:
        return word.isdigit()
    return ":" in word if needed in (TABLE, SERVER) else True


def check_classes(setting: Setting, context: Context) -> Iterator[Finding]:
    """Yield a finding for a restriction class that no parameter defines."""
    if setting.name == "smtpd_restriction_classes":
        names = {other.name for other in context.settings}
        for word, offset in setting.words():
            if "$" not in word and word not in names:
                message = f"the class {word} is defined nowhere, and smtpd dies of it"
                near = nearest(word, names, 0.7)
                yield setting.find("error", message, near or f"{word} = … as well", offset)
    elif setting.name in context.classes and setting.service is None:
        for word, offset in setting.words():
            reached = _reached(word, context)
            circle = [name for name in context.classes if name in reached]
            if setting.name in reached and setting.name == circle[0]:
                message = f"the class comes back to {setting.name}, and smtpd dies of it"
                yield setting.find("error", message, "another class, or a restriction", offset)
                return


def _reached(word: str, context: Context) -> set[str]:
    """Return the classes that a word leads to."""
    found: set[str] = set()
    waiting = [word]
    while waiting:
        name = waiting.pop()
        if name in context.classes and name not in found:
            found.add(name)
            waiting += re.split(r"[\s,]+", context.effective(name))
    return found


def check_guard(setting: Setting, context: Context) -> Iterator[Finding]:
    """Yield a finding where smtpd would die since nothing keeps strangers from relaying."""
    if setting.name != GUARDED[0]:
        return
    text = " ".join(context.effective(name, setting.service) for name in GUARDED)
    words = text.replace(",", " ").split()
    own = any(char in word for word in words for char in "${") or set(words) & set(context.classes)
    if not own and not GUARDS.intersection(word.lower() for word in words):
        message = "nothing here keeps strangers from relaying, and smtpd does not start so"
        yield setting.find_name("error", message, "reject_unauth_destination at the end")
