"""A lesson as a teacher lives it: each test is a part of it, and goes on from the one before."""

import csv
import json

import pytest

from ansible_collections.labs.mail.plugins.plugin_utils._exercises.catalogue import catalogue

EXERCISE = "blacklist"
STUDENTS = ["student1", "student2", "student3"]
LATE = "student4"


def machine(lesson, student):
    return lesson.containers()[f"lesson-{student}"]


def typed(lesson, student, commands):
    """Type commands as a student does; returns what they print."""
    return machine(lesson, student).exec_run(["bash", "-lc", commands]).output.decode()


def way(right=True):
    """Return the commands of a way by hand: the first right one, or the first wrong one."""
    exercise = catalogue()[EXERCISE]
    found = next(each for each in exercise.by_hand if bool(each.caught_by) != right)
    return exercise.typed(found.name)


def main_cf(lesson, student):
    return typed(lesson, student, "md5sum /etc/postfix/main.cf")


def grades(lesson):
    """Have the teacher's report made, and return it."""
    code, output = lesson.command("report")
    assert code == 0, output
    (path,) = sorted(lesson.folder.glob("reports/*/grades.json"))[-1:]
    found = json.loads(path.read_text())
    return path.parent, {each["machine"]: each for each in found["machines"]}


def mark(found, student):
    (work,) = [each for each in found[student]["exercises"] if each["exercise"] == EXERCISE]
    return work["mark"]


def test_the_class_comes_to_the_exercise(lesson):
    code, output = lesson.command("begin", EXERCISE, "all")
    assert code == 0, output
    code, output = lesson.command("check")
    assert code == 2, output
    assert EXERCISE in output
    _directory, found = grades(lesson)
    assert all(mark(found, student) < 20 for student in STUDENTS)


def test_three_students_work_by_hand(lesson):
    typed(lesson, "student1", way())
    typed(lesson, "student2", way(right=False))
    code, output = lesson.command("check")
    assert code == 2, output
    _directory, found = grades(lesson)
    assert mark(found, "student1") == 20
    assert mark(found, "student2") < 20
    assert mark(found, "student3") < 20


def test_a_late_student_comes_and_nobody_loses_anything(lesson):
    before = {student: main_cf(lesson, student) for student in STUDENTS}
    lesson.up("STUDENTS=4")
    assert {student: main_cf(lesson, student) for student in STUDENTS} == before
    code, output = lesson.command("begin", EXERCISE, LATE)
    assert code == 0, output
    typed(lesson, LATE, way())
    code, output = lesson.command("check", LATE)
    assert code == 0, output


def test_next_week_the_work_is_there(lesson):
    everybody = [*STUDENTS, LATE]
    before = {student: main_cf(lesson, student) for student in everybody}
    code, output = lesson.command("stop")
    assert code == 0, output
    lesson.up()
    assert {student: main_cf(lesson, student) for student in everybody} == before
    code, output = lesson.command("check", "student1", LATE)
    assert code == 0, output


def test_who_has_broken_everything_is_reset_alone(lesson):
    before = main_cf(lesson, "student1")
    typed(lesson, "student2", "rm -rf /etc/postfix /usr/sbin/postfix")
    code, output = lesson.command("reset", "student2")
    assert code == 0, output
    assert EXERCISE in output
    assert main_cf(lesson, "student1") == before
    typed(lesson, "student2", way())
    code, output = lesson.command("check", "student2")
    assert code == 0, output


def test_work_that_was_saved_comes_back(lesson):
    typed(lesson, "student1", "echo mine > /root/work; useradd -m eve; echo hers > /home/eve/work")
    typed(lesson, "student1", "cp /bin/true /home/eve/root; chmod 4755 /home/eve/root")
    before = main_cf(lesson, "student1")
    code, output = lesson.command("save", "student1")
    assert code == 0, output
    typed(lesson, "student1", "rm -rf /etc/postfix /root/work; userdel -r eve")
    code, output = lesson.command("restore", "student1")
    assert code == 0, output
    assert main_cf(lesson, "student1") == before
    assert typed(lesson, "student1", "cat /root/work; su eve -c 'cat ~/work'") == "mine\nhers\n"
    assert typed(lesson, "student1", "stat -c %a /home/eve/root").strip() == "755"
    code, output = lesson.command("check", "student1")
    assert code == 0, output


@pytest.mark.parametrize(("lang", "separator"), [("fr", ";"), ("en", ",")])
def test_the_grades_of_the_day_are_right(lesson, lang, separator):
    (lesson.folder / "class.csv").write_text("poste;nom\nstudent1;Élodie Petit\n", "utf-8")
    directory, found = grades(lesson)
    assert found["student1"]["name"] == "Élodie Petit"
    marks = {student: mark(found, student) for student in found}
    assert marks["student1"] == marks["student2"] == marks[LATE] == 20
    assert marks["student3"] < 20
    text = (directory / f"grades-{lang}.csv").read_text("utf-8-sig")
    rows = {row[0]: row for row in csv.reader(text.splitlines(), delimiter=separator)}
    assert rows["student1"][1] == "Élodie Petit"
    assert rows[LATE][2] == "20"
