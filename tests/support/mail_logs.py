"""Mail logs: that of the course, and those of real machines of each Debian release."""

from __future__ import annotations

import datetime
from pathlib import Path

from ansible_collections.labs.mail.plugins.module_utils._trace import log_lines
from ansible_collections.labs.mail.plugins.module_utils._trace.follow import Selection, trace

FIXTURES = Path(__file__).parents[1] / "fixtures"
COURSE = (FIXTURES / "course" / "mail.log").read_bytes()
LOGS = {
    f"{path.parent.name}/{path.stem}": path.read_bytes()
    for path in sorted((FIXTURES / "mail_log").glob("*/*.log"))
}
RELEASES = ["debian-12", "debian-13"]
LATEST = datetime.date(2026, 11, 26)


def lines_of(data, latest=LATEST, host=None):
    return log_lines.read(log_lines.decode(data), latest, host)


def traced(data, **selection):
    """Follow every message of a log, or those selected."""
    return trace(lines_of(data), Selection(**selection))


def tree(path):
    """A path in short: its queue ids with what links them, and what became of the message there."""
    return [
        (
            "  " * hop.depth + (hop.entry.arrival.program if hop.entry.arrival else "-"),
            ", ".join(hop.by),
            *(f"{d.line.program} {hop.status(d)}" for d in hop.entry.deliveries),
            *(f"{visit.program}: {visit.result}" for visit in hop.visits),
        )
        for hop in path.hops
    ]
