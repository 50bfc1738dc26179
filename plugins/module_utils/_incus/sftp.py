# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read and write the files of a machine over SFTP, version 3 (draft-ietf-secsh-filexfer-02).

The daemon serves it whether the machine runs or not, and by no program of the machine.
"""

from __future__ import annotations

import itertools
import socket
import stat
import struct
from dataclasses import dataclass

from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError

INIT, VERSION, OPEN, CLOSE, READ, WRITE, LSTAT, SETSTAT = 1, 2, 3, 4, 5, 6, 7, 9
OPENDIR, READDIR, REMOVE, MKDIR, RMDIR, STAT, READLINK, SYMLINK = 11, 12, 13, 14, 15, 17, 19, 20
STATUS, HANDLE, DATA, NAME, ATTRS = 101, 102, 103, 104, 105

OK, END, NO_SUCH_FILE = 0, 1, 2
FOR_READING, FOR_WRITING = 0x01, 0x02 | 0x08 | 0x10
"""What a file is opened for; where for writing, it is created, and is empty then."""

HAS_SIZE, HAS_OWNER, HAS_MODE, HAS_TIMES = 1, 2, 4, 8
BLOCK = 32 << 10
LONGEST = 1 << 20
"""Bytes of an answer: a directory is told in several."""


class NoFileError(EngineError):
    """There is no file of that name."""


@dataclass(frozen=True)
class Attributes:
    """What is known of a file."""

    size: int
    uid: int
    gid: int
    mode: int
    mtime: int

    @property
    def is_directory(self) -> bool:
        """Whether it is a directory."""
        return stat.S_ISDIR(self.mode)


class Sftp:
    """One connection. What is not there raises NoFileError, and what is refused EngineError."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)
        self._send(INIT, struct.pack(">I", 3))
        kind, _body = self._receive()
        if kind != VERSION:
            raise EngineError(f"SFTP was answered by a packet of type {kind}")

    def lstat(self, path: str) -> Attributes:
        """Return what is known of a file; of a link itself."""
        return _attributes(self._ask(LSTAT, _text(path), ATTRS), 0)[0]

    def list(self, path: str) -> list[tuple[str, Attributes]]:
        """Return what is in a directory, in the order of names."""
        handle = self._handle(OPENDIR, _text(path))
        found = []
        try:
            while (answer := self._ask(READDIR, _bytes(handle), NAME)) is not None:
                found += _names(answer)
        finally:
            self._ask(CLOSE, _bytes(handle))
        return sorted(entry for entry in found if entry[0] not in (".", ".."))

    def read(self, path: str, most: int) -> bytes:
        """Return the content of a file. Raises EngineError where it is longer than ``most``."""
        handle = self._handle(OPEN, _text(path) + struct.pack(">II", FOR_READING, 0))
        content = bytearray()
        try:
            while True:
                asked = _bytes(handle) + struct.pack(">QI", len(content), BLOCK)
                answer = self._ask(READ, asked, DATA)
                if answer is None:
                    return bytes(content)
                content += _field(answer, 0)[0]
                if len(content) > most:
                    raise EngineError(f"{path} has more than {most} bytes")
        finally:
            self._ask(CLOSE, _bytes(handle))

    def write(self, path: str, content: bytes) -> None:
        """Make the content of a file, which may be new, this."""
        handle = self._handle(OPEN, _text(path) + struct.pack(">II", FOR_WRITING, 0))
        try:
            for at in range(0, len(content), BLOCK):
                block = content[at : at + BLOCK]
                self._ask(WRITE, _bytes(handle) + struct.pack(">Q", at) + _bytes(block))
        finally:
            self._ask(CLOSE, _bytes(handle))

    def set(self, path: str, uid: int, gid: int, mode: int, mtime: int | None = None) -> None:
        """Set whose a file is, its mode and its time; a link would be followed."""
        # One after the other: the daemons' server reads them in another order than the draft's.
        self._set(path, HAS_OWNER, uid, gid)
        self._set(path, HAS_MODE, stat.S_IMODE(mode))
        if mtime is not None:
            self._set(path, HAS_TIMES, mtime, mtime)

    def _set(self, path: str, what: int, *values: int) -> None:
        self._ask(SETSTAT, _text(path) + struct.pack(f">I{len(values)}I", what, *values))

    def mkdir(self, path: str) -> None:
        """Make a directory."""
        self._ask(MKDIR, _text(path) + struct.pack(">I", 0))

    def remove(self, path: str) -> None:
        """Remove a file or a link."""
        self._ask(REMOVE, _text(path))

    def rmdir(self, path: str) -> None:
        """Remove an empty directory."""
        self._ask(RMDIR, _text(path))

    def readlink(self, path: str) -> str:
        """Return what a link leads to."""
        answer = self._ask(READLINK, _text(path), NAME)
        if answer is None:
            raise NoFileError(path)
        return _names(answer)[0][0]

    def symlink(self, target: str, path: str) -> None:
        """Make a link; in the order in which every server takes it, which is not the draft's."""
        self._ask(SYMLINK, _text(target) + _text(path))

    def exists(self, path: str) -> bool:
        """Tell whether there is something, a link that leads nowhere too."""
        try:
            self.lstat(path)
        except NoFileError:
            return False
        return True

    def _handle(self, kind: int, body: bytes) -> bytes:
        answer = self._ask(kind, body, HANDLE)
        if answer is None:
            raise EngineError("SFTP gave no handle")
        return _field(answer, 0)[0]

    def _ask(self, kind: int, body: bytes, wanted: int = STATUS) -> bytes | None:
        """Return the answer behind its number, None where it says that there is no more."""
        number = struct.pack(">I", next(self._numbers))
        self._send(kind, number + body)
        answered, answer = self._receive()
        if answer[:4] != number:
            raise EngineError("SFTP answered another question")
        answer = answer[4:]
        if answered == wanted and wanted != STATUS:
            return answer
        if answered != STATUS:
            raise EngineError(f"SFTP was answered by a packet of type {answered}")
        (code,) = struct.unpack_from(">I", answer)
        if code == END or (code == OK and wanted == STATUS):
            return None
        place = _field(body, 0)[0].decode("utf-8", "replace")
        text = _field(answer, 4)[0].decode("utf-8", "replace") if len(answer) > 8 else ""
        gone = code == NO_SUCH_FILE or "no such file" in text.lower()
        raise (NoFileError if gone else EngineError)(f"{place}: {text or f'SFTP status {code}'}")

    def _send(self, kind: int, body: bytes) -> None:
        self._connection.sendall(struct.pack(">IB", len(body) + 1, kind) + body)

    def _receive(self) -> tuple[int, bytes]:
        (length,) = struct.unpack(">I", self._exactly(4))
        if not 1 <= length <= LONGEST:
            raise EngineError(f"SFTP announced {length} bytes")
        packet = self._exactly(length)
        return packet[0], packet[1:]

    def _exactly(self, length: int) -> bytes:
        found = bytearray()
        while len(found) < length:
            block = self._connection.recv(length - len(found))
            if not block:
                raise EngineError("SFTP ended too early")
            found += block
        return bytes(found)


