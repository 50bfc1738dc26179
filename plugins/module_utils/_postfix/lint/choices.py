# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of parameters whose words are of a closed set, whatever release of Postfix reads them.

The sets hold what any of Postfix 3.5 to 3.11 takes. Source: postconf(5) of these releases, and
the NAME_CODE and NAME_MASK tables that the programs look words up in.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.model import Finding, Setting
from ansible_collections.labs.mail.plugins.module_utils._suggest import nearest

LEVELS = "none may encrypt dane dane-only fingerprint verify secure"
ENVELOPE = "envelope_sender envelope_recipient"
HEADERS = "header_sender header_recipient"
SASL_PROPERTIES = (
    "noplaintext noactive nodictionary noanonymous mutual_auth forward_secrecy pass_credentials "
    "maximum"
)
EHLO_KEYWORDS = (
    "8bitmime auth binarymime burl chunking deliverby dsn enhancedstatuscodes etrn expn future "
    "help limits pipelining requiretls silent-discard size smtputf8 starttls verp vrfy xclient "
    "xforward"
)
GRADES = "export low medium high null"
YES_OR_NO = "yes no"
DIGESTS = (
    "blake2b512 blake2s256 md4 md5 md5-sha1 mdc2 ripemd ripemd160 rmd160 sha1 sha224 sha256 sha384 "
    "sha512 sha512-224 sha512-256 sha3-224 sha3-256 sha3-384 sha3-512 shake128 shake256 sm3 "
    "whirlpool"
)
FACILITIES = (
    "auth authpriv cron daemon ftp kern local0 local1 local2 local3 local4 local5 local6 local7 "
    "lpr mail news security syslog user uucp"
)
SSL_OPTIONS = (
    "enable_middlebox_compat legacy_server_connect no_compression no_renegotiation "
    "no_session_resumption_on_renegotiation no_ticket prioritize_chacha"
)
SSL_WORKAROUNDS = (
    "cryptopro_tlsext_bug cve-2005-2969 cve-2010-4180 dont_insert_empty_fragments "
    "enable_middlebox_compat legacy_server_connect microsoft_big_sslv3_buffer "
    "microsoft_sess_id_bug msie_sslv2_rsa_padding netscape_challenge_bug "
    "netscape_reuse_cipher_change_bug sslref2_reuse_cert_type_bug ssleay_080_client_dh_bug "
    "tls_block_padding_bug tls_d5_bug tls_rollback_bug tlsext_padding"
)

ONE_OF = (
    (r"(?:smtp|lmtp)_tls_security_level|tlsproxy_client_(?:security_level|level)", LEVELS),
    # Of the other levels of a client smtpd warns, and takes them for encrypt.
    (r"(?:smtpd|postscreen|tlsproxy)_tls_security_level", "none may encrypt"),
    (r"mynetworks_style", "class host subnet"),
    (r"(?:smtp|lmtp)_address_preference", "any ipv4 ipv6"),
    (r"(?:smtp|lmtp)_dns_support_level", "disabled enabled dnssec"),
    (r"milter_default_action", "accept quarantine reject shutdown tempfail"),
    (r"(?:smtp|lmtp|smtpd|tlsproxy|tlsproxy_client|postscreen)_tls_loglevel"
     r"|tlsproxy_client_loglevel", "0 1 2 3 4"),
    (r"postscreen_(?:dnsbl|greet|pipelining|non_smtp_command|bare_newline|denylist|blacklist)"
     r"_action", "drop enforce ignore"),
    (r"smtpd_forbid_bare_newline", f"{YES_OR_NO} normalize note reject"),
    (r"smtpd_tls_eecdh_grade", "auto none strong ultra"),
    (r"(?:smtp|lmtp)_tls_dane_insecure_mx_policy", "dane encrypt may"),
    (r"(?:smtp|lmtp|smtpd|tlsproxy)_tls_(?:mandatory_)?ciphers", GRADES),
    (r"info_log_address_format", "external internal"),
    (r"header_from_format", "obsolete standard"),
    (r"(?:reject|un\w+)_tempfail_action", "defer defer_if_permit"),
    (r"(?:smtp|lmtp)_address_verify_target", "data rcpt"),
    (r"(?:smtp|lmtp|smtpd)_tls_fingerprint_digest", DIGESTS),
    (r"syslog_facility", FACILITIES),
    (r"(?:smtpd|postscreen)_upstream_proxy_protocol", "haproxy"),
    (r"smtpd_sasl_type", "cyrus dovecot"),
    (r"(?:smtp|lmtp)_sasl_type", "cyrus"),
)  # fmt: skip
"""Parameters that take one word, and the words."""

