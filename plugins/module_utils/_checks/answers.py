# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a student answers to an exercise's questions, and whether that is right."""

from __future__ import annotations

import datetime
import json
import re
from pathlib import Path
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._checks.context import CheckContext
from ansible_collections.labs.mail.plugins.module_utils._checks.words import both
from ansible_collections.labs.mail.plugins.module_utils._mail_client.observation import (
    CouldNotCheckError,
    Observation,
    last_words,
)
from ansible_collections.labs.mail.plugins.module_utils._regular_file import open_regular
from ansible_collections.labs.mail.plugins.module_utils._trace.follow import Selection, follow
from ansible_collections.labs.mail.plugins.module_utils._trace.log_lines import QUEUE_ID, decode
from ansible_collections.labs.mail.plugins.module_utils._trace.message_path import Path as Way

MOST_BYTES = 20_000_000
"""How much of the mail log is read, from its end."""

MOST_CHARACTERS = 2_000
"""How long an answer may be."""


def read_answers(path: Path) -> dict[str, str]:
    """Return the answers by the names of their checks; a damaged file has none."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(kept, dict):
        return {}
    return {str(name): each for name, each in kept.items() if isinstance(each, str)}


def keep_answer(path: Path, name: str, text: str) -> None:
    """Keep the answer to a check's question, in the place of an earlier one."""
    answers = {**read_answers(path), name: text[:MOST_CHARACTERS]}
    path.write_text(json.dumps(answers, ensure_ascii=False) + "\n", encoding="utf-8")


def answered(context: CheckContext, given: dict[str, Any]) -> Observation:
    """Judge the answer to the check's question: by a pattern, or by the mail log."""
    answer = read_answers(Path(context.answers)).get(context.check, "").strip()
    if not answer:
        return Observation(
            False, both("no answer yet: lab answer", "pas encore de réponse : lab answer")
        )
    if given.get("queue_ids"):
        return _queue_ids(context, answer, given["queue_ids"])
    # Of several lines one is shown, and one is judged.
    right = re.search(given.get("matches", ""), " ".join(answer.split()), re.I)
    return Observation(bool(right), last_words(answer))


def _queue_ids(context: CheckContext, answer: str, number: int) -> Observation:
    """Tell whether these are all queue ids of one message, as the mail log has it."""
    ids = list(dict.fromkeys(re.findall(rf"\b(?:{QUEUE_ID})\b", answer)))
    if not ids:
        return Observation(
            False, both(f"no queue id in: {answer}", f"aucun identifiant de file dans : {answer}")
        )
    ways = follow(_log(context), datetime.date.today(), Selection(queue_ids=(ids[0],))).paths
    if not ways:
        return Observation(
            False, both(f"the log does not know {ids[0]}", f"le journal ne connaît pas {ids[0]}")
        )
    own = _ids_of(ways[-1])
    strange = [each for each in ids if each not in own]
    if strange:
        return Observation(
            False,
            both(
                f"{strange[0]} is none of the message of {ids[0]}",
                f"{strange[0]} n'est pas du message de {ids[0]}",
            ),
        )
    if len(ids) < len(own):
        left = len(own) - len(ids)
        return Observation(False, both(f"{left} more are missing", f"il en manque encore {left}"))
    if len(own) < number:
        return Observation(
            False,
            both(
                f"this message has only {len(own)} of {number}",
                f"ce message n'en a que {len(own)} sur {number}",
            ),
        )
    return Observation(True, ", ".join(own))


def _ids_of(way: Way) -> list[str]:
    """Return a message's queue ids, without those of notifications about it."""
    own: list[str] = []
    notices: set[int] = set()
    for hop in way.hops:
        if hop.is_notice or (hop.before and id(hop.before) in notices):
            notices.add(id(hop))
        else:
            own.append(hop.entry.queue_id)
    return list(dict.fromkeys(own))


def _log(context: CheckContext) -> str:
    """Return the mail log, behind what logrotate(8) has put aside of it, where that is there."""
    try:
        before = _end_of(f"{context.log}.1")
    except OSError:
        before = ""
    try:
        return before + _end_of(context.log)
    except OSError as error:
        raise CouldNotCheckError(f"{context.log}: {error.strerror}") from error


def _end_of(path: str) -> str:
    with open_regular(path) as log:
        size = log.seek(0, 2)
        log.seek(max(0, size - MOST_BYTES))
        return decode(log.read(MOST_BYTES))
