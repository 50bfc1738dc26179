"""Grades of a class: what is counted, what files hold, and that nothing is overwritten."""

from __future__ import annotations

import csv
import io
import json
from argparse import Namespace
from datetime import UTC, datetime
from xml.etree import ElementTree

import openpyxl
import pytest

from launcher import attempts, gradebook, grades, spreadsheet
from launcher.grades import grades_of, read_class
from launcher.settings import SettingsError

TITLES = {
    "others": {"fr": "Les autres passent", "en": "Others pass"},
    "blocked": {"fr": "Il est refusé", "en": "It is refused"},
}


def results(**outcomes):
    return [
        {
            "name": name, "title": TITLES[name], "outcome": outcome, "seconds": 0.5,
            "tried": {"fr": "essai", "en": "try"}, "expected": {"fr": "oui", "en": "yes"},
            "seen": "550 \x1b[31mno",
        }
        for name, outcome in outcomes.items()
    ]  # fmt: skip


HALF, WHOLE = (
    results(others="passed", blocked="failed"),
    results(others="passed", blocked="passed"),
)


@pytest.fixture
def reports(tmp_path, monkeypatch):
    monkeypatch.setattr(attempts, "REPORTS", tmp_path)
    monkeypatch.setattr(attempts, "DIRECTORY", tmp_path / "attempts")
    return tmp_path


def attempt(minute, machines, problems=None, hints=None, exercise="blacklist"):
    """Write an attempt down as ./lab check does."""
    with attempts.new(exercise, datetime(2026, 3, 26, 14, minute, tzinfo=UTC)) as folder:
        found = {"exercise": exercise, "machines": machines, "problems": problems or {}}
        (folder / f"{exercise}.json").write_text(json.dumps(found))
        attempts.write_hints(folder, hints or {})


@pytest.fixture
def afternoon(reports):
    attempt(0, {"student1": HALF, "student10": HALF, "student2": HALF}, hints={"student1": 1})
    attempt(5, {"student1": WHOLE}, hints={"student1": 1})
    attempt(9, {"student1": HALF}, {"student2": "does not answer"}, hints={"student1": 2})
    attempt(20, {"student2": WHOLE}, exercise="canonical")
    return grades_of(attempts.read(), {"student2": "Élodie Petit", "student1": "=cmd()"})


def test_the_best_attempt_counts_and_the_first_pass_is_known(afternoon):
    work = afternoon.works["student1", "blacklist"]
    assert (work.mark, len(work.tries)) == (20, 3)
    assert work.first_pass == datetime(2026, 3, 26, 14, 5, tzinfo=UTC)
    assert work.hints == 1, "the second hint came after all had passed"


def test_who_has_not_passed_has_what_passed(afternoon):
    work = afternoon.works["student2", "blacklist"]
    assert (work.mark, work.first_pass) == (10, None)
    assert [each["en"] for each in work.best.failed] == ["It is refused"]
    assert work.tries[-1].problem == "does not answer"
    assert afternoon.mean("student2") == 15


def test_the_class_list_gives_the_order_and_others_follow(afternoon):
    assert list(afternoon.people) == ["student2", "student1", "student10"]
    assert afternoon.exercises == ["blacklist", "canonical"]


def rows(grades, lang):
    data = spreadsheet.as_csv(gradebook.overview(grades, lang), lang)
    text = data.decode("utf-8-sig")
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(text), delimiter=spreadsheet.SEPARATOR[lang]))


def test_a_french_spreadsheet_opens_it(afternoon):
    attempt(30, {"student10": results(others="passed", blocked="failed") + HALF[:1]})
    again = grades_of(attempts.read(), afternoon.people)
    found = rows(again, "fr")
    assert found[0][:2] == ["machine", "nom"]
    assert found[1] == ["student2", "Élodie Petit", "10", "20", "15"]
    assert found[3][2] == "13,3"


def test_an_english_spreadsheet_opens_it(afternoon):
    assert rows(afternoon, "en")[1] == ["student2", "Élodie Petit", "10", "20", "15"]


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_no_spreadsheet_computes_what_somebody_wrote(afternoon, lang):
    assert rows(afternoon, lang)[2][1] == "'=cmd()"