SOME_OF = (
    (r"notify_classes", "2bounce bounce data delay policy protocol resource software"),
    (r"internal_mail_filter_classes", "bounce notify"),
    (r"(?:canonical|masquerade)_classes", f"{ENVELOPE} {HEADERS}"),
    (r"sender_canonical_classes", "envelope_sender header_sender"),
    (r"recipient_canonical_classes", "envelope_recipient header_recipient"),
    (r"receive_override_options",
     "no_address_mappings no_header_body_checks no_milters no_unknown_recipient_checks"),
    (r"milter_protocol", "2 3 4 6 no_header_reply"),
    (r"smtpd_proxy_options", "speed_adjust"),
    (r"smtputf8_autodetect_classes",
     "all bounce forward notify qmqpd sendmail smtpd verify"),
    (r"tls_ssl_options", SSL_OPTIONS),
    (r"tls_disable_workarounds", SSL_WORKAROUNDS),
    (r"inet_protocols", "all ipv4 ipv6"),
    (r"(?:smtp|lmtp)_host_lookup", "dns native"),
    (r"(?:smtp|lmtp)_dns_resolver_options", "res_defnames res_dnsrch"),
    (r"(?:mailbox_delivery|virtual_mailbox)_lock", "dotlock fcntl flock"),
    (r"propagate_unmatched_extensions", "alias canonical forward generic include virtual"),
    (r"prepend_delivered_header", "command file forward"),
    (r"allow_mail_to_(?:commands|files)", "alias forward include"),
    (r"(?:smtp|lmtp)_pix_workarounds", "delay_dotcrlf disable_esmtp"),
    (r"(?:smtp|lmtp|smtpd)_sasl_(?:tls_(?:verified_)?)?security_options", SASL_PROPERTIES),
    (r"(?:smtp|lmtp|smtpd|postscreen)_discard_ehlo_keywords", EHLO_KEYWORDS),
)  # fmt: skip
"""Parameters that take a list of words, and the words."""

PROTOCOLS = re.compile(r"(?:smtp|lmtp|smtpd|tlsproxy)_tls_(?:mandatory_)?protocols")
PROTOCOL = re.compile(
    r"!?(?:SSLv[23]|TLSv1(?:\.[0-3])?)|[<>]=(?:SSLv3|TLSv1(?:\.[0-3])?|0x[0-9a-f]+|0)|=?", re.I
)
PROTOCOL_NAMES = ("SSLv2", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")

ACCESS_WORDS = {
    "parent_domain_matches_subdomains": (
        *("debug_peer_list", "fast_flush_domains", "mynetworks", "permit_mx_backup_networks"),
        *("qmqpd_authorized_clients", "relay_domains", "smtpd_access_maps"),
        *("smtpd_client_event_limit_exceptions", "transport_maps"),
    ),
    "postscreen_access_list": ("permit", "permit_mynetworks", "reject", "dunno"),
    "local_header_rewrite_clients": (
        *("permit_inet_interfaces", "permit_mynetworks", "permit_sasl_authenticated"),
        *("permit_tls_all_clientcerts", "permit_tls_clientcerts", "check_address_map"),
    ),
}
"""What may stand in these lists beside tables."""

IN_VAIN = (
    *("milter_protocol", "_tls_loglevel", "_loglevel", "_ehlo_keywords", "_ciphers"),
    *("tls_ssl_options", "tls_disable_workarounds", "parent_domain_matches_subdomains"),
)
"""Ends of parameters of which a wrong word is warned of, and passed over."""


def check_choice(setting: Setting) -> Iterator[Finding]:
    """Yield a finding for a word that is none of those the parameter takes."""
    if PROTOCOLS.fullmatch(setting.name):
        yield from _protocols(setting)
        return
    if setting.name in ACCESS_WORDS:
        yield from _access_list(setting, ACCESS_WORDS[setting.name])
    one, some = choices(setting.name)
    value = " ".join(setting.value.split())
    if one and value and "$" not in value and value.lower() not in one:
        yield _wrong(setting, value, one, 0)
    for word, offset in setting.words() if some else ():
        known = word.lower() in some or re.fullmatch("0x[0-9a-f]+", word.lower())
        if "$" not in word and not known:
            yield _wrong(setting, word, some, offset)
            return


@functools.cache
def choices(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words of which a parameter takes one, and those of which it takes some."""
    found = (
        next((words for names, words in table if re.fullmatch(names, name)), "")
        for table in (ONE_OF, SOME_OF)
    )
    one, some = (tuple(words.split()) for words in found)
    return one, some


def _wrong(setting: Setting, word: str, known: tuple[str, ...], offset: int) -> Finding:
    near = nearest(word, known, 0.6)
    vain = setting.name.endswith(IN_VAIN) or word.lower() in LEVELS.split()
    severity = "warning" if vain else "error"
    message = f"{word} is none of the words that it takes"
    return setting.find(severity, message, near or f"one of {', '.join(known)}", offset)


def _access_list(setting: Setting, known: tuple[str, ...]) -> Iterator[Finding]:
    """Yield a finding for a word that is none of those known, and no table."""
    for word, offset in setting.words():
        if not any(char in word for char in ":${") and word.lower().lstrip("!") not in known:
            yield _wrong(setting, word, known, offset)
            return


def _protocols(setting: Setting) -> Iterator[Finding]:
    if "${" in setting.value:
        return  # which may choose between several values
    for match in re.finditer(r"[^\s,:]+", setting.value):
        if "$" not in match[0] and not PROTOCOL.fullmatch(match[0]):
            near = nearest(match[0].lstrip("!<>="), PROTOCOL_NAMES, 0.5)
            instead = (near and match[0][: -len(match[0].lstrip("!<>="))] + near) or (
                ">=TLSv1.2, or names such as !SSLv3"
            )
            message = f"{match[0]} is no protocol of TLS, and no session comes about"
            yield setting.find("error", message, instead, match.start())
            return
