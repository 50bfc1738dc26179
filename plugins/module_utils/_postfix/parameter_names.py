# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which names of parameters Postfix knows, and which ones are slips.

Source: postconf(5); pcf_register_user_parameters() and pcf_register_service_parameters() in
Postfix's src/postconf.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Callable

from ansible_collections.labs.mail.plugins.module_utils._suggest import nearest

TRANSPORT_SUFFIXES = (
    "_delivery_slot_cost",
    "_delivery_slot_discount",
    "_delivery_slot_loan",
    "_destination_concurrency_failed_cohort_limit",
    "_destination_concurrency_limit",
    "_destination_concurrency_negative_feedback",
    "_destination_concurrency_positive_feedback",
    "_destination_rate_delay",
    "_destination_recipient_limit",
    "_extra_recipient_limit",
    "_initial_destination_concurrency",
    "_minimum_delivery_slots",
    "_recipient_limit",
    "_recipient_refill_delay",
    "_recipient_refill_limit",
    "_time_limit",
    "_transport_rate_delay",
)
"""What follows the name of a service of master.cf in the parameters that are its own."""

REFERENCE = re.compile(r"\$(?:\{|\()?\s*([A-Za-z0-9_]+)")

TABLE = re.compile(r"\b(?:ldap|memcache|mongodb|mysql|pgsql|sqlite):([A-Za-z0-9_]+)")
"""A table whose own parameters may stand in main.cf, such as ldap:name with name_search_base."""

OF_TABLES = (
    *("additional_conditions", "backup", "bind", "bind_dn", "bind_pw", "cache"),
    *("cache_expiry", "cache_size", "charset", "chase_referrals", "client", "collection"),
    *("data_size_limit", "dbname", "dbpath", "debuglevel", "dereference", "domain"),
    *("encoding", "expansion_limit", "hosts", "idle_interval", "key_format"),
    *("leaf_result_attribute", "line_size_limit", "max_try", "memcache", "option_file"),
    *("option_group", "password", "projection", "query", "query_filter", "recursion_limit"),
    *("require_result_set", "result_attribute", "result_filter", "result_format"),
    *("retry_interval", "retry_pause", "sasl_authz_id", "sasl_mechs", "sasl_minssf"),
    *("sasl_realm", "scope", "search_base", "select_field", "select_function", "server_host"),
    *("server_port", "size_limit", "special_result_attribute", "start_tls", "table"),
    *("terminal_result_attribute", "timeout", "tls_CAfile", "tls_CApath", "tls_ca_cert_dir"),
    *("tls_ca_cert_file", "tls_cert", "tls_cert_file", "tls_cipher_suite", "tls_ciphers"),
    *("tls_key", "tls_key_file", "tls_random_file", "tls_require_cert", "tls_verify_cert"),
    *("ttl", "uri", "user", "utf8mb4", "version", "where_field"),
)
"""What follows the name of a table and ``_`` in its parameters; newer releases may have more."""


def read_defaults(listing: str) -> dict[str, str]:
    """Return the values by name in the output of ``postconf -dx``."""
    lines = (line.partition(" =") for line in listing.split("\n"))
    return {name: value.strip() for name, equals, value in lines if equals}


def read_references(listing: str) -> set[str]:
    """Return the names that the output of ``postconf -d`` refers to.

    Some of them stand in no listing: names of the past, which Postfix reads all the same.
    """
    return set(REFERENCE.findall(listing))


def read_postconf(
    postconf: str | None, run: Callable[..., tuple[int, bytes, bytes]]
) -> dict[str, str]:
    """Return the defaults of the installed Postfix by name; none where none is installed.

    Names of the past, which only defaults refer to, have an empty one.
    """
    if not postconf:
        return {}
    as_written, expanded = (
        run([postconf, option], encoding=None)[1].decode("utf-8", "surrogateescape")
        for option in ("-d", "-dx")
    )
    return {**dict.fromkeys(read_references(as_written), ""), **read_defaults(expanded)}


def unknown_names(
    names: Iterable[str], known: Collection[str], values: Mapping[str, str], master: str = ""
) -> list[str]:
    """Return a sentence for each name that neither Postfix nor the configuration knows.

    :arg known: Postfix's own names; where it is empty, nothing is said.
    :arg values: what main.cf sets, since a parameter that another one refers to is the
        administrator's own, as are the classes of ``smtpd_restriction_classes`` and what starts
        with the name of a table such as ``ldap:name``.
    :arg master: the text of master.cf, which may refer to parameters too.
    """
    told = Names(known, values, master)
    return [said for said in map(told.unknown, names) if said]


class Names:
    """Which names a configuration may have; the arguments are those of ``unknown_names``."""

    def __init__(self, known: Collection[str], values: Mapping[str, str], master: str = "") -> None:
        self._known = known
        self._own = set(re.split(r"[\s,]+", values.get("smtpd_restriction_classes", "")))
        self._tables: list[str] = []
        for text in (*values.values(), master) if known else ():
            self._own.update(REFERENCE.findall(text))
            self._tables += [name + "_" for name in TABLE.findall(text)]

    def unknown(self, name: str) -> str:
        """Return a sentence for a name that nobody knows; empty for another one."""
        if (
            not self._known
            or name in self._known
            or name in self._own
            or name.endswith(TRANSPORT_SUFFIXES)
        ):
            return ""
        meant = of_table(name, self._tables)
        if name.startswith(tuple(self._tables)) and not meant:
            return ""
        return sentence(name, [*self._known, *filter(None, [meant])])


def of_table(name: str, tables: Iterable[str]) -> str:
    """Return what a name that starts as a table's parameters do seems to be a slip of.

    It is empty where a table has such a parameter, or none like it.
    """
    prefix = max((table for table in tables if name.startswith(table)), key=len, default="")
    suffix = name[len(prefix) :]
    near = nearest(suffix, OF_TABLES, 0.75) if prefix and suffix not in OF_TABLES else ""
    return prefix + near if near else ""


def sentence(name: str, known: Iterable[str]) -> str:
    """Say that a name is unknown, and which known one is the nearest."""
    near = nearest(name, known)
    hint = f"; did you mean {near}?" if near else ", and nothing refers to it"
    return f"Postfix knows no parameter {name}{hint}"
