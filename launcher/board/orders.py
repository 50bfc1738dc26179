"""The orders that a page may give: a fixed list, which whoever runs them validates."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._text import clean

ALL = "all"
"""Every machine of the lab."""

IDENT = re.compile(r"[0-9a-f]{32}")
MOST_NOTE = 500
MOST_BYTES = 4096
MOST_ORDERS = 30
"""So many orders are taken in ten seconds."""


@dataclass(frozen=True)
class Order:
    """An order on a machine; ``exercise`` and ``text`` where the action has them."""

    id: str
    action: str
    machine: str
    exercise: str = ""
    text: str = ""


@dataclass(frozen=True)
class Action:
    """What a button does: the words of ./lab that it runs, none for a note."""

    words: Callable[[Order], list[str]] = lambda order: []
    loses_work: bool = False
    on_all: bool = False


ACTIONS: Mapping[str, Action] = {
    "recheck": Action(lambda order: ["check", order.machine], on_all=True),
    "reset": Action(lambda order: ["reset", order.machine], loses_work=True),
    "start": Action(lambda order: ["begin", order.exercise, order.machine], loses_work=True),
    "solution": Action(lambda order: ["solve", order.machine], loses_work=True),
    "picture": Action(lambda order: ["picture", order.machine]),
    "note": Action(),
}


class OrderError(ValueError):
    """What is no order; the text says why."""


def line_of(order: Order) -> str:
    """Return the line of an order in the queue, with its end."""
    return json.dumps(asdict(order), ensure_ascii=False) + "\n"


def order_of(line: str, machines: Collection[str], exercises: Collection[str]) -> Order:
    """Return the order of a line. Raises OrderError."""
    if len(line.encode("utf-8", "replace")) > MOST_BYTES:
        raise OrderError("too long")
    try:
        held: Any = json.loads(line)
    except (ValueError, RecursionError):
        raise OrderError("no JSON") from None
    names = set(Order.__dataclass_fields__)
    if not isinstance(held, dict) or set(held) != names:
        raise OrderError(f"an order holds {', '.join(sorted(names))} and nothing else")
    if not all(isinstance(value, str) for value in held.values()):
        raise OrderError("all that an order holds is text")
    order = Order(**held)
    _validate(order, machines, exercises)
    return order


def _validate(order: Order, machines: Collection[str], exercises: Collection[str]) -> None:
    action = ACTIONS.get(order.action)
    if action is None:
        raise OrderError(f"{clean(order.action)[:40]} is no action")
    if not IDENT.fullmatch(order.id):
        raise OrderError("its id is none")
    if order.machine not in machines and not (order.machine == ALL and action.on_all):
        raise OrderError(f"{clean(order.machine)[:40]} is no machine for {order.action}")
    if (order.action == "start") != bool(order.exercise):
        raise OrderError("start alone has an exercise")
    if order.exercise and order.exercise not in exercises:
        raise OrderError(f"{clean(order.exercise)[:40]} is no exercise")
    if (order.action == "note") != bool(order.text.strip()):
        raise OrderError("a note alone has a text")
    if len(order.text) > MOST_NOTE:
        raise OrderError(f"a note has {MOST_NOTE} characters at most")