def _text(text: str) -> bytes:
    return _bytes(text.encode("utf-8", "surrogateescape"))


def _bytes(content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + content


def _field(packet: bytes, at: int) -> tuple[bytes, int]:
    """Return what stands behind its length, and where it ends."""
    (length,) = struct.unpack_from(">I", packet, at)
    end = at + 4 + length
    if end > len(packet):
        raise EngineError("SFTP answered by half a packet")
    return packet[at + 4 : end], end


def _names(answer: bytes) -> list[tuple[str, Attributes]]:
    (count,) = struct.unpack_from(">I", answer)
    at, found = 4, []
    for _number in range(count):
        name, at = _field(answer, at)
        _long, at = _field(answer, at)
        attributes, at = _attributes(answer, at)
        found.append((name.decode("utf-8", "surrogateescape"), attributes))
    return found


def _attributes(packet: bytes | None, at: int) -> tuple[Attributes, int]:
    if packet is None:
        raise EngineError("SFTP said nothing of a file")
    (flags,) = struct.unpack_from(">I", packet, at)
    at += 4
    size = uid = gid = mode = mtime = 0
    if flags & HAS_SIZE:
        (size,) = struct.unpack_from(">Q", packet, at)
        at += 8
    if flags & HAS_OWNER:
        uid, gid = struct.unpack_from(">II", packet, at)
        at += 8
    if flags & HAS_MODE:
        (mode,) = struct.unpack_from(">I", packet, at)
        at += 4
    if flags & HAS_TIMES:
        _atime, mtime = struct.unpack_from(">II", packet, at)
        at += 8
    if flags & 0x80000000:
        (count,) = struct.unpack_from(">I", packet, at)
        at += 4
        for _number in range(2 * count):
            _part, at = _field(packet, at)
    return Attributes(size, uid, gid, mode, mtime), at
