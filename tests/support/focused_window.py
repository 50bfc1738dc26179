"""The title of the window of a display that has the focus: what is typed goes there.

Run by Python on a machine, which needs no program for it: the X Window System Protocol, X11R6.8,
appendix B. Argument: the display's socket. Prints nothing where no window of the kind is there.
"""

import socket
import struct
import sys

SECONDS = 10
WM_NAME = 39
INPUT_FOCUS, PROPERTY, TREE = 43, 20, 15
"""The numbers of the requests."""


class Display:
    """A connection to an X server, in little-endian order."""

    def __init__(self, path):
        self.connection = socket.socket(socket.AF_UNIX)
        self.connection.settimeout(SECONDS)
        self.connection.connect(path)
        self.connection.sendall(struct.pack("<BxHHHHxx", ord("l"), 11, 0, 0, 0))
        head = self._read(8)
        said = self._read(4 * struct.unpack("<H", head[6:])[0])
        if head[0] != 1:
            sys.exit(said.decode("utf-8", "replace"))

    def ask(self, number, *words, data=0):
        """Return both parts of the reply to a request; nothing where its window is gone."""
        self.connection.sendall(struct.pack("<BBH", number, data, 1 + len(words)))
        self.connection.sendall(struct.pack(f"<{len(words)}I", *words))
        while True:
            head = self._read(32)
            if head[0] == 0:
                return b"", b""
            if head[0] == 1:
                return head, self._read(4 * struct.unpack("<I", head[4:8])[0])

    def _read(self, size):
        found = b""
        while len(found) < size:
            some = self.connection.recv(size - len(found))
            if not some:
                raise EOFError
            found += some
        return found


def focused(display):
    """Return the title of the window that has the focus, or of the next one around it."""
    head, _rest = display.ask(INPUT_FOCUS)
    window = struct.unpack("<I", head[8:12])[0]
    # 0 is none, 1 the one under the pointer.
    while window > 1:
        head, value = display.ask(PROPERTY, window, WM_NAME, 0, 0, 256)
        if not head:
            break
        if title := value[: struct.unpack("<I", head[16:20])[0]]:
            return title.decode("utf-8", "replace")
        head, _children = display.ask(TREE, window)
        window = struct.unpack("<I", head[12:16])[0] if head else 0
    return ""


if __name__ == "__main__":
    print(focused(Display(sys.argv[1])))
