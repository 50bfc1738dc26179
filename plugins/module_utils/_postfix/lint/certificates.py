# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the files with certificates and keys: each holds what it is named for.

Source: TLS_README; tls_set_ca_certificate_info() and set_cert_stuff() in src/tls/tls_certkey.c.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.model import (
    Context,
    Finding,
    Setting,
)

CERT_FILE = re.compile(r"((?:smtpd?|lmtp|tlsproxy)_tls_(?:ec|d)?)cert_file")
CHAIN_FILES = re.compile(r"(?:smtpd?|lmtp|tlsproxy)_tls_chain_files")

CERTIFICATE = re.compile(rb"-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----")
KEY = re.compile(rb"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----")


def check_certificates(setting: Setting, context: Context) -> Iterator[Finding]:
    """Yield a finding for a file without the certificate or the key that Postfix looks for in it.

    What the file holds is said nowhere.
    """
    match = CERT_FILE.fullmatch(setting.name)
    if match:
        yield from _holds(setting, setting.value, CERTIFICATE, "certificate", context)
        name = f"{match[1]}key_file"
        own = [
            s for s in context.settings if s.name == name and s.service in (None, setting.service)
        ]
        key = own[-1] if own else setting
        path = context.effective(name, setting.service) or setting.value
        yield from _holds(key, path, KEY, "private key", context)
    elif CHAIN_FILES.fullmatch(setting.name):
        # One file may hold the key, and the next its certificates.
        files = [_content(word, context) for word, _offset in setting.words()]
        if files and all(files) and not any(KEY.search(data) for data in files if data):
            message = "there is no private key in these files, and TLS is not offered"
            yield setting.find("error", message, "a file with the private key first")


def _holds(
    setting: Setting, path: str, wanted: re.Pattern[bytes], what: str, context: Context
) -> Iterator[Finding]:
    data = _content(path, context)
    if data and not wanted.search(data):
        message = f"there is no {what} in {context.expand(path)}, and TLS is not offered"
        yield setting.find("error", message, f"a file with the {what}")


def _content(path: str, context: Context) -> bytes | None:
    path = context.expand(path)
    return context.system.read(path) if path.startswith("/") else None
