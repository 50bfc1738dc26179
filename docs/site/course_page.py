"""The page that goes through the course in its order: what became of each step, from course.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from docs.site.plain_text import in_line

COURSE = Path(__file__).resolve().parents[1] / "course.yml"

WORDS = {
    "en": {
        "title": "The course, step by step",
        "intro": "The steps of the course in its own order, each with the exercise that it has "
        "become, or the reason why it is left out.",
        "step": "Step of the course",
        "here": "Here",
        "left_out": "left out: ",
        "and": "; ",
    },
    "fr": {
        "title": "Le cours, pas à pas",
        "intro": "Les étapes du cours dans son ordre, chacune avec l'exercice qu'elle est "
        "devenue, ou la raison pour laquelle elle n'est pas reprise.",
        "step": "Étape du cours",
        "here": "Ici",
        "left_out": "pas repris : ",
        "and": " ; ",
    },
}


def steps() -> list[dict[str, Any]]:
    """Return the course's parts, each with its title and its steps."""
    parts: list[dict[str, Any]] = yaml.safe_load(COURSE.read_text(encoding="utf-8"))
    return parts


def exercises(parts: list[dict[str, Any]]) -> list[str]:
    """Return the names of exercises in the course's order, each once."""
    named = [name for part in parts for step in part["steps"] for name in step.get("exercises", [])]
    return list(dict.fromkeys(named))


def write(parts: list[dict[str, Any]], language: str, target: Path) -> None:
    """Write course.md in one language."""
    words = WORDS[language]
    found = [f"# {words['title']}", words["intro"]]
    for part in parts:
        rows = [f"| {words['step']} | {words['here']} |", "|---|---|"]
        rows += [_row(step, language) for step in part["steps"]]
        found += [f"## {in_line(part['title'][language])}", "\n".join(rows)]
    (target / "course.md").write_text("\n\n".join(found) + "\n", encoding="utf-8")


def _row(step: dict[str, Any], language: str) -> str:
    links = ", ".join(f"[{name}](exercises/{name}.md)" for name in step.get("exercises", []))
    said = [links] if links else []
    if "here" in step:
        said.append(in_line(step["here"][language]))
    if "left_out" in step:
        said.append(WORDS[language]["left_out"] + in_line(step["left_out"][language]))
    return f"| {in_line(step['title'][language])} | {WORDS[language]['and'].join(said)} |"
