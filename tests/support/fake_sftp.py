"""A server of SFTP 3 for a directory, as the daemon has it: only what is asked of it, in memory."""

from __future__ import annotations

import os
import stat
import struct
from pathlib import Path
from typing import Any

OK, END, NO_SUCH_FILE, FAILURE = 0, 1, 2, 4


class Server:
    """Answers on one connection; owners and special modes are kept aside, as nobody is root."""

    def __init__(self, connection: Any, top: Path) -> None:
        self.connection, self.top = connection, top
        self.open: dict[bytes, Any] = {}

    def serve(self) -> None:
        """Answer until the client is gone."""
        while True:
            try:
                head = self._exactly(4)
            except OSError:
                return
            if not head:
                return
            (length,) = struct.unpack(">I", head)
            packet = self._exactly(length)
            self._answer(packet[0], packet[1:])

    def _exactly(self, length: int) -> bytes:
        found = b""
        while len(found) < length:
            block = self.connection.recv(length - len(found))
            if not block:
                return b""
            found += block
        return found

    def _answer(self, kind: int, body: bytes) -> None:
        if kind == 1:
            self._send(2, struct.pack(">I", 3))
            return
        number, body = body[:4], body[4:]
        try:
            answer = self._do(kind, body)
        except FileNotFoundError:
            answer = (101, status(NO_SUCH_FILE, "no such file"))
        except OSError as error:
            answer = (101, status(FAILURE, str(error)))
        self._send(answer[0], number + answer[1])

    def _send(self, kind: int, body: bytes) -> None:
        self.connection.sendall(struct.pack(">IB", len(body) + 1, kind) + body)

    def _path(self, raw: bytes) -> Path:
        return self.top / raw.decode().lstrip("/")

    def _do(self, kind: int, body: bytes) -> tuple[int, bytes]:
        raw, rest = field(body)
        return self._of_files(kind, raw, rest) or self._of_names(kind, raw, rest)

    def _of_files(self, kind: int, raw: bytes, rest: bytes) -> tuple[int, bytes] | None:
        """Answer what is asked of a file or directory that is open, or is to be."""
        if kind == 3:
            (flags,) = struct.unpack_from(">I", rest)
            return 102, self._handle(self._path(raw).open("wb" if flags & 2 else "rb"))
        if kind == 4:
            found = self.open.pop(raw)
            if not isinstance(found, list):
                found.close()
        elif kind == 5:
            at, length = struct.unpack_from(">QI", rest)
            file = self.open[raw]
            file.seek(at)
            block = file.read(length)
            return (103, text(block)) if block else (101, status(END))
        elif kind == 6:
            (at,) = struct.unpack_from(">Q", rest)
            self.open[raw].seek(at)
            self.open[raw].write(field(rest[8:])[0])
        elif kind == 11:
            entries = sorted(os.listdir(self._path(raw)))
            return 102, self._handle([(name, self._path(raw) / name) for name in entries])
        elif kind == 12:
            entries, self.open[raw] = self.open[raw][:2], self.open[raw][2:]
            if not entries:
                return 101, status(END)
            names = b"".join(text(n.encode()) + text(b"long") + attributes(p) for n, p in entries)
            return 104, struct.pack(">I", len(entries)) + names
        else:
            return None
        return 101, status(OK)

    def _of_names(self, kind: int, raw: bytes, rest: bytes) -> tuple[int, bytes]:
        """Answer what is asked of a name."""
        if kind == 7:
            return 105, attributes(self._path(raw))
        if kind == 9:
            self._set(self._path(raw), rest)
        elif kind == 13:
            self._path(raw).unlink()
        elif kind == 14:
            self._path(raw).mkdir()
        elif kind == 15:
            self._path(raw).rmdir()
        elif kind == 19:
            target = os.readlink(self._path(raw)).encode()
            return 104, struct.pack(">I", 1) + text(target) + text(b"") + struct.pack(">I", 0)
        elif kind == 20:
            self._path(field(rest)[0]).symlink_to(raw.decode())
        return 101, status(OK)

    def _handle(self, what: Any) -> bytes:
        name = b"%d" % (len(self.open) + 1)
        self.open[name] = what
        return text(name)

    def _set(self, path: Path, rest: bytes) -> None:
        flags, *values = struct.unpack(f">{len(rest) // 4}I", rest)
        path.lstat()
        # The daemons' server reads one kind at a time; of several it would mix them up.
        assert flags in (2, 4, 8)
        if flags == 4:
            path.chmod(values[0] & 0o777)
        elif flags == 8:
            os.utime(path, (values[0], values[1]))


def status(code: int, words: str = "") -> bytes:
    """Return the body of a status."""
    return struct.pack(">I", code) + text(words.encode()) + text(b"en")


def text(content: bytes) -> bytes:
    """Return bytes behind their length."""
    return struct.pack(">I", len(content)) + content


def field(packet: bytes) -> tuple[bytes, bytes]:
    """Return what stands behind its length, and the rest."""
    (length,) = struct.unpack_from(">I", packet)
    return packet[4 : 4 + length], packet[4 + length :]


def attributes(path: Path) -> bytes:
    """Return what is known of a file; all belongs to root, as on a machine."""
    found = path.lstat()
    size = 0 if stat.S_ISDIR(found.st_mode) else found.st_size
    times = (int(found.st_atime), int(found.st_mtime))
    return struct.pack(">IQIIIII", 1 | 2 | 4 | 8, size, 0, 0, found.st_mode, *times)
