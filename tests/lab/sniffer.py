"""What packets this computer sends, seen on all of its interfaces (packet(7))."""

import socket
import threading
from types import TracebackType

ETH_P_IP = 0x0800
POLL_SECONDS = 0.1


class Sniffer:
    """Notes from where to where IPv4 packets go, and by which interface, while it is open."""

    def __init__(self) -> None:
        """Open the socket; raises PermissionError where that is not allowed."""
        self.seen: set[tuple[str, str, str]] = set()
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_IP))
        self.socket.settimeout(POLL_SECONDS)
        self.open = True
        self.thread = threading.Thread(target=self._listen)

    def _listen(self) -> None:
        while self.open:
            try:
                packet, place = self.socket.recvfrom(64)
            except TimeoutError:
                continue
            source, target = (socket.inet_ntoa(packet[at : at + 4]) for at in (12, 16))
            self.seen.add((place[0], source, target))

    def __enter__(self) -> "Sniffer":
        """Begin to listen."""
        self.thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Listen no longer."""
        self.open = False
        self.thread.join()
        self.socket.close()
