# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Have smtpd take or refuse a message, and tell which restrictions decided it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ansible_collections.labs.mail.plugins.module_utils._explain import log_reading, smtp_session
from ansible_collections.labs.mail.plugins.module_utils._explain.asking import (
    Question as Asked,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.asking import (
    asking_in_a_row,
    may_log_in,
    questions,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.configuration import (
    Configuration,
    Place,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.deliveries import tell_queue
from ansible_collections.labs.mail.plugins.module_utils._explain.question import (
    UNKNOWN,
    Step,
)
from ansible_collections.labs.mail.plugins.module_utils._explain.smtp_session import Session
from ansible_collections.labs.mail.plugins.module_utils._explain.walk import Arrival, Walk, lane_of
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf.parser import Entry

REFUSALS = {
    "User unknown in virtual alias": ("virtual_alias_maps", "virtual_alias_domains"),
    "User unknown in virtual mailbox": ("virtual_mailbox_maps",),
    "User unknown in relay": ("relay_recipient_maps",),
    "User unknown in local": ("local_recipient_maps", "mydestination"),
    "User unknown": ("mydestination",),
    "Relay access denied": ("smtpd_relay_restrictions", "mynetworks"),
    "need fully-qualified": ("smtpd_helo_required",),
    "HELO": ("smtpd_helo_required",),
    "Message content rejected": ("header_checks", "body_checks"),
    "Message size exceeds": ("message_size_limit",),
}
"""The parameters behind refusals that no restriction decides."""

MAY_PERMIT = " (may permit)"
"""The end of a doubt about a restriction that could have let the message pass."""


def converse(walk: Walk, arrival: Arrival, entry: Entry) -> None:
    """Have smtpd take or refuse a message, and go on with what it takes."""
    conf, lane, turn = walk.configuration, lane_of(arrival), arrival.turn
    overrides, asked = questions(conf, entry)
    client = f"{arrival.client.name or 'unknown'}[{arrival.client.address}]"
    service = f"{entry.name} ({entry.values()['command']})"
    words = {"client": client, "port": arrival.port, "program": service}
    walk.step("connect", lane, turn, conf.service_place(entry), **words)
    if _demands_tls(conf, entry):
        walk.step("tls", lane, turn, conf.place("smtpd_tls_security_level", entry))
        # A client is taken to start it; whether smtp does, its own parameters say.
        doubt = arrival.doubt or ("smtpd demands TLS of smtp" if turn else "")
        arrival = replace(arrival, doubt=doubt)
    session, lines = _session(walk, arrival, entry, overrides)
    unsure, decided = _tell_restrictions(walk, arrival, entry, lines, asked)
    if milters := conf.effective("smtpd_milters", entry):
        place = conf.place("smtpd_milters", entry)
        walk.step("milter", lane, turn, place, milters, value=milters)
        unsure = unsure or f"the milter {milters}"
    dialogue = Dialogue(entry, session, decided, unsure)
    accepted = _tell_replies(walk, arrival, dialogue, lines)
    if not accepted:
        return
    taken = replace(arrival, recipients=accepted, doubt=arrival.doubt or unsure)
    if inner := conf.effective("smtpd_proxy_filter", entry):
        place = conf.place("smtpd_proxy_filter", entry)
        walk.step("filter", lane, turn, place, inner, value=inner)
        walk.to_port(taken, inner, "smtpd_proxy_filter")
        return
    tell_queue(walk, taken, entry, session.queue_id, lines)


def _demands_tls(conf: Configuration, entry: Entry) -> bool:
    """Tell whether an smtpd takes nothing from a client that has not started TLS."""
    level = conf.effective("smtpd_tls_security_level", entry)
    wrapped = conf.effective("smtpd_tls_wrappermode", entry) == "yes"
    enforced = not level and conf.effective("smtpd_enforce_tls", entry) == "yes"
    return level == "encrypt" or wrapped or enforced


@dataclass(frozen=True)
class Dialogue:
    """What smtpd and its client said to each other."""

    entry: Entry
    session: Session
    decided: dict[str, Step]
    """The steps that refused, by the commands that they refused."""
    unsure: str
    """What decides and is not known; empty where all is known."""


def _session(
    walk: Walk, arrival: Arrival, entry: Entry, overrides: dict[str, str]
) -> tuple[Session, list[str]]:
    """Speak with smtpd, which asks nobody else; returns what was said, and what it logged."""
    nobody = {"smtpd_proxy_filter": "", "smtpd_milters": "", "non_smtpd_milters": ""}
    given = {**overrides, **nobody, "smtpd_sasl_auth_enable": "no"}
    before = len(walk.postfix.lines)
    session = Session(ended=False)
    for verbose in (True, False):
        # An smtpd that tells all may die of that: 3.7 does of endif in a cidr table.
        if not session.ended:
            session = smtp_session.converse(
                walk.postfix,
                entry,
                arrival.client,
                arrival.sender,
                arrival.recipients,
                arrival.content,
                given,
                verbose,
            )
            walk.postfix.settle(session.queue_id or "nothing")
    return session, walk.postfix.lines[before:]


def _tell_restrictions(
    walk: Walk, arrival: Arrival, entry: Entry, lines: list[str], asked: dict[str, Asked]
) -> tuple[str, dict[str, Step]]:
    """Tell of each restriction that was come by.

    Returns what decides and is not known, and the steps that refused by the commands they refused.
    """
    # What a session that ended too early did not come by, the one after it does not tell.
    unsure = _unheard(lines, asked)
    decided: dict[str, Step] = {}
    told: set[tuple[str, str, str, str]] = set()
    logins = may_log_in(walk.configuration, entry)
    for each in log_reading.restrictions(lines, _lists(walk.configuration, entry)):
        question = asked.get(each.name) or asking_in_a_row(each.name, each.list, logins)
        if each.name.startswith("permit_tls") and unsure and not question:
            continue
        if question:
            _tell_question(walk, arrival, entry, question)
            unsure = unsure or question.text
            if question.may_permit or question.refused_to:
                unsure = question.text + MAY_PERMIT
            continue
        step = _restriction(walk.configuration, arrival, entry, each)
        # Of several recipients most are asked about the same; what differs is worth a line.
        mark = (each.list, each.name, step.kind, step.value)
        if mark not in told:
            walk.told.steps.append(step)
            told.add(mark)
        if each.opinion == "reject":
            decided[each.command] = step
    return unsure, decided


def _unheard(lines: list[str], asked: dict[str, Asked]) -> str:
    """Return a question that smtpd may have come by without a word; "" where it would tell."""
    died = any(
        text.startswith("fatal: ") for _program, text in log_reading.lines_of(lines, "smtpd")
    )
    return next((each.text + MAY_PERMIT for each in asked.values()), "") if died else ""


def _lists(conf: Configuration, entry: Entry) -> list[str]:
    """Return the lists about recipients, in the order in which smtpd goes through them."""
    lists = ["smtpd_relay_restrictions", "smtpd_recipient_restrictions"]
    first = conf.effective("smtpd_relay_before_recipient_restrictions", entry) or "yes"
    return [n for n in (lists if first == "yes" else lists[::-1]) if conf.effective(n, entry)]


def _tell_question(walk: Walk, arrival: Arrival, entry: Entry, question: Asked) -> None:
    """Tell of a restriction that asks somebody else, who is not asked here."""
    place = walk.configuration.place(question.list, entry, question.text.split()[0])
    words = {"list": question.list, "name": question.text}
    walk.step("asks", lane_of(arrival), arrival.turn, place, question.text, **words)


def _restriction(
    conf: Configuration, arrival: Arrival, entry: Entry, found: log_reading.Restriction
) -> Step:
    """Return the step of a restriction, with the line of main.cf or of its table."""
    place = conf.place(found.list, entry, found.name)
    value = found.name
    if found.name == "permit_mynetworks" and found.opinion == "permit":
        place = conf.place("mynetworks", entry) or place
        value = conf.effective("mynetworks", entry)
    words = {"list": found.list, "name": found.name}
    kind = found.opinion
    if found.table:
        place = conf.row(found.table, found.key, found.value) or place
        value = f"{found.key} {found.value}"
        words |= {"table": found.table, "key": found.key, "value": found.value}
        kind = f"row_{kind}"
    return Step(kind, lane_of(arrival), arrival.turn, place, value, words)


def _tell_replies(
    walk: Walk, arrival: Arrival, dialogue: Dialogue, lines: list[str]
) -> tuple[str, ...]:
    """Tell what was refused; returns the recipients that the message is taken for."""
    lane, session = lane_of(arrival), dialogue.session
    if not session.ended:
        text = next(iter(log_reading.troubles(lines)), "it ended without a word")
        walk.step("broken", lane, arrival.turn, None, text, text=text)
        fatal = any("fatal:" in line for line in lines)
        walk.end_all(arrival, "broken" if fatal else UNKNOWN, text)
        return ()
    accepted, refusals = _sorted(session, arrival.recipients)
    for command, reply in dict.fromkeys(refusals.values()):
        place = _place_of(walk, reply, dialogue.entry)
        walk.step("refused", lane, arrival.turn, place, reply, command=command, reply=reply)
    # An answer that is not known could only have refused it as well, where it may not permit.
    unsure = dialogue.unsure if dialogue.unsure.endswith(MAY_PERMIT) else ""
    doubtful = replace(arrival, doubt=arrival.doubt or unsure)
    earlier = f", or what {dialogue.unsure} answers" if dialogue.unsure and not unsure else ""
    for each, (command, reply) in refusals.items():
        by = _decider(walk, dialogue, command, reply)
        walk.end(doubtful, each, "refused", reply + earlier, by=by)
    if accepted:
        reply = session.replies[-1][1].partition(": queued as")[0]
        walk.step("taken", lane, arrival.turn, None, "", reply=reply)
    return tuple(accepted)


def _sorted(
    session: Session, recipients: tuple[str, ...]
) -> tuple[list[str], dict[str, tuple[str, str]]]:
    """Return who was accepted, and the command and reply that refused each of the others."""
    accepted = []
    refusals: dict[str, tuple[str, str]] = {}
    for command, reply in session.replies:
        if command.startswith("RCPT TO:") and reply.startswith("2"):
            accepted.append(command[9:-1])
        elif command.startswith("RCPT TO:"):
            refusals[command[9:-1]] = (command, reply)
        elif command and not reply.startswith(("2", "3")):
            refusals = dict.fromkeys(recipients, (command, reply))
            accepted = []
    return accepted, refusals


def _decider(walk: Walk, dialogue: Dialogue, command: str, reply: str) -> Step:
    """Return the step that decided a refusal: a restriction, or what smtpd has built in."""
    decided = dialogue.decided.get("DATA" if command == "." else command)
    if decided is not None:
        place = decided.place or _place_of(walk, reply, dialogue.entry)
        return replace(decided, place=place)
    place = _place_of(walk, reply, dialogue.entry)
    return Step("refused", "", 0, place, reply, {"command": "", "reply": reply})


def _place_of(walk: Walk, reply: str, entry: Entry) -> Place | None:
    """Return where a refusal comes from that no restriction decided."""
    conf = walk.configuration
    for sign, names in REFUSALS.items():
        if sign in reply:
            places = (conf.place(name, entry) for name in names)
            return next((place for place in places if place), Place(conf.main_path))
    return None
