# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Postfix makes of the value of a main.cf parameter, so that two spellings can be compared.

Source: postconf(5); mail_conf_bool.c, mail_conf_int.c, mail_conf_time.c and conv_time.c in
src/global; mystrtok.c in src/util, and the separators that the parameters' readers give to it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._postfix.limits import limits
from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import (
    SPACE,
    decode,
    encode,
)

BLANKS = b" \t\r\n"
"""What separates words for Postfix, in lists together with the comma (CHARS_COMMA_SP)."""

LIST_SUFFIXES = (
    "_access_list",
    "_authorized_clients",
    "_cache_destinations",
    "_chain_files",
    "_checks",
    "_classes",
    "_commands",
    "_keywords",
    "_dns_reply_filter",
    "_dns_resolver_options",
    "_environment",
    "_fallback_relay",
    "_fingerprint_cert_match",
    "_host_lookup",
    "_macros",
    "_maps",
    "_mechanism_filter",
    "_milters",
    "_pix_workarounds",
    "_restrictions",
    "_security_options",
    "_status_filter",
    "_trust_anchor_file",
    "_users",
)

LISTS = frozenset(
    {
        "alias_database",
        "allow_mail_to_commands",
        "allow_mail_to_files",
        "alternate_config_directories",
        "authorized_verp_clients",
        "debug_peer_list",
        "defer_transports",
        "fast_flush_domains",
        "forward_path",
        "hash_queue_names",
        "inet_interfaces",
        "inet_protocols",
        "local_header_rewrite_clients",
        "mailbox_delivery_lock",
        "maillog_file_prefixes",
        "maps_rbl_domains",
        "masquerade_domains",
        "masquerade_exceptions",
        "master_service_disable",
        "message_drop_headers",
        "milter_macro_defaults",
        "multi_instance_directories",
        "mydestination",
        "mynetworks",
        "parent_domain_matches_subdomains",
        "permit_mx_backup_networks",
        "postscreen_allowlist_interfaces",
        "postscreen_dnsbl_sites",
        "postscreen_whitelist_interfaces",
        "prepend_delivered_header",
        "propagate_unmatched_extensions",
        "proxy_interfaces",
        "receive_override_options",
        "relay_clientcerts",
        "relay_domains",
        "relayhost",
        "smtpd_authorized_verp_clients",
        "smtpd_authorized_xclient_hosts",
        "smtpd_authorized_xforward_hosts",
        "smtpd_client_event_limit_exceptions",
        "smtpd_forbid_bare_newline_exclusions",
        "smtpd_log_access_permit_actions",
        "smtpd_proxy_options",
        "smtpd_sasl_exceptions_networks",
        "tls_dane_digests",
        "tls_disable_workarounds",
        "tls_ssl_options",
        "use_srv_lookup",
        "virtual_alias_domains",
        "virtual_mailbox_domains",
        "virtual_mailbox_lock",
    }
)
"""Parameters whose elements are set apart by white space or commas, the same to Postfix."""

COLON_LIST_SUFFIXES = (
    "_auto_curves",
    "_auto_groups",
    "_cipherlist",
    "_exclude_ciphers",
    "_mandatory_protocols",
    "_secure_cert_match",
    "_tls_protocols",
    "_verify_cert_match",
)
"""Lists in which a colon separates as well (tls_misc.c, tls_dh.c, smtp_tls_policy.c)."""

TEXT_SUFFIXES = (
    "_banner",
    "_characters",
    "_default_action",
    "_delimiter_filter",
    "_expansion_filter",
    "_rbl_reply",
    "_reject_footer",
    "_reject_reason",
)
TEXTS = frozenset({"mail_name", "undisclosed_recipients_header"})
"""Parameters whose every space is shown to somebody, or is a character of a set."""

