# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reports of a class's checks: a table to look at, and JSON, JUnit and CSV for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from ansible_collections.labs.mail.plugins.module_utils._mail_client.observation import last_words
from ansible_collections.labs.mail.plugins.module_utils._text import clean, spreadsheet_cell

MARKS = {"passed": "✓", "failed": "✗", "skipped": "-", "unchecked": "?"}

WORDS = {
    "fr": {"machine": "machine", "tried": "essai", "expected": "attendu", "seen": "constaté"},
    "en": {"machine": "machine", "tried": "tried", "expected": "expected", "seen": "seen"},
}


@dataclass(frozen=True)
class Class:
    """What was seen on the machines of a class.

    ``results`` has a list of check results (see the module exercise_check) by machine, and
    ``problems`` why a machine could not be checked at all.
    """

    exercise: str
    checks: list[Mapping[str, Any]]
    results: Mapping[str, list[Mapping[str, Any]]]
    problems: Mapping[str, str]

    @property
    def wrong(self) -> bool:
        """Whether a check failed somewhere."""
        return any(each["outcome"] == "failed" for each in self._all())

    @property
    def unchecked(self) -> bool:
        """Whether anything could not be checked."""
        return bool(self.problems) or any(each["outcome"] == "unchecked" for each in self._all())

    def _all(self) -> Iterator[Mapping[str, Any]]:
        for results in self.results.values():
            yield from results


def lines(seen: Class, language: str) -> list[str]:
    """Return a table of machines and checks, and below it a paragraph for each that is not well."""
    words = WORDS[language]
    hosts = [*seen.results, *seen.problems]
    width = max(map(len, [words["machine"], *hosts]))
    numbers = " ".join(f"{number:>2}" for number in range(1, len(seen.checks) + 1))
    table = [f"{words['machine']:<{width}}  {numbers}"]
    for host, results in seen.results.items():
        marks = " ".join(f"{MARKS[each['outcome']]:>2}" for each in results)
        passed = sum(each["outcome"] == "passed" for each in results)
        table.append(f"{host:<{width}}  {marks}  {passed}/{len(results)}")
    for host, problem in seen.problems.items():
        table.append(f"{host:<{width}}  {MARKS['unchecked']:>2} {last_words(problem)}")
    legend = [
        f"{number:>2} {check['name']}: {check['title'][language]}"
        for number, check in enumerate(seen.checks, 1)
    ]
    return [*table, "", *legend, *_sentences(seen, language)]


def _sentences(seen: Class, language: str) -> Iterator[str]:
    words = WORDS[language]
    for host, results in seen.results.items():
        for each in results:
            if each["outcome"] in ("failed", "unchecked"):
                yield ""
                yield f"{host}: {MARKS[each['outcome']]} {each['title'][language]}"
                yield f"    {words['tried']}: {each['tried'][language]}"
                yield f"    {words['expected']}: {each['expected'][language]}"
                yield f"    {words['seen']}: {each['seen']}"


def as_json(seen: Class) -> str:
    """Return all that was seen, as JSON."""
    return (
        json.dumps(
            {"exercise": seen.exercise, "machines": seen.results, "problems": seen.problems},
            ensure_ascii=False,
            indent=2,
        )
        + "\n"
    )


def as_csv(seen: Class) -> str:
    """Return a row for each machine, with the outcome of each check (RFC 4180)."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["machine", *[check["name"] for check in seen.checks], "passed", "of"])
    for host, results in seen.results.items():
        outcomes = [each["outcome"] for each in results]
        cells = map(spreadsheet_cell, outcomes)
        writer.writerow([host, *cells, outcomes.count("passed"), len(outcomes)])
    for host in seen.problems:
        writer.writerow([host, *["unchecked"] * len(seen.checks), 0, len(seen.checks)])
    return text.getvalue()


def as_junit(seen: Class, language: str) -> str:
    """Return a test suite for each machine, as continuous integration reads it (JUnit's XML)."""
    root = ElementTree.Element("testsuites", name=seen.exercise)
    for host, results in seen.results.items():
        outcomes = [each["outcome"] for each in results]
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=host,
            tests=str(len(results)),
            failures=str(outcomes.count("failed")),
            errors=str(outcomes.count("unchecked")),
            skipped=str(outcomes.count("skipped")),
        )
        for each in results:
            case = ElementTree.SubElement(
                suite,
                "testcase",
                classname=f"{seen.exercise}.{host}",
                name=each["name"],
                time=str(each["seconds"]),
            )
            kind = {"failed": "failure", "unchecked": "error", "skipped": "skipped"}
            if each["outcome"] in kind:
                tag = kind[each["outcome"]]
                entry = ElementTree.SubElement(case, tag, message=each["title"][language])
                sentences = (each["tried"][language], each["expected"][language], each["seen"])
                entry.text = clean("\n".join(sentences))
    for host, problem in seen.problems.items():
        suite = ElementTree.SubElement(root, "testsuite", name=host, tests="1", errors="1")
        case = ElementTree.SubElement(suite, "testcase", classname=seen.exercise, name=host)
        ElementTree.SubElement(case, "error", message=clean(problem))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"