def test_a_workbook_has_a_sheet_for_each_exercise(afternoon, tmp_path):
    path = tmp_path / "grades.xlsx"
    gradebook.as_xlsx(afternoon, "en", path)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["all exercises", "blacklist", "canonical", "attempts"]
    cells = [[cell.value for cell in row] for row in book["all exercises"]]
    assert cells[1] == ["student2", "Élodie Petit", 10, 20, 15]
    assert book["all exercises"].cell(3, 2).data_type == "s"
    assert book["attempts"].max_row == 8


def test_a_page_needs_nothing_beside_itself(afternoon):
    page = gradebook.as_html(afternoon, "fr")
    assert 'lang="fr"' in page
    assert "Élodie Petit" in page
    assert "Il est refusé" in page
    assert not any(word in page for word in ("http", "src=", "url(", "<script"))


def test_a_page_shows_what_somebody_wrote_as_text():
    found = [attempts.Attempt(datetime.now(UTC), "x", {"student1": HALF}, {}, {})]
    page = gradebook.as_html(grades_of(found, {"student1": "<script>alert(1)</script>"}), "en")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_junit_has_titles_and_times(afternoon):
    root = ElementTree.fromstring(gradebook.as_junit(afternoon, "en"))
    suite = root.find("testsuite[@name='blacklist.student1']")
    assert suite.get("timestamp") == "2026-03-26T14:09:00"
    assert suite.get("time") == "1.000"
    case = suite.findall("testcase")[1]
    assert case.get("name") == "It is refused"
    assert "expected: yes" in case.find("failure").text
    assert "\x1b" not in case.find("failure").text


def test_json_has_every_attempt(afternoon):
    found = json.loads(gradebook.as_json(afternoon))
    (first,) = [each for each in found["machines"] if each["machine"] == "student1"]
    (work,) = first["exercises"]
    assert [each["time"][11:16] for each in work["attempts"]] == ["14:00", "14:05", "14:09"]
    assert work["all_passed_at"] == "2026-03-26T14:05:00+00:00"


def test_nothing_is_overwritten(afternoon, reports, console, monkeypatch):
    monkeypatch.setattr(grades, "CLASS", reports / "class.csv")
    before = {path: path.read_bytes() for path in reports.rglob("*") if path.is_file()}
    for _time in range(3):
        assert grades.report(Namespace(list=None), console) == 0
    assert before == {path: path.read_bytes() for path in before}
    assert len(list(reports.glob("*/grades.json"))) == 3


def test_attempts_within_a_second_are_two(reports):
    attempt(0, {"student1": HALF})
    attempt(0, {"student1": WHOLE})
    assert len(attempts.read()) == 2


def test_an_attempt_that_wrote_nothing_leaves_nothing(reports):
    with attempts.new("blacklist"):
        pass
    assert list(attempts.DIRECTORY.iterdir()) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"exercise": 1}'])
def test_what_is_no_attempt_is_left_out(reports, text):
    attempt(0, {"student1": HALF})
    other = attempts.DIRECTORY / "2026-03-26T150000Z-x"
    other.mkdir()
    (other / "x.json").write_text(text)
    assert len(attempts.read()) == 1


CLASSES = {
    "French": "poste;nom;groupe\nstudent1;Élodie Petit;A\n",
    "English": "machine,name\nstudent1,Élodie Petit\n",
    "other columns first": "id,name,machine\n7,Élodie Petit,student1\n",
    "capitals and empty lines": "Machine;Nom\n\nstudent1;Élodie Petit\n;\n",
}


@pytest.mark.parametrize("text", CLASSES.values(), ids=CLASSES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_class_lists(tmp_path, text, encoding):
    path = tmp_path / "class.csv"
    path.write_text(text, encoding=encoding)
    assert read_class(path) == {"student1": "Élodie Petit"}


NO_CLASSES = {
    "no machines": ("nom\nx\n", "line 1: no column is called machine or poste; there are nom"),
    "misspelt": ("machin,name\n", "no column is called machine.* machin may be meant"),
    "empty": ("", "line 1: no column is called machine"),
    "too short": ("machine,name\nstudent1\n", "line 2: there are 1 columns, not 2"),
    "twice": ("machine,name\ns1,A\ns1,B\n", "line 3: s1 is there twice"),
}


@pytest.mark.parametrize(("text", "said"), NO_CLASSES.values(), ids=NO_CLASSES)
def test_what_is_wrong_in_a_class_list_is_said_with_its_line(tmp_path, text, said):
    path = tmp_path / "class.csv"
    path.write_text(text)
    with pytest.raises(SettingsError, match=said):
        read_class(path)