TEXTS_WITH_A_NUMBER = (
    "_negative_feedback",
    "_positive_feedback",
    "_tcp_port",
    "_loglevel",
    "_bare_newline",
    "_permissions",
    "compatibility_level",
    "mail_release_date",
    "milter_protocol",
)
"""Parameters whose default looks like a number or yes/no, and which take other words too."""

# Where no digit comes first, as in "maybe", Postfix reads 0 of the unit: that is refused as well.
TIME_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}

SHAPES = {
    "boolean": (r"(?i:yes|no)", "yes or no"),
    "number": (r"[+-]?[0-9]{1,18}", "a whole number"),
    "time": (
        r"\+?([0-9]{1,9})(?:([smhdw]).*)?",
        "a number with s, m, h, d or w for its unit, such as 30s",
    ),
}


_FOLDED = re.compile(rb"[ \t\r\n]+")


def fold(value: bytes) -> bytes:
    """Return a value with each run of white space made one space, as postconf prints it."""
    # Not those that it takes for white space elsewhere: form feed and vertical tab stay.
    return b" ".join(_FOLDED.split(value.strip(SPACE)))


def elements(value: bytes, separators: bytes = b",") -> list[bytes]:
    """Return the elements of a list, as mystrtokq() cuts them: braces hold white space together.

    :arg separators: what separates elements, beside white space.
    """
    found: list[bytes] = []
    current = b""
    depth = 0
    every = re.escape(BLANKS + separators)
    for token in re.findall(rb"[{}]|[%b]+|[^%b{}]+" % (every, every), value):
        if depth == 0 and token[:1] in BLANKS + separators:
            found += [current] if current else []
            current = b""
            continue
        depth = max(0, depth + (token == b"{") - (token == b"}"))
        current += token
    return [*found, current] if current else found


def _without_layout(element: bytes) -> bytes:
    """Return an element of a list without the white space in braces that means nothing."""
    match = re.fullmatch(rb"([^{}]*)\{(.*)\}", element, re.DOTALL)
    if not match:
        return element
    before, inside = match[1], match[2].strip(BLANKS)
    if before.endswith(b"static:"):
        return before + b"{" + inside + b"}"
    words = [
        b"{" + word[1:-1].strip(BLANKS) + b"}" if word[:1] + word[-1:] == b"{}" else word
        for word in elements(inside)
    ]
    return before + b"{" + b" ".join(words) + b"}"


@dataclass(frozen=True)
class ParameterValue:
    """What is asked for a parameter: the elements of a list, or one text of one or several lines.

    Neither lines nor elements have white space around them, and none is blank.
    """

    parts: tuple[bytes, ...]
    is_list: bool = False

    @property
    def text(self) -> bytes:
        """All of it; the elements of a list are set apart by commas."""
        return (b", " if self.is_list else b"\n").join(self.parts)

    def on_one_line(self) -> ParameterValue:
        """Return a text of one line that says the same."""
        return ParameterValue((b" ".join(text_lines(self.text)),))


def text_value(text: bytes) -> ParameterValue:
    """Return a value that is no list, without the white space around its lines."""
    return ParameterValue(tuple(text_lines(text)))


