# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Follow a message that nobody sends, from its client to every last place that it would come to."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.labs.mail.plugins.module_utils._explain.asking import (
    databases,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.attributes import SpeechError
from ansible_collections.labs.mail.plugins.module_utils._explain.configuration import (
    Configuration,
    Place,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.deliveries import tell_queue
from ansible_collections.labs.mail.plugins.module_utils._explain.dialogue import converse
from ansible_collections.labs.mail.plugins.module_utils._explain.hand_in import (
    FILTER,
    OF_LOCAL,
    OF_PICKUP,
    RECEIVE_OVERRIDES,
    hand_in,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.listeners import (
    Proxy,
    listener,
    proxy,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.private_postfix import (
    PrivatePostfix,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.question import (
    UNKNOWN,
    Explanation,
    Question,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.walk import (
    VIRUS,
    Arrival,
    Walk,
    lane_of,
    state_of,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.parser import Entry

MOST_TURNS = 60
"""So often a message may come to a queue before nothing more is followed, loop or not."""


def explain(configuration: Configuration, asked: Question) -> Explanation:
    """Return the way of a message. Only root may ask: delivery agents look into homes."""
    with private(configuration) as postfix:
        return Follower(configuration, postfix).follow(asked)


def private(configuration: Configuration) -> PrivatePostfix:
    """Return a private Postfix of a configuration."""
    values = {name: configuration.values[name] for name in ("daemon_directory", "mail_owner")}
    return PrivatePostfix(configuration.directory, configuration.services, values)


class Follower:
    """Follows messages through one private Postfix."""

    def __init__(self, configuration: Configuration, postfix: PrivatePostfix) -> None:
        self.configuration = configuration
        self.postfix = postfix

    def follow(self, asked: Question) -> Explanation:
        """Return the way of a message."""
        walk = Walk(self.configuration, self.postfix)
        walk.waiting.append(_first(walk, asked))
        while walk.waiting:
            arrival = walk.waiting.pop(0)
            state = state_of(arrival)
            if state in arrival.way:
                walk.step("loop", lane_of(arrival), arrival.turn)
                walk.end_all(arrival, "looping")
            elif arrival.turn > MOST_TURNS:
                walk.end_all(arrival, UNKNOWN, f"after {MOST_TURNS} turns it is not followed")
            else:
                _take(walk, replace(arrival, way=arrival.way | {state}))
        return walk.told


def _first(walk: Walk, asked: Question) -> Arrival:
    """Return the arrival of the message asked about, in doubt where a table asks a server."""
    doubt = ""
    for name in databases(walk.configuration):
        walk.step("database", "postfix", 0, walk.configuration.place(name), name, name=name)
        doubt = f"{name} asks a server"
    return Arrival(
        0, asked.port, asked.client, asked.sender, asked.recipients, asked.content, doubt=doubt
    )


def _take(walk: Walk, arrival: Arrival) -> None:
    """Have what listens at a port take a message, or cleanup what is handed in."""
    if arrival.uid >= 0 or arrival.forwarded:
        _hand_in(walk, arrival)
        return
    entry = listener(walk.configuration, arrival.port, arrival.client.address)
    daemon = None if entry else proxy(arrival.port)
    if daemon:
        _pass(walk, arrival, daemon)
    elif entry is None:
        _nobody(walk, arrival)
    elif entry.values()["command"] == "postscreen":
        _screen(walk, arrival, entry)
    elif entry.values()["command"] == "smtpd":
        converse(walk, arrival, entry)
    else:
        place = walk.configuration.service_place(entry)
        walk.step("stranger", lane_of(arrival), arrival.turn, place, port=arrival.port)
        walk.end_all(arrival, UNKNOWN, f"what {entry.values()['command']} does")


def _nobody(walk: Walk, arrival: Arrival) -> None:
    """Tell of a port that Postfix does not serve: to a client it is closed."""
    place = walk.configuration.place("inet_interfaces")
    words = {"client": arrival.client.address, "port": arrival.port}
    walk.step("nobody", lane_of(arrival), arrival.turn, place, **words)
    if arrival.turn:
        walk.end_all(arrival, UNKNOWN, f"what listens at port {arrival.port}")
    else:
        walk.end_all(arrival, "refused", "connection refused")


def _screen(walk: Walk, arrival: Arrival, entry: Entry) -> None:
    """Pass a message by postscreen, whose opinion nobody can know, to the smtpd behind it."""
    place = walk.configuration.service_place(entry)
    walk.step("postscreen", lane_of(arrival), arrival.turn, place)
    behind = [each for each in walk.configuration.services if each.type == "pass"]
    if behind:
        doubt = arrival.doubt or "postscreen asks DNS"
        converse(walk, replace(arrival, doubt=doubt), behind[-1])


def _pass(walk: Walk, arrival: Arrival, daemon: Proxy) -> None:
    """Pass a message through clamsmtpd."""
    place = Place(daemon.path, daemon.line)
    words = {"port": daemon.port, "out": daemon.out}
    walk.step("clamsmtpd", f"clamsmtpd:{daemon.port}", arrival.turn, place, **words)
    client = arrival.client if daemon.xclient else walk.local(arrival.client.helo)
    doubt, content = arrival.doubt, arrival.content
    if any(sign in content for sign in VIRUS):
        doubt = doubt or "clamd decides whether it is a virus"
    if daemon.header:
        header, empty, body = content.partition(b"\n\n")
        content = header + b"\n" + daemon.header.encode() + empty + body
    onward = replace(arrival, port=daemon.out, client=client, doubt=doubt, content=content)
    walk.waiting.insert(0, onward)


def _hand_in(walk: Walk, arrival: Arrival) -> None:
    """Have cleanup take what comes from a program on the machine, or from local."""
    conf = walk.configuration
    services = (each for each in conf.services if each.values()["command"] == "pickup")
    # What local forwards does not come by pickup.
    pickup = None if arrival.forwarded else next(services, None)
    flags, content_filter = OF_LOCAL, ""
    if not arrival.forwarded:
        flags, content_filter = OF_PICKUP, conf.effective("content_filter", pickup)
        for word in conf.effective("receive_override_options", pickup).replace(",", " ").split():
            flags &= ~RECEIVE_OVERRIDES.get(word, 0)
    cleanup = conf.effective("cleanup_service_name", pickup) or "cleanup"
    place = conf.service_place(pickup) if pickup else None
    walk.step("taken", lane_of(arrival), arrival.turn, place, cleanup, reply=cleanup)
    by = "Postfix" if arrival.forwarded else f"Postfix, from userid {arrival.uid}"
    host = conf.values.get("myhostname", "localhost")
    content = f"Received: by {host} ({by})\n\tid explain\n".encode() + arrival.content
    before = len(walk.postfix.lines)
    sender, recipients = arrival.sender, arrival.recipients
    try:
        queue_id, status = hand_in(
            walk.postfix, cleanup, flags, sender, recipients, content, content_filter
        )
    except SpeechError as error:
        walk.end_all(arrival, UNKNOWN, str(error))
        return
    walk.postfix.settle(queue_id)
    if status and not flags & FILTER:
        walk.end_all(arrival, UNKNOWN, f"cleanup answers {status}")
        return
    tell_queue(walk, arrival, pickup, queue_id, walk.postfix.lines[before:])
