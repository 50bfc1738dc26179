# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Give a daemon an image: the archive of a root file system, and what is to be known of it."""

from __future__ import annotations

import io
import json
import os
import tarfile
import time
from collections.abc import Iterator
from typing import IO

from ansible_collections.labs.mail.plugins.module_utils._incus.api import Client

BLOCK = 1 << 20
BOUNDARY = "labs-mail-image"
LABEL = "labs.mail.image"


def known(client: Client, alias: str) -> str:
    """Return the digest that the image of an alias was given with, empty where there is none."""
    found = client.find(f"/images/aliases/{alias}")
    image = client.find(f"/images/{found['target']}") if found else None
    return str((image or {}).get("properties", {}).get(LABEL, ""))


def give(client: Client, alias: str, digest: str, rootfs: IO[bytes], release: str) -> None:
    """Import an image under an alias, which another one may have had. Raises EngineError."""
    metadata = _metadata(digest, release)
    parts = [
        (_head("metadata", "metadata.tar"), io.BytesIO(metadata)),
        (_head("rootfs", "rootfs.tar"), rootfs),
    ]
    end = f"\r\n--{BOUNDARY}--\r\n".encode()
    length = sum(len(head) + _size(file) for head, file in parts) + len(end)
    headers = {
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Content-Length": str(length),
    }
    done = client.upload("/images", _body(parts, end), headers)
    fingerprint = done["metadata"]["fingerprint"]
    before = client.find(f"/images/aliases/{alias}")
    if before:
        client.ask("PUT", f"/images/aliases/{alias}", {"target": fingerprint})
        if before["target"] != fingerprint:
            client.ask("DELETE", f"/images/{before['target']}")
    else:
        client.ask("POST", "/images/aliases", {"name": alias, "target": fingerprint})


def remove(client: Client, alias: str) -> None:
    """Remove the image of an alias, where there is one."""
    found = client.find(f"/images/aliases/{alias}")
    if found:
        client.ask("DELETE", f"/images/{found['target']}")


def _metadata(digest: str, release: str) -> bytes:
    # JSON is YAML.
    text = json.dumps(
        {
            "architecture": os.uname().machine,
            "creation_date": int(time.time()),
            "properties": {
                "os": "Debian",
                "release": release,
                "description": f"A machine of Debian {release}",
                LABEL: digest,
            },
        }
    ).encode()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo("metadata.yaml")
        entry.size = len(text)
        archive.addfile(entry, io.BytesIO(text))
    return buffer.getvalue()


def _head(name: str, file: str) -> bytes:
    return (
        f"\r\n--{BOUNDARY}\r\n"
        f'Content-Disposition: form-data; name="{name}"; filename="{file}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode()


def _size(file: IO[bytes]) -> int:
    file.seek(0, io.SEEK_END)
    size = file.tell()
    file.seek(0)
    return size


def _body(parts: list[tuple[bytes, IO[bytes]]], end: bytes) -> Iterator[bytes]:
    for head, file in parts:
        yield head
        while block := file.read(BLOCK):
            yield block
    yield end
