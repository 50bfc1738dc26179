"""A systemd that only keeps its one unit's state; the sockets on which the unit serves are real."""

from __future__ import annotations

import contextlib
import socket


class Systemd:
    """One unit. It reads its configuration and serves its ports when it starts."""

    def __init__(self) -> None:
        self.active = self.enabled = False
        self.entered = 0
        self.read_at = 0
        """When it read its units."""
        self.asked: list[str] = []
        self.refuses: dict[str, str] = {}
        """What a command that begins so prints to its standard error as it fails."""
        self.others: dict[str, str] = {}
        """What `systemctl show` says of other units."""
        self.answers: dict[str, str] = {}
        """What other commands print."""
        self.lacks: set[str] = set()
        """Commands that are not installed."""
        self.serves: list[int] = []
        self.sockets = contextlib.ExitStack()

    def run(self, command, handle_exceptions=True):
        if command[0] in self.lacks:
            # What AnsibleModule.run_command() does.
            if handle_exceptions:
                raise SystemExit(f"Error executing command: {command[0]}")
            raise FileNotFoundError(2, "No such file or directory", command[0])
        self.asked.append(" ".join(command))
        for beginning, error in self.refuses.items():
            if self.asked[-1].startswith(beginning):
                return 1, "", error
        if command[0] == "journalctl":
            return 0, "the last words\n", ""
        if "--property=UnitsLoadTimestamp" in command:
            return 0, f"UnitsLoadTimestamp=@{self.read_at}\n", ""
        if command[-1] in self.others and command[1] == "show":
            return 0, self.others[command[-1]], ""
        if command[0] == "systemctl":
            return 0, self.systemctl(command[1]), ""
        return 0, self.answers.get(command[0], ""), ""

    def systemctl(self, verb):
        if verb == "show":
            state = "active" if self.active else "inactive"
            enabled = "enabled" if self.enabled else "disabled"
            entered = f"@{self.entered}" if self.entered else ""
            return f"ActiveState={state}\nUnitFileState={enabled}\nActiveEnterTimestamp={entered}\n"
        if verb in ("enable", "disable"):
            self.enabled = verb == "enable"
        else:
            self.active = verb != "stop"
        if verb in ("start", "restart"):
            for port in self.serves:
                self.sockets.enter_context(socket.create_server(("127.0.0.1", port)))
        return ""

    def done(self):
        """The commands that changed something, since this was asked last."""
        done = [line for line in self.asked if "show" not in line and "journalctl" not in line]
        self.asked = []
        return done
