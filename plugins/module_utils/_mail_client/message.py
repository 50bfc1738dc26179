# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages that checks send: each bears a word by which it is found again, wherever it goes."""

from __future__ import annotations

import email.utils
import io
import zipfile
from email.message import EmailMessage
from typing import Any

EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE" + "!$H+H*"
"""What every antivirus knows (eicar.org); written so that none finds it in this file."""

GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*" + "GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
"""What every antispam knows (spamassassin.apache.org/gtube)."""


def _zipped(content: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        # Compressed: what only looks for the bytes themselves must not find them.
        archive.writestr(zipfile.ZipInfo("eicar.com"), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


CONTENTS = {
    "eicar": EICAR.encode(),
    "eicar_zip": _zipped(EICAR),
    "gtube": GTUBE.encode(),
    "text": b"rien de dangereux\n",
}
"""What a check puts into an attachment or a body, by its name."""


def message(word: str, sender: str, recipients: list[str], given: dict[str, Any]) -> bytes:
    """Return a message (RFC 5322) whose Message-ID and subject bear ``word``.

    :arg given: ``subject``, ``body`` (text, or ``content`` by its name), ``header`` and
        ``attachments``, the names of files with their contents by name; ``replay``, lines of a
        header that stand before its own.
    """
    made = EmailMessage()
    made["From"] = sender or "<>"
    made["To"] = ", ".join(recipients)
    made["Subject"] = f"{given.get('subject') or 'essai'} {word}"
    made["Date"] = email.utils.formatdate(localtime=True)
    made["Message-ID"] = f"<{word}@check.invalid>"
    for name, value in (given.get("header") or {}).items():
        del made[name]
        made[name] = value.replace("{word}", word)
    body = given.get("body") or "Message d'essai du TP."
    if given.get("content"):
        body += "\n" + CONTENTS[given["content"]].decode()
    made.set_content(body.replace("{word}", word) + "\n")
    for name, content in (given.get("attachments") or {}).items():
        made.add_attachment(
            CONTENTS[content], maintype="application", subtype="octet-stream", filename=name
        )
    return given.get("replay", "").encode("latin-1", "replace") + made.as_bytes()
