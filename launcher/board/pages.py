"""The pages of the board as HTML; every text that comes from elsewhere is escaped by Jinja.

A page that shows a class is in parts, each with the id of its element: of what changes, the browser
is sent the parts that are others. Where the rows themselves are others, it is sent the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from ansible_collections.labs.mail.plugins.module_utils._checks.outcomes import (
    FAILED,
    PASSED,
    SKIPPED,
    UNCHECKED,
)
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.catalogue import catalogue
from launcher.board import view
from launcher.board.events import TRUSTS
from launcher.board.needs import Everybody, needs
from launcher.board.state import Cell, Order, Seat, State
from launcher.language import language, tr

DIRECTORY = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Parts:
    """A page's parts by the ids of their elements.

    ``whole`` are those that a page begins with; ``rows`` are within one of them.
    """

    whole: dict[str, Markup]
    rows: dict[str, Markup] = field(default_factory=dict)
    holder: str = ""
    """The part that the rows are within."""
    structure: tuple[Any, ...] = ()
    """What the holder is apart from its rows."""


def changes(old: Parts | None, new: Parts) -> dict[str, str]:
    """Return the parts that a browser needs which shows the old ones."""
    if old is None:
        return dict(new.whole)
    same = old.structure == new.structure and old.rows.keys() == new.rows.keys()
    found: dict[str, str] = {
        name: part
        for name, part in new.whole.items()
        if old.whole.get(name) != part and not (same and name == new.holder)
    }
    if same:
        found |= {name: row for name, row in new.rows.items() if old.rows[name] != row}
    return found


@cache
def _templates() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader(DIRECTORY)
    made = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, auto_reload=False
    )
    made.globals["tr"] = tr
    return made


def _fill(template: str, **words: Any) -> Markup:
    return Markup(_templates().get_template(template).render(lang=language(), **words))


def _page(template: str, title: str, parts: Parts, stream: str = "", **words: Any) -> str:
    return str(_fill(template, title=title, parts=parts.whole, stream=stream, **words))


def board_parts(state: State, now: float, people: Mapping[str, str], buttons: bool = True) -> Parts:
    """Return the parts of the board."""
    rows: dict[str, Markup] = {}
    groups, structure = [], []
    for exercise, seats in view.by_exercise(state):
        titles = view.check_titles(exercise)
        own = {
            f"row-{seat.machine}": _row(state, seat, now, people, list(titles), buttons)
            for seat in seats
        }
        rows |= own
        title = view.title_of(exercise) or tr("No exercise")
        groups.append({"title": title, "checks": list(titles.values()), "rows": list(own.values())})
        structure.append((exercise, *own))
    order = _order(state.everybody)
    whole = _fill("seats.html", groups=groups, buttons=buttons, order=order)
    return Parts(
        {"needs": _needs(state, now, people), "seats": whole},
        rows,
        "seats",
        (*structure, order),
    )


def _row(
    state: State,
    seat: Seat,
    now: float,
    people: Mapping[str, str],
    checks: list[str],
    buttons: bool,
) -> Markup:
    waits = ""
    if seat.since is not None and state.next_check(seat):
        waits = view.minutes(now - seat.since)
    return _fill(
        "row.html",
        seat=seat,
        name=people.get(seat.machine, ""),
        marks=[view.mark_of(seat.cell(check)) for check in checks],
        hints=len(seat.hints.get(seat.exercise, ())),
        waits=waits,
        buttons=buttons,
        order=_order(seat),
    )


def _order(seat: Seat) -> str:
    """Return how far the last order is."""
    return order_text(list(seat.orders.values())[-1]) if seat.orders else ""


def order_text(order: Order) -> str:
    """Return an order, and how far it is."""
    actions = {
        "recheck": tr("Check again"), "reset": tr("Reset to the start"),
        "start": tr("Bring to its start"), "solution": tr("Show the solution"),
        "picture": tr("Draw the last message"),
    }  # fmt: skip
    stages = {
        "queued": tr("waits"), "running": tr("runs"), "done": tr("done"), "failed": tr("failed"),
        "interrupted": tr("interrupted, order it again"),
    }  # fmt: skip
    action = actions.get(order.action, order.action)
    text = tr("{action}: {stage}", action=action, stage=stages.get(order.stage, order.stage))
    return f"{text} {order.text}".strip()


def _needs(state: State, now: float, people: Mapping[str, str]) -> Markup:
    found = needs(state, now)
    each_of = []
    for need in found.each:
        seat = state.seats[need.machine]
        each_of.append(
            {
                "machine": need.machine,
                "who": f"{need.machine} {people.get(need.machine, '')}".strip(),
                "why": need.why,
                "text": view.sentence(need, seat.exercise, now),
                "said": seat.problem or view.failed_sentence(seat, need.check),
                "mistakes": view.likely_mistakes(seat),
            }
        )
    return _fill("needs.html", each_of=each_of, everybody=_everybody(found.everybody))


def _everybody(found: Any) -> list[str]:
    return [everybody_text(each) for each in found]


def everybody_text(each: Everybody) -> str:
    """Return where the class is stuck."""
    return tr(
        "at '{check}' ({exercise}): {waiting} of {count} wait there. Tell everybody.",
        check=view.check_titles(each.exercise).get(each.check, each.check),
        exercise=view.title_of(each.exercise), waiting=each.waiting, count=each.of,
    )  # fmt: skip


def board(state: State, now: float, people: Mapping[str, str], word: str) -> str:
    """Return the board."""
    legend = [
        view.mark_of(Cell(outcome, trust, 0)) for outcome in (PASSED, FAILED) for trust in TRUSTS
    ]
    legend += [view.mark_of(Cell(outcome, TRUSTS[1], 0)) for outcome in (UNCHECKED, SKIPPED)]
    legend.append(view.mark_of(None))
    parts = board_parts(state, now, people)
    return _page("board.html", tr("The class"), parts, "/stream/board", legend=legend, word=word)


def seat_parts(state: State, now: float, machine: str) -> Parts:
    """Return the parts of a student's page."""
    seat = state.seats[machine]
    found = next((each for each in needs(state, now).each if each.machine == machine), None)
    checks = [
        (title, view.mark_of(seat.cell(check)), view.failed_sentence(seat, check))
        for check, title in view.check_titles(seat.exercise).items()
    ]
    lines = [(time, tr("Note: {note}", note=text)) for time, text in seat.notes]
    lines += [(order.time, order_text(order)) for order in seat.orders.values()]
    drawn = view.drawn(seat)
    part = _fill(
        "seat_part.html",
        machine=machine,
        drawn=drawn,
        drawn_at=view.clock_time(drawn) if drawn else "",
        exercise=view.title_of(seat.exercise) or tr("No exercise"),
        need=view.sentence(found, seat.exercise, now) if found else "",
        problem=seat.problem,
        mistakes=view.likely_mistakes(seat),
        checks=checks,
        hints=seat.hints.get(seat.exercise, []),
        lines=[f"{view.clock_time(time)} {text}" for time, text in sorted(lines)],
    )
    return Parts({"seat": part})


