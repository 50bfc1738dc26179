"""Grades as files: CSV for French and English spreadsheets, XLSX, HTML, JUnit's XML and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from html import escape as html
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import xlsxwriter
from rich.console import Console
from rich.markup import escape

from ansible_collections.labs.mail.plugins.module_utils._checks.rendering import voucher
from ansible_collections.labs.mail.plugins.module_utils._text import clean
from ansible_collections.labs.mail.plugins.plugin_utils._exercises.catalogue import catalogue
from launcher.french import FRENCH
from launcher.language import LANGUAGES, language, tr
from launcher.report import plain_table, print_whole
from launcher.spreadsheet import Cell, as_csv, cell_text

if TYPE_CHECKING:
    from launcher.grades import Grades, Work


def write(grades: Grades, directory: Path) -> None:
    """Write all files."""
    for lang in LANGUAGES:
        for name, rows in (("grades", overview(grades, lang)), ("attempts", every(grades, lang))):
            (directory / f"{name}-{lang}.csv").write_bytes(as_csv(rows, lang))
        for exercise in grades.exercises:
            data = as_csv(one(grades, exercise, lang), lang)
            (directory / f"{exercise}-{lang}.csv").write_bytes(data)
    lang = language()
    as_xlsx(grades, lang, directory / "grades.xlsx")
    (directory / "grades.html").write_text(as_html(grades, lang), encoding="utf-8")
    (directory / "grades.xml").write_text(as_junit(grades, lang), encoding="utf-8")
    (directory / "grades.json").write_text(as_json(grades), encoding="utf-8")


def say(text: str, lang: str) -> str:
    """Return a text in a language."""
    return FRENCH.get(text, text) if lang == "fr" else text


def title(exercise: str, lang: str) -> str:
    """Return the title of an exercise, or its name where it is gone."""
    found = catalogue().get(exercise)
    return found.title[lang] if found else exercise


def local(time: datetime | None) -> str:
    """Return a time as the teacher's clock has it."""
    return time.astimezone().strftime("%Y-%m-%d %H:%M:%S") if time else ""


def overview(grades: Grades, lang: str) -> Iterator[list[Cell]]:
    """Yield a row for each machine, with its mark at each exercise."""
    titles = [title(exercise, lang) for exercise in grades.exercises]
    yield [*(say(each, lang) for each in ("machine", "name")), *titles, say("mean", lang)]
    for machine, name in grades.people.items():
        works = [grades.works.get((machine, exercise)) for exercise in grades.exercises]
        marks = [work.mark if work else None for work in works]
        yield [machine, name, *marks, grades.mean(machine)]


def one(grades: Grades, exercise: str, lang: str) -> Iterator[list[Cell]]:
    """Yield a row for each machine that tried an exercise."""
    headings = (
        "machine", "name", "mark of 20", "passed", "seen from outside", "checks", "attempts",
        "first attempt", "all passed at", "hints", "not passed",
    )  # fmt: skip
    yield [say(each, lang) for each in headings]
    for work in grades.of(exercise):
        best = work.best
        failed = " | ".join(each.get(lang, "") for each in best.failed) or best.problem
        yield [
            work.machine, grades.people[work.machine], work.mark, best.passed, best.seen, best.of,
            len(work.tries), local(work.tries[0].time), local(work.first_pass), work.hints, failed,
        ]  # fmt: skip


def every(grades: Grades, lang: str) -> Iterator[list[Cell]]:
    """Yield a row for each attempt of each machine, the oldest first."""
    headings = (
        "time", "machine", "name", "exercise", "title", "passed", "seen from outside", "checks",
        "hints", "not passed",
    )  # fmt: skip
    yield [say(each, lang) for each in headings]
    rows = [(each.time, work, each) for work in grades.works.values() for each in work.tries]
    for time, work, each in sorted(rows, key=lambda row: (row[0], row[1].machine)):
        failed = " | ".join(title.get(lang, "") for title in each.failed) or each.problem
        yield [
            local(time), work.machine, grades.people[work.machine], work.exercise,
            title(work.exercise, lang), each.passed, each.seen, each.of, each.hints, failed,
        ]  # fmt: skip


def as_xlsx(grades: Grades, lang: str, path: Path) -> None:
    """Write a workbook: all exercises, one sheet for each, and all attempts."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(path, options) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        sheets = {say("all exercises", lang): overview(grades, lang)}
        sheets |= {exercise: one(grades, exercise, lang) for exercise in grades.exercises}
        sheets[say("attempts", lang)] = every(grades, lang)
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name[:31])
            sheet.freeze_panes(1, 2)
            widths: dict[int, int] = {}
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    style = bold if number == 0 else None
                    if isinstance(cell, (int, float)):
                        sheet.write_number(number, column, cell, style)
                    elif cell:
                        sheet.write_string(number, column, clean(cell)[:32_000], style)
                    widths[column] = max(widths.get(column, 0), len(str(cell or "")))
            for column, width in widths.items():
                sheet.set_column(column, column, min(width + 2, 60))


STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem }
body { color: #1b1b1b; background: #fff }
table { border-collapse: collapse; margin: 1rem 0 2rem; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0 }
td { border-bottom: 1px solid #ddd }
th { border-bottom: 2px solid #888 }
td.number { text-align: right; font-variant-numeric: tabular-nums }
"""


