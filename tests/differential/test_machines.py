"""The tests' own tool: what goes into a machine comes out as it was."""

from __future__ import annotations

from tests.differential.machines import Case


def test_answers_come_in_order_and_byte_for_byte(machine):
    data = bytes(range(256))
    cases = [
        Case({"a/b": data + str(n).encode()}, [(["cat", "a/b", "-"], data), ["false"]], ["a/b"])
        for n in range(20)
    ]
    for number, answer in enumerate(machine.ask(cases)):
        held = data + str(number).encode()
        assert [result.code for result in answer.results] == [0, 1]
        assert answer.results[0].stdout == held + data
        assert answer.files == {"a/b": held}


def test_a_command_that_hangs_is_told_apart(machine):
    assert machine.run(["sleep", "5"], timeout=0.2).code is None


def test_the_release_has_the_postfix_it_should(machine):
    version = machine.run(["postconf", "-h", "mail_version"]).stdout
    assert version.startswith({"12": b"3.7.", "13": b"3.10."}[machine.release])
