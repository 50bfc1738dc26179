"""Pages of the exercises: what a student reads, and what a teacher reads besides."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from docs.site.plain_text import blocks, in_line

WORDS = {
    "en": {
        "about": "The exercises of the course",
        "intro": "Each exercise begins on a machine with the solution of the one that it comes "
        "after. On the machine `lab text` shows this text, `lab hint` gives one more hint, and "
        "`sudo lab check` checks the work.",
        "after": "after",
        "assignment": "Assignment",
        "corrected": "Corrected since the course",
        "hints": "Hints",
        "hint": "Hint",
        "colon": ":",
        "checks": "What is checked",
        "for_teachers": "For teachers: the solution, other right ways, and typical mistakes",
        "answers": "Solutions and mistakes",
        "answers_intro": "For teachers. Of each exercise: its solution, other ways that are "
        "right, and the mistakes that its checks have to find. A machine can be brought to "
        "each of them, to look for the mistake on it: `-e stage=` takes the name.",
        "answer": "solution",
        "assigned": "To the assignment",
        "solution": "The solution",
        "state": "What the solution changes, as variables of the roles:",
        "start": "The machine begins with",
        "right": "Also right",
        "by_hand": "By hand",
        "typed_after": "typed after",
        "check": "\u201c{}\u201d",
        "by_hand_wrong": "By hand, and wrong",
        "faults": "Mistakes, and the check that finds each",
        "mistake": "Mistake",
        "stage": "Stage",
        "found_by": "Found by",
        "exercise": "Exercise",
        "title": "What it is about",
    },
    "fr": {
        "about": "Les exercices du cours",
        "intro": "Chaque exercice commence sur une machine où celui d'avant est résolu. Sur la "
        "machine, `lab text` affiche ce texte, `lab hint` donne un indice de plus, et "
        "`sudo lab check` vérifie le travail.",
        "after": "après",
        "assignment": "Énoncé",
        "corrected": "Corrigé par rapport au cours",
        "hints": "Indices",
        "hint": "Indice",
        "colon": "\N{NO-BREAK SPACE}:",
        "checks": "Ce qui est vérifié",
        "for_teachers": "Pour l'enseignant : la solution, d'autres réponses justes et les "
        "erreurs typiques",
        "answers": "Solutions et erreurs",
        "answers_intro": "Pour l'enseignant. Pour chaque exercice : sa solution, d'autres "
        "réponses justes, et les erreurs que les vérifications doivent trouver. On peut amener "
        "une machine à chacune d'elles, pour y faire chercher l'erreur : `-e stage=` prend son "
        "nom.",
        "answer": "solution",
        "assigned": "Vers l'énoncé",
        "solution": "La solution",
        "state": "Ce que la solution change, en variables des rôles :",
        "start": "La machine commence avec",
        "right": "Justes aussi",
        "by_hand": "À la main",
        "typed_after": "tapé après",
        "check": "«\N{NO-BREAK SPACE}{}\N{NO-BREAK SPACE}»",
        "by_hand_wrong": "À la main, et faux",
        "faults": "Les erreurs, et la vérification qui trouve chacune",
        "mistake": "Erreur",
        "stage": "Étape",
        "found_by": "Trouvée par",
        "exercise": "Exercice",
        "title": "De quoi il s'agit",
    },
}

CORRECTIONS = ("Corrigé par rapport au cours", "Ce qui a changé", "Corrected", "What has changed")
"""How a paragraph begins that says where the course is not followed."""


def write(folder: Path, language: str, target: Path, order: list[str]) -> None:
    """Write all pages of one language to target/exercises and target/teacher/answers."""
    exercises = {path.stem: Exercise(path, language) for path in folder.glob("*.yml")}
    ordered = [name for name in order if name in exercises]
    ordered += sorted(set(exercises) - set(ordered))
    for place, page, index in (
        ("exercises", _assignment, _index),
        ("teacher/answers", _answers, _answers_index),
    ):
        (target / place).mkdir(parents=True, exist_ok=True)
        for name in ordered:
            (target / place / f"{name}.md").write_text(
                page(exercises[name], exercises), encoding="utf-8"
            )
        (target / place / "index.md").write_text(
            index([exercises[name] for name in ordered], language), encoding="utf-8"
        )


class Exercise:
    """What stands in an exercise's file, in one language."""

    def __init__(self, path: Path, language: str):
        self.name = path.stem
        self.language = language
        self.source = path.read_text(encoding="utf-8")
        self.data: dict[str, Any] = yaml.safe_load(self.source)
        self.words = WORDS[language]
        self.title = self.text(self.data["title"])

    def text(self, texts: dict[str, str]) -> str:
        """Return a text in the page's language."""
        return texts[self.language]

    def as_written(self, key: str) -> str:
        """Return a key's YAML with its comments, as it stands in the file."""
        lines = self.source.split("\n")
        begin = next(at for at, line in enumerate(lines) if line.startswith(f"{key}:"))
        end = next(
            (
                at
                for at, line in enumerate(lines[begin + 1 :], begin + 1)
                if line and not line[0].isspace() and not line.startswith("#")
            ),
            len(lines),
        )
        body = [line for line in lines[begin + 1 : end] if not line.startswith("#")]
        return textwrap.dedent("\n".join(body)).strip() or lines[begin].partition(":")[2].strip()

    def checks(self) -> dict[str, str]:
        """Return the titles of the checks by their names."""
        return {check["name"]: self.text(check["title"]) for check in self.data["checks"]}