def as_html(grades: Grades, lang: str) -> str:
    """Return a page that needs nothing beside itself."""
    heading = say("Grades of the class", lang)
    parts = [
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>{html(heading)}</title><style>{STYLE}</style></head><body>",
        f"<h1>{html(heading)}</h1>",
        *_table(overview(grades, lang), lang),
    ]
    for exercise in grades.exercises:
        parts.append(f"<h2>{html(title(exercise, lang))} <small>{html(exercise)}</small></h2>")
        parts += _table(one(grades, exercise, lang), lang)
    parts.append(f"<h2>{html(say('attempts', lang))}</h2>")
    parts += _table(every(grades, lang), lang)
    return "\n".join([*parts, "</body></html>", ""])


def _table(rows: Iterator[list[Cell]], lang: str) -> Iterator[str]:
    yield "<table>"
    for number, row in enumerate(rows):
        tag = "td" if number else "th"
        cells = []
        for cell in row:
            kind = ' class="number"' if number and isinstance(cell, (int, float)) else ""
            text = cell_text(cell, lang) if isinstance(cell, float) else clean(str(cell or ""))
            if isinstance(cell, int):
                text = str(cell)
            cells.append(f"<{tag}{kind}>{html(text)}</{tag}>")
        yield f"<tr>{''.join(cells)}</tr>"
    yield "</table>"


def as_junit(grades: Grades, lang: str) -> str:
    """Return the last attempts as JUnit's XML, with titles and times."""
    root = ElementTree.Element("testsuites", name=say("Grades of the class", lang))
    last: dict[tuple[str, str], tuple[datetime, list]] = {}
    for attempt in grades.attempts:
        for machine, results in attempt.machines.items():
            last[machine, attempt.exercise] = (attempt.time, results)
    for (machine, exercise), (time, results) in last.items():
        outcomes = [each.get("outcome") for each in results]
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=f"{exercise}.{machine}",
            hostname=machine,
            timestamp=time.strftime("%Y-%m-%dT%H:%M:%S"),
            tests=str(len(results)),
            failures=str(outcomes.count("failed")),
            errors=str(outcomes.count("unchecked")),
            skipped=str(outcomes.count("skipped")),
            time=f"{sum(float(each.get('seconds', 0)) for each in results):.3f}",
        )
        for each in results:
            _add_case(suite, each, lang)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


JUNIT = {"failed": "failure", "unchecked": "error", "skipped": "skipped"}
"""What JUnit calls an outcome that is no pass."""


def _add_case(suite: ElementTree.Element, result: Mapping[str, Any], lang: str) -> None:
    """Add the result of a check to a suite of JUnit's XML."""
    case = ElementTree.SubElement(
        suite,
        "testcase",
        classname=suite.get("name", ""),
        name=clean(str(result.get("title", {}).get(lang) or result.get("name"))),
        time=f"{float(result.get('seconds', 0)):.3f}",
    )
    properties = ElementTree.SubElement(case, "properties")
    ElementTree.SubElement(properties, "property", name="vouched_by", value=voucher(result))
    kind = JUNIT.get(result.get("outcome", ""))
    if kind:
        seen = clean(str(result.get("seen", "")))
        entry = ElementTree.SubElement(case, kind, message=seen[:300])
        entry.text = "\n".join(
            f"{say(word, lang)}: {clean(str(_in(result.get(word), lang)))}"
            for word in ("tried", "expected", "seen")
        )


def _in(text: object, lang: str) -> object:
    return text.get(lang, "") if isinstance(text, dict) else text or ""


def as_json(grades: Grades) -> str:
    """Return all that is known, for programs."""
    machines = []
    for machine, name in grades.people.items():
        works = [work for (each, _exercise), work in grades.works.items() if each == machine]
        done = [_as_data(work) for work in works]
        machines.append(
            {"machine": machine, "name": name, "mean": grades.mean(machine), "exercises": done}
        )
    titles = {name: {lang: title(name, lang) for lang in LANGUAGES} for name in grades.exercises}
    return json.dumps({"titles": titles, "machines": machines}, ensure_ascii=False, indent=2) + "\n"


def _as_data(work: Work) -> dict[str, object]:
    first = work.first_pass
    return {
        "exercise": work.exercise,
        "mark": work.mark,
        "hints": work.hints,
        "all_passed_at": first.isoformat() if first else None,
        "attempts": [
            {
                "time": each.time.isoformat(),
                "passed": each.passed,
                "seen_from_outside": each.seen,
                "of": each.of,
                "hints": each.hints,
                "not_passed": each.failed,
                "problem": each.problem,
            }
            for each in work.tries
        ],
    }


def show(grades: Grades, console: Console) -> None:
    """Print the marks of all exercises, as far as a terminal has room."""
    lang = language()
    rows = list(overview(grades, lang))
    names = grades.exercises
    table = plain_table(tr("machine"), tr("name"), *names, tr("mean"))
    for row in rows[1:]:
        table.add_row(*(escape(cell_text(cell, lang)) for cell in row))
    console.print()
    print_whole(table, console)
