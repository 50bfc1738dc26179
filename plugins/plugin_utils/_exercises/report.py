# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reports of a class's checks: a table to look at, and JSON, JUnit and CSV for programs."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from ansible_collections.labs.mail.plugins.module_utils._checks.outcomes import (
    FAILED,
    PASSED,
    SEEN,
    UNCHECKED,
    VERIFIED,
)
from ansible_collections.labs.mail.plugins.module_utils._checks.rendering import (
    FROM_OUTSIDE,
    MARKS,
    VOUCHERS,
    WORDS,
    details,
    voucher,
)
from ansible_collections.labs.mail.plugins.module_utils._checks.words import colon
from ansible_collections.labs.mail.plugins.module_utils._mail_client.observation import last_words
from ansible_collections.labs.mail.plugins.module_utils._text import clean, spreadsheet_cell


@dataclass(frozen=True)
class ClassResults:
    """What was seen of one exercise on the machines of a class.

    ``results`` has a list of check results (see the module exercise_check) by machine, and
    ``problems`` why a machine could not be checked at all.
    """

    exercise: str
    checks: list[Mapping[str, Any]]
    results: dict[str, list[Mapping[str, Any]]]
    problems: dict[str, str]

    @property
    def outcomes(self) -> dict[str, str]:
        """The outcome of each machine as a whole: what is not known counts before what is wrong."""
        outcomes = dict.fromkeys(self.problems, UNCHECKED)
        for host, results in self.results.items():
            found = {each["outcome"] for each in results}
            outcomes[host] = next((each for each in (UNCHECKED, FAILED) if each in found), PASSED)
        return outcomes


def by_exercise(machines: Mapping[str, Mapping[str, Any]]) -> list[ClassResults]:
    """Return the results of each exercise that machines are at, in the order of the machines.

    A machine has ``exercise`` and ``checks``, and ``results`` or a ``problem``.
    """
    classes: dict[str, ClassResults] = {}
    for host in sorted(machines, key=natural):
        machine = machines[host]
        name = machine["exercise"]
        seen = classes.setdefault(name, ClassResults(name, machine["checks"], {}, {}))
        if machine.get("results") is None:
            seen.problems[host] = machine.get("problem") or ""
        else:
            seen.results[host] = machine["results"]
    return list(classes.values())


def natural(name: str) -> list[tuple[int, str]]:
    """Return what sorts student10 behind student9."""
    return [
        (int(part or 0), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", name)
    ]


def lines(seen: ClassResults, language: str) -> list[str]:
    """Return a table of machines and checks, and below it a paragraph for each that is not well."""
    words = WORDS[language]
    hosts = sorted([*seen.results, *seen.problems], key=natural)
    width = max(map(len, [words["machine"], *hosts]))
    numbers = " ".join(f"{number:>2}" for number in range(1, len(seen.checks) + 1))
    table = [f"{words['machine']:<{width}}  {numbers}"]
    for host in hosts:
        if host in seen.problems:
            table.append(
                f"{host:<{width}}  {MARKS[UNCHECKED]:>2} {last_words(seen.problems[host])}"
            )
            continue
        results = seen.results[host]
        marks = " ".join(f"{_mark(each):>2}" for each in results)
        passed = sum(each["outcome"] == PASSED for each in results)
        table.append(f"{host:<{width}}  {marks}  {passed}/{len(results)}")
    legend = [
        f"{number:>2} {colon(check['name'], check['title'][language], language)}"
        for number, check in enumerate(seen.checks, 1)
    ]
    return [*table, "", *legend, *_vouchers(seen, language), *_sentences(seen, language)]


def _mark(result: Mapping[str, Any]) -> str:
    return (FROM_OUTSIDE if voucher(result) == SEEN else "") + MARKS[result["outcome"]]


def _vouchers(seen: ClassResults, language: str) -> list[str]:
    """Return what the sign means, where it stands anywhere."""
    if not any(voucher(each) == SEEN for results in seen.results.values() for each in results):
        return []
    words = VOUCHERS[language]
    others = {"fr": "les autres", "en": "the others"}[language]
    return ["", f" {FROM_OUTSIDE} {words[SEEN]}", f"   {colon(others, words[VERIFIED], language)}"]


def _sentences(seen: ClassResults, language: str) -> Iterator[str]:
    for host in sorted(seen.results, key=natural):
        for each in seen.results[host]:
            if each["outcome"] in (FAILED, UNCHECKED):
                yield ""
                title = f"{MARKS[each['outcome']]} {each['title'][language]}"
                yield colon(host, title, language)
                for text in details(each, language):
                    yield f"    {text}"


def as_json(seen: ClassResults) -> str:
    """Return all that was seen, as JSON."""
    return (
        json.dumps(
            {"exercise": seen.exercise, "machines": seen.results, "problems": seen.problems},
            ensure_ascii=False,
            indent=2,
        )
        + "\n"
    )


def as_csv(seen: ClassResults) -> str:
    """Return a row for each machine, with the outcome of each check (RFC 4180).

    The last column has how many of those that passed were seen from outside.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["machine", *[check["name"] for check in seen.checks], "passed", "of", "seen"])
    for host, results in seen.results.items():
        outcomes = [each["outcome"] for each in results]
        cells = map(spreadsheet_cell, outcomes)
        passed = [each for each in results if each["outcome"] == PASSED]
        outside = sum(voucher(each) == SEEN for each in passed)
        writer.writerow([host, *cells, len(passed), len(outcomes), outside])
    for host in seen.problems:
        writer.writerow([host, *["unchecked"] * len(seen.checks), 0, len(seen.checks), 0])
    return text.getvalue()


def as_junit(seen: ClassResults, language: str) -> str:
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
            properties = ElementTree.SubElement(case, "properties")
            ElementTree.SubElement(properties, "property", name="vouched_by", value=voucher(each))
            kind = {"failed": "failure", "unchecked": "error", "skipped": "skipped"}
            if each["outcome"] in kind:
                tag = kind[each["outcome"]]
                entry = ElementTree.SubElement(case, tag, message=each["title"][language])
                sentences = tuple(details(each, language))
                entry.text = clean("\n".join(sentences))
    for host, problem in seen.problems.items():
        suite = ElementTree.SubElement(root, "testsuite", name=host, tests="1", errors="1")
        case = ElementTree.SubElement(suite, "testcase", classname=seen.exercise, name=host)
        ElementTree.SubElement(case, "error", message=clean(problem))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"