def scalar_text(value: Any) -> str | None:
    """Return a string, number or boolean as text; None where it is none of these."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, (str, int, float)) else None


class ParameterTypes:
    """What the parameters of one main.cf mean.

    :arg defaults: what ``postconf -dx`` lists, by name; the type of a parameter follows from its
        default. Where it is empty, numbers, times and booleans are compared as text.
    :arg classes: the value of ``smtpd_restriction_classes``, whose words name lists.
    """

    def __init__(self, defaults: Mapping[str, str] | None = None, classes: bytes = b"") -> None:
        self.defaults = defaults or {}
        self.classes = frozenset(name.decode("utf-8", "replace") for name in elements(classes))

    def with_classes(self, classes: bytes) -> ParameterTypes:
        """Return these types with other restriction classes."""
        return ParameterTypes(self.defaults, classes)

    def kind(self, name: str) -> str:
        """Return list, colon-list, text, boolean, number, time, or else word."""
        default = self.defaults.get(name, "")
        if re.fullmatch(SHAPES["boolean"][0], default) and not name.endswith(TEXTS_WITH_A_NUMBER):
            return "boolean"  # whatever its name ends in
        if name in TEXTS or name.endswith(TEXT_SUFFIXES):
            return "text"
        if name.endswith(COLON_LIST_SUFFIXES):
            return "colon-list"
        if name in LISTS or name in self.classes or name.endswith(LIST_SUFFIXES):
            return "list"
        if default and not name.endswith(TEXTS_WITH_A_NUMBER):
            if re.fullmatch(SHAPES["number"][0], default):
                return "number"
            if re.fullmatch(r"[0-9]+[smhdw]", default):
                return "time"
        return "word"

    def is_list(self, name: str) -> bool:
        """Tell whether a comma and white space mean the same in this parameter's value."""
        return self.kind(name).endswith("list")

    def to_lay_out(self, name: str, value: ParameterValue) -> ParameterValue:
        """Return a value as it is to be laid out.

        A text, and a list with braces that hold several lines, stand on one line.
        """
        kind = self.kind(name)
        if kind == "text" or (
            kind.endswith("list") and any(b"\n" in element for element in elements(value.text))
        ):
            return value.on_one_line()
        return value

    def same(self, name: str, found: bytes, wanted: ParameterValue, lines: int = 1) -> bool:
        """Tell whether Postfix makes the same of a value in the file and of a wanted one.

        :arg wanted: as it is to be laid out.
        :arg lines: how many lines the value in the file stands on. White space within a line may
            be meant; where lines are joined it is layout.
        """
        kind = self.kind(name)
        value = wanted.text
        if kind == "text":
            return found == value
        if wanted.is_list or kind.endswith("list"):
            separators = b",:" if kind == "colon-list" else b","
            both = [
                list(map(_without_layout, elements(text, separators))) for text in (found, value)
            ]
            return both[0] == both[1]
        if lines > 1 or b"\n" in value:
            return fold(found) == fold(value)
        if kind == "word":
            return found == value
        return self._typed(kind, name, found) == self._typed(kind, name, value)

    def _typed(self, kind: str, name: str, value: bytes) -> Any:
        """Return a boolean, a number or seconds; what is none stays text."""
        text = decode(value)
        match = re.fullmatch(SHAPES[kind][0], text, re.DOTALL)
        if not match:
            return text
        if kind == "boolean":
            return text.lower() == "yes"
        if kind == "number":
            return int(text)
        unit = match[2] or self.defaults[name][-1]
        return int(match[1]) * TIME_UNITS[unit]

    def wrong_type(self, name: str, text: str) -> tuple[str, str] | None:
        """Return why Postfix's programs would die of a value, and what to write instead."""
        kind = self.kind(name)
        if kind not in SHAPES or "$" in text:
            return None
        shape, instead = SHAPES[kind]
        if not re.fullmatch(shape, text, re.DOTALL):
            return f"Postfix takes a {kind} here", instead
        if kind == "boolean":
            return None
        least, most = limits(name)
        number, unit = self._typed(kind, name, encode(text)), "s" if kind == "time" else ""
        if number < least:
            return "Postfix takes no less here", f"{least}{unit} or more"
        if number > most:
            return "Postfix takes no more here", f"{most}{unit} or less"
        return None

    def problem(self, name: str, wanted: ParameterValue) -> str | None:
        """Say why Postfix's programs would die of a value; None where they would not."""
        text = decode(wanted.text)
        wrong = self.wrong_type(name, text)
        return f"{name} = {text}: {wrong[0]}; write {wrong[1]}" if wrong else None


def text_lines(value: bytes) -> list[bytes]:
    """Return the lines of a value that are not blank, without the white space around them."""
    return [line.strip() for line in value.split(b"\n") if line.strip()]
