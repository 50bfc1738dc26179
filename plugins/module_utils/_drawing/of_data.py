# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make scenes of what is known of a message: of an explanation, and of a path through the log."""

from __future__ import annotations

from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._drawing.scene import Event, Scene

STATES = {
    "mailbox": "arrives",
    "file": "arrives",
    "command": "arrives",
    "relayed": "passes",
    "refused": "refused",
    "bounced": "lost",
    "deferred": "waits",
    "held": "waits",
    "discarded": "lost",
    "looping": "lost",
    "broken": "lost",
    "unknown": "unknown",
    "sent": "arrives",
    "expired": "lost",
    "rejected": "refused",
    "deleted": "lost",
}
"""How a verdict of an explanation, or a status of the log, goes on."""

SILENT = ("none",)


def of_explanation(explained: dict[str, Any], title: str, language: str) -> Scene:
    """Return the scene of what would happen."""
    scene = Scene(title, would=True)
    before = "client"
    for step in explained["steps"]:
        if step["kind"] in SILENT:
            continue
        place = f"{step['path'].rpartition('/')[2]}:{step['line']} " if step["path"] else ""
        text = f"{place}{step['sentence'][language]}"
        state = "refused" if step["kind"] in ("reject", "row_reject", "refused") else "passes"
        state = "unknown" if step["kind"] in ("asks", "milter", "stranger", "database") else state
        lane = step["service"]
        scene.events.append(
            Event(lane, text, "", state) if lane == before else Event(before, text, lane, state)
        )
        before = lane
    for end in explained["ends"]:
        state = STATES.get(end["verdict"], "unknown")
        service = end["service"] or before
        scene.events.append(Event(service, end["sentence"][language], "", state))
    return scene


def of_path(path: dict[str, Any], title: str) -> Scene:
    """Return the scene of what did happen.

    :arg path: as the module mail_trace_info returns it.
    """
    scene = Scene(title, would=False)
    hosts = {hop["host"] for hop in path["hops"]}
    several = len(hosts) > 1
    lanes: dict[str, str] = {}
    for hop in path["hops"]:
        head = f"{hop['host']} " if several else ""
        entry = f"{head}{hop['program'] or 'cleanup'} {hop['queue_id']}"
        came = lanes.get(hop["queue_id"]) or (lanes.get(hop["previous"] or "") or "client")
        who = hop["client"] or (f"uid {hop['uid']}" if hop["uid"] is not None else "")
        by = ", ".join(hop["linked_by"])
        text = " ".join(filter(None, (hop["time"][11:19], hop["queue_id"], who, by and f"[{by}]")))
        scene.events.append(Event(came, text, entry))
        for visit in hop["visits"]:
            said = f"{visit['time'][11:19]} {visit['result']}"
            scene.events.append(Event(entry, said, f"{head}{visit['program']}"))
        for action in hop["actions"]:
            state = "refused" if action["action"] in ("reject", "discard") else "passes"
            scene.events.append(Event(entry, f"{action['action']}: {action['reason']}", "", state))
        for delivery in hop["deliveries"]:
            lane = f"{head}{delivery['program']}"
            status = delivery["status"] or "unknown"
            text = f"{delivery['time'][11:19]} <{delivery['recipient']}> {status}"
            text += f" {delivery['relay']}" if delivery["relay"] not in ("", "none") else ""
            text += f" ({delivery['reply']})" if not delivery["next"] and delivery["reply"] else ""
            state = "passes" if delivery["next"] else STATES.get(status, "unknown")
            scene.events.append(Event(entry, text, lane, state, delivery["delay"]))
            if delivery["next"]:
                lanes[delivery["next"]] = lane
        lanes[hop["queue_id"]] = entry
    for loop in path["loops"]:
        text = f"{' > '.join(loop['queue_ids'])}: {loop['relay']}"
        scene.events.append(Event(loop["service"], text, "", "lost"))
    return scene
