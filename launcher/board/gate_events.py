"""Keep what the gate of a class has written, before the gate goes: nothing of it is lost."""

from __future__ import annotations

import tarfile
import tempfile
import time
import uuid
from typing import Any

import docker

from ansible_collections.labs.mail.plugins.module_utils._classroom.events import FILE
from ansible_collections.labs.mail.plugins.module_utils._incus.sftp import NoFileError
from launcher.board import event_file, places
from launcher.board.collector import Collector
from launcher.board.events import Event, line_of
from launcher.board.orders import ALL
from launcher.providers import Provider
from launcher.settings import Settings

GATE = "gate"
MOST_BYTES = 64 * 1024 * 1024
"""What the gate's file holds at most; see its journal."""

IN_MEMORY = 8 << 20


def keep(provider: Provider, lab: Settings) -> None:
    """Stop the gate at once, and bring its events to the file of all events.

    From then on nobody comes in, and no event comes after those that were read. Where they cannot
    be read, what the engine raises is raised, and the gate is there still.
    """
    gate = provider.machine(lab.lab, GATE)
    if gate is None:
        return
    provider.halt(gate)
    lines = _lines(gate)
    Collector(places.events(), lab.names, lambda: lines, time.time, places.lab_began()).gather()
    closed = Event(time.time(), ALL, "closed", f"closed-{uuid.uuid4().hex}")
    event_file.append(places.events(), [line_of(closed)])


def _lines(gate: Any) -> list[str]:
    """Return the whole lines of the gate's file, none where it has none."""
    try:
        stream, _about = gate.get_archive(FILE)
    except (docker.errors.NotFound, NoFileError):
        return []
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as packed:
        for block in stream:
            packed.write(block)
        packed.seek(0)
        with tarfile.open(fileobj=packed) as archive:
            member = archive.next()
            # What is no file, as a link, is not what the page has written.
            found = archive.extractfile(member) if member and member.isfile() else None
            content = found.read(MOST_BYTES) if found else b""
    return content[: content.rfind(b"\n") + 1].decode("utf-8", "replace").splitlines()