def seat(state: State, now: float, machine: str, people: Mapping[str, str], word: str) -> str:
    """Return a student's page."""
    lang = language()
    return _page(
        "seat.html",
        f"{machine} {people.get(machine, '')}".strip(),
        seat_parts(state, now, machine),
        f"/stream/seat/{machine}",
        machine=machine,
        exercise=state.seats[machine].exercise,
        exercises={name: each.title[lang] for name, each in catalogue().items()},
        word=word,
    )


def projector_parts(state: State, now: float) -> Parts:
    """Return the parts of the page for the projector: nobody's name, and no machine's."""
    groups = [(view.title_of(name) or tr("No exercise"), rows) for name, rows in view.totals(state)]
    everybody = _everybody(needs(state, now).everybody)
    return Parts({"totals": _fill("totals.html", groups=groups, everybody=everybody)})


def projector(state: State, now: float) -> str:
    """Return the page for the projector."""
    parts = projector_parts(state, now)
    return _page("projector.html", tr("How far the class is"), parts, "/stream/projector")


def replay_parts(state: State, people: Mapping[str, str]) -> Parts:
    """Return the parts of the board as it was."""
    now = state.last
    parts = board_parts(state, now, people, buttons=False)
    moment = Markup.escape(view.clock_time(now) if state.events else "")
    return Parts({**parts.whole, "moment": moment})


def replay(state: State, most: int, people: Mapping[str, str]) -> str:
    """Return the page that goes through a lesson."""
    parts = replay_parts(state, people)
    return _page("replay.html", tr("Replay of the lesson"), parts, at=state.events, most=most)


def refused(text: str) -> str:
    """Return the page that says why something was refused."""
    return str(_fill("refused.html", title=tr("Refused"), text=text))