def _assignment(exercise: Exercise, exercises: dict[str, Exercise]) -> str:
    words = exercise.words
    before = exercises.get(exercise.data.get("after", ""))
    found = [f"# {in_line(exercise.title)}"]
    said = f"{words['exercise']} `{exercise.name}`"
    if before:
        said += f", {words['after']} [{in_line(before.title)}]({before.name}.md)"
    found.append(f"{said}.")
    found.append(f"## {words['assignment']}")
    found += _paragraphs(exercise.text(exercise.data["assignment"]), words)
    if hints := exercise.data.get("hints"):
        found.append(f"## {words['hints']}")
        for number, hint in enumerate(hints, 1):
            text = "\n\n".join(blocks(exercise.text(hint)))
            found.append(
                f'<details class="hint"><summary>{words["hint"]} {number}</summary>\n\n'
                f"{text}\n\n</details>"
            )
    found.append(f"## {words['checks']}")
    found.append("\n".join(f"- {in_line(title)}" for title in exercise.checks().values()))
    found.append(f"[{words['for_teachers']}](../teacher/answers/{exercise.name}.md)")
    return _page(found)


def _paragraphs(assignment: str, words: dict[str, str]) -> Iterable[str]:
    for block in blocks(assignment):
        if block.startswith(CORRECTIONS):
            _title, separator, rest = block.partition(":")
            text = rest.strip() if separator else block
            text = text[0].upper() + text[1:]
            yield f":::{{admonition}} {words['corrected']}\n:class: note\n{text}\n:::"
        else:
            yield block


def _answers(exercise: Exercise, _exercises: dict[str, Exercise]) -> str:
    words = exercise.words
    data = exercise.data
    found = [
        f"# {in_line(exercise.title)} ({words['answer']})",
        f"[{words['assigned']}](../../exercises/{exercise.name}.md)",
        f"## {words['solution']}",
    ]
    if data.get("start"):
        found += [f"{words['start']}", _yaml(exercise.as_written("start"))]
    found += [words["state"], _yaml(exercise.as_written("solution"))]
    if alternatives := data.get("alternatives"):
        found.append(f"## {words['right']}")
        for each in alternatives:
            found += [
                f"{in_line(exercise.text(each['title']))} (`{each['name']}`){words['colon']}",
                _yaml(yaml.safe_dump(each["state"], allow_unicode=True, sort_keys=False)),
            ]
    for wrong, heading in ((False, "by_hand"), (True, "by_hand_wrong")):
        ways = [way for way in data.get("by_hand", []) if bool(way.get("caught_by")) == wrong]
        if ways:
            found.append(f"## {words[heading]}")
        for way in ways:
            found += _by_hand(exercise, way)
    found.append(f"## {words['faults']}")
    rows = [f"| {words['mistake']} | {words['stage']} | {words['found_by']} |", "|---|---|---|"]
    for fault in data["faults"]:
        check = exercise.checks()[fault["caught_by"]]
        title = in_line(exercise.text(fault["title"]))
        rows.append(f"| {title} | `{fault['name']}` | {in_line(check)} |")
    found.append("\n".join(rows))
    return _page(found)


def _by_hand(exercise: Exercise, way: dict[str, Any]) -> Iterable[str]:
    words = exercise.words
    title = f"### {in_line(exercise.text(way['title']))}"
    said = [f"`{way['name']}`"]
    if before := way.get("after"):
        said.append(f"{words['typed_after']} `{before}`")
    if check := way.get("caught_by"):
        quoted = words["check"].format(in_line(exercise.checks()[check]))
        said.append(f"{words['found_by'].lower()} {quoted}")
    yield from (title, ", ".join(said) + words["colon"], _code("sh", way["commands"]))


def _index(exercises: list[Exercise], language: str) -> str:
    words = WORDS[language]
    rows = [f"| {words['exercise']} | {words['title']} |", "|---|---|"]
    rows += [f"| `{each.name}` | [{in_line(each.title)}]({each.name}.md) |" for each in exercises]
    return _page([f"# {words['about']}", words["intro"], "\n".join(rows), _toctree(exercises)])


def _answers_index(exercises: list[Exercise], language: str) -> str:
    words = WORDS[language]
    return _page([f"# {words['answers']}", words["answers_intro"], _toctree(exercises, False)])


def _toctree(exercises: list[Exercise], hidden: bool = True) -> str:
    names = "\n".join(each.name for each in exercises)
    option = ":hidden:\n" if hidden else ""
    return f"```{{toctree}}\n:maxdepth: 1\n{option}\n{names}\n```"


def _yaml(text: str) -> str:
    return _code("yaml+jinja", text)


def _code(kind: str, text: str) -> str:
    return f"````{kind}\n{text.strip()}\n````"


def _page(parts: Iterable[str]) -> str:
    return "\n\n".join(parts) + "\n"
