# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Chains of mail filters as data: what Postfix and each filter is told so that mail passes them.

Each chain adds to the one before it: Postfix alone; clamsmtpd in front of it; Postfix with a
content filter; and that with a second filter behind it (Postfix's FILTER_README). Mail reaches a
stage from the one before it alone, and none of them serves the network but the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._schema import (
    Reader,
    matching,
    number,
    read_attributes,
)

CHAINS = ("none", "clamsmtp_front", "clamsmtp_filter", "antispam")

NAMES: dict[str, str | int] = {
    "smtp_port": 25,
    "behind_port": 2525,
    "scan_port": 2525,
    "return_port": 2626,
    "final_port": 2727,
    "clamd_port": 3310,
    "spamd_port": 783,
    "client_service": "clientsmtp",
    "antispam_service": "spamassassin",
    "antispam_program": "/usr/local/sbin/spamfilter",
    "antispam_user": "spamfilter",
    "antispam_uid": 783,
    "cleanup_service": "cleanupspam",
    "mark_table": "filtre",
}
"""Ports, services and the like by what they are for, as the course has them."""

PORTS = {
    "none": ("smtp_port",),
    "clamsmtp_front": ("smtp_port", "behind_port", "clamd_port"),
    "clamsmtp_filter": ("smtp_port", "scan_port", "return_port", "clamd_port"),
    "antispam": (
        "smtp_port",
        "scan_port",
        "return_port",
        "final_port",
        "clamd_port",
        "spamd_port",
    ),
}
"""The ports that each chain takes; no two of them may be the same."""

_PORT = number(1, 65535, "write a port from 1 to 65535")
_SERVICE = matching(r"[A-Za-z0-9][A-Za-z0-9_-]*", "write letters, digits, - and _ alone")
_PATH = matching(r"/[^\s{}$]+", "write a program's path, from / on")

READERS: dict[str, Reader] = {
    **{name: _PORT for name in NAMES if name.endswith("_port")},
    "client_service": _SERVICE,
    "antispam_service": _SERVICE,
    "antispam_program": _PATH,
    "antispam_user": _SERVICE,
    "antispam_uid": number(1, 2**31 - 1, "write the number of an account that is not root's"),
    "cleanup_service": _SERVICE,
    "mark_table": _SERVICE,
}

FRONT = "127.0.0.2"
"""Address of clamsmtpd in front; at any of its own on port 25 Postfix would see a loop."""

LOCAL_MAIL = "127.0.0.3"
"""Address from which Postfix sends the machine's own mail to clamsmtpd in front."""

ONCE = "no_address_mappings"
"""Addresses are mapped at the last stage alone: an alias that is met twice doubles mail."""


def filter_chain(chain: Any, given: Any, place: str = "filter_chain_settings") -> dict[str, Any]:
    """Return what Postfix and the filters are told so that mail passes a chain.

    ``given`` are names that differ from NAMES. The result has ``postfix`` (parameters, services,
    maps, ports), ``clamav``, ``clamsmtp`` and ``spamassassin``, each with its state. Raises
    ConfigError, which calls the names by ``place``.
    """
    if chain not in CHAINS:
        raise ConfigError(
            f"{chain!r} is no chain of filters", instead=f"write one of {', '.join(CHAINS)}"
        )
    names = {**NAMES, **read_attributes(given or {}, READERS, place)}
    _refuse_ports_named_twice(chain, names, place)
    build = {"none": _none, "clamsmtp_front": _front, "clamsmtp_filter": _filter}
    return build.get(chain, _antispam)(names)


def _refuse_ports_named_twice(chain: str, names: Mapping[str, Any], place: str) -> None:
    """Raise ConfigError where two stages of a chain would listen on one port."""
    seen: dict[int, str] = {}
    for name in PORTS[chain]:
        port = names[name]
        if port in seen:
            raise ConfigError(
                f"{seen[port]} and {name} are both {port} in the chain {chain}",
                place,
                instead="give each stage a port of its own",
            )
        seen[port] = name


def _none(names: Mapping[str, Any]) -> dict[str, Any]:
    """Postfix alone."""
    return {
        "postfix": {
            "parameters": {},
            "services": _smtp(names["smtp_port"]),
            "maps": {names["mark_table"]: None},
            "ports": [names["smtp_port"]],
        },
        "clamav": {"state": "absent", "port": names["clamd_port"]},
        "clamsmtp": {
            "state": "absent",
            "listen": f"127.0.0.1:{names['scan_port']}",
            "forward_to": f"127.0.0.1:{names['return_port']}",
            "clamd": f"127.0.0.1:{names['clamd_port']}",
            "xclient": False,
        },
        "spamassassin": {
            "state": "absent",
            "port": names["spamd_port"],
            "program": names["antispam_program"],
            "user": names["antispam_user"],
            "uid": names["antispam_uid"],
        },
    }


def _front(names: Mapping[str, Any]) -> dict[str, Any]:
    """Describe clamsmtpd before Postfix, which learns by XCLIENT who the client is."""
    behind = f"127.0.0.1:{names['behind_port']}"
    made = _none(names)
    made["postfix"].update(
        ports=[names["behind_port"]],
        services={
            "smtp/inet": None,
            f"{behind}/inet": _server_behind_clamsmtp(),
            # Mail that programs of the machine send by sendmail is looked at too.
            "pickup/unix": _pickup(
                {
                    "content_filter": f"{names['client_service']}:[{FRONT}]:{names['smtp_port']}",
                    "receive_override_options": ONCE,
                }
            ),
            f"{names['client_service']}/unix": _client({"smtp_bind_address": LOCAL_MAIL}),
        },
    )
    made["clamav"]["state"] = "present"
    made["clamsmtp"].update(
        state="present",
        listen=f"0.0.0.0:{names['smtp_port']}",
        forward_to=behind,
        xclient=True,
    )
    return made


def _filter(names: Mapping[str, Any]) -> dict[str, Any]:
    """Describe Postfix with clamsmtpd as its content filter."""
    back = f"127.0.0.1:{names['return_port']}"
    made = _none(names)
    made["postfix"].update(
        ports=[names["smtp_port"], names["return_port"]],
        parameters={
            "content_filter": f"{names['client_service']}:[127.0.0.1]:{names['scan_port']}",
            "receive_override_options": [ONCE],
        },
        services={
            **_smtp(names["smtp_port"]),
            f"{names['client_service']}/unix": _client({}),
            f"{back}/inet": _inner_server("", []),
        },
    )
    made["clamav"]["state"] = made["clamsmtp"]["state"] = "present"
    return made


def _antispam(names: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the second filter, which marks spam and hands mail back by sendmail.

    What it hands back is known by who did, which stands in the first line that pickup adds. That
    line counts for local mail alone, so that nobody passes the filters by writing it.
    """
    back = f"127.0.0.1:{names['return_port']}"
    final = f"127.0.0.1:{names['final_port']}"
    made = _filter(names)
    made["postfix"]["ports"].append(names["final_port"])
    made["postfix"]["services"].update(
        {
            f"{back}/inet": _inner_server(f"{names['antispam_service']}:", [ONCE]),
            f"{names['antispam_service']}/unix": _spam_filter(names),
            "pickup/unix": _pickup({"cleanup_service_name": names["cleanup_service"]}),
            f"{names['cleanup_service']}/unix": {
                "private": False,
                "chroot": True,
                "maxproc": 0,
                "command": "cleanup",
                "options": {"header_checks": f"pcre:/etc/postfix/{names['mark_table']}"},
            },
            f"{final}/inet": _inner_server("", []),
        }
    )
    made["postfix"]["maps"] = {
        names["mark_table"]: {
            "type": "pcre",
            "content": f"/^Received: by \\S+ \\(Postfix, from userid {names['antispam_uid']}\\)/ "
            f"FILTER {names['client_service']}:[127.0.0.1]:{names['final_port']}\n",
        }
    }
    made["spamassassin"]["state"] = "present"
    return made


def _smtp(port: int) -> dict[str, Any]:
    """Describe the server that the network sees; the package has it on port 25."""
    if port == 25:
        return {}
    return {"smtp/inet": None, f"{port}/inet": {"chroot": True, "command": "smtpd"}}


def _pickup(options: Mapping[str, Any]) -> dict[str, Any]:
    """Describe what takes the machine's own mail, as the package has it but for options."""
    return {
        "private": False,
        "chroot": True,
        "wakeup": 60,
        "maxproc": 1,
        "command": "pickup",
        "options": dict(options),
    }


def _client(options: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the client that hands mail to a filter, and says where it came from."""
    return {
        "chroot": False,
        "maxproc": 16,
        "command": "smtp",
        "options": {
            "smtp_send_xforward_command": True,
            "disable_dns_lookups": True,
            "disable_mime_output_conversion": True,
            "smtp_tls_security_level": "none",
            **options,
        },
    }


def _server_behind_clamsmtp() -> dict[str, Any]:
    """Describe the server that clamsmtpd in front hands mail to."""
    return {
        "chroot": True,
        "command": "smtpd",
        "options": {
            "smtpd_authorized_xclient_hosts": ["127.0.0.0/8"],
            # A client can speak before clamsmtpd has said who it is, and then is taken for
            # clamsmtpd itself: nobody gets a relay by being that.
            "smtpd_relay_restrictions": [
                "check_client_access",
                f"inline:{{127.0.0.1=reject_unauth_destination,{LOCAL_MAIL}=permit}}",
                "permit_mynetworks",
                "reject_unauth_destination",
            ],
            # XCLIENT has Postfix forget the greeting, and clamsmtpd does not repeat it.
            "smtpd_helo_required": False,
            "smtpd_client_connection_count_limit": 0,
        },
    }


def _spam_filter(names: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the service that gives a message to the program which has it marked."""
    return {
        "unpriv": False,
        "chroot": False,
        "maxproc": 2,
        "command": "pipe",
        "attributes": {
            "flags": "q",
            "user": names["antispam_user"],
            "null_sender": "",
            "argv": [names["antispam_program"], "${sender}", "${recipient}"],
        },
    }


def _inner_server(content_filter: str, overrides: list[str]) -> dict[str, Any]:
    """Describe a server that takes mail back from a filter: for this machine alone."""
    return {
        "chroot": False,
        "maxproc": 16,
        "command": "smtpd",
        "options": {
            "content_filter": content_filter,
            "receive_override_options": [
                "no_unknown_recipient_checks",
                "no_header_body_checks",
                "no_milters",
                *overrides,
            ],
            "mynetworks": ["127.0.0.0/8"],
            "smtpd_authorized_xforward_hosts": ["127.0.0.0/8"],
            # Who may send was decided where the mail came in.
            "smtpd_client_restrictions": "",
            "smtpd_helo_restrictions": "",
            "smtpd_sender_restrictions": "",
            "smtpd_relay_restrictions": ["permit_mynetworks", "reject"],
            "smtpd_recipient_restrictions": ["permit_mynetworks", "reject"],
            "smtpd_data_restrictions": "",
            "smtpd_end_of_data_restrictions": "",
            "smtpd_tls_security_level": "none",
            # What was taken must not be refused for the lines that filters add.
            "message_size_limit": 0,
            "smtpd_client_connection_count_limit": 0,
            "smtpd_client_connection_rate_limit": 0,
            "smtpd_hard_error_limit": 1000,
            "smtpd_error_sleep_time": 0,
        },
    }
