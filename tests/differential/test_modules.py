"""postfix_main run for real: two runs at once with a postconf beside them, and what it refuses."""

from __future__ import annotations

import json

import pytest

from tests.differential.machines import HERE, Case
from tests.support.stock import STOCK_MAIN

MODULE = "ansible_collections.labs.mail.plugins.modules.postfix_main"


@pytest.fixture(scope="module")
def stock(machine):
    return STOCK_MAIN[f"debian-{machine.release}/main.cf"]


@pytest.fixture(scope="module")
def run(machine, collection, stock):
    """Run the module on a copy of the stock file with each of several sets of arguments."""

    def run(*several, text=stock):
        command = ["env", f"PYTHONPATH={collection}", "FOLDER={dir}", "python3", "-m", MODULE]
        cases = []
        for arguments in several:
            arguments = {"config_directory": "$FOLDER", "_ansible_diff": True, **arguments}
            files = {
                "main.cf": text,
                "arguments.json": json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode(),
            }
            cases.append(Case(files, [[*command, "arguments.json"]], keep=["main.cf"]))
        answers = machine.ask(cases)
        found = []
        for answer in answers:
            assert answer.results[0].stdout, answer.results[0].stderr
            found.append((json.loads(answer.results[0].stdout), answer.files["main.cf"]))
        return found

    return run


REFUSED = {
    # postconf -n passes all of these; only a program that reads the parameter dies.
    "time": ({"smtp_connect_timeout": "notatime"}, "takes a time"),
    "number": ({"message_size_limit": "10M"}, "takes a number"),
    "boolean": ({"smtpd_helo_required": "maybe"}, "takes a boolean"),
    # Of these we know nothing: Postfix itself refuses them.
    "macro": ({"mydestination": "${myhostname"}, "would start"),
    "protocol": ({"inet_protocols": "ipv5"}, "would start"),
    "host": ({"inet_interfaces": "nosuch.invalid"}, "would start"),
    "out of range": ({"default_process_limit": 0}, "write 1 or more"),
    "name": ({"smtpd_recipient_restriction": "permit"}, "smtpd_recipient_restrictions?"),
}


def test_what_postfix_would_not_start_with_is_refused(run, stock):
    asked = [
        {"parameters": parameters, "on_unknown": "fail"} for parameters, _words in REFUSED.values()
    ]
    for (result, text), (_parameters, words) in zip(run(*asked), REFUSED.values()):
        assert result.get("failed"), result
        assert words in result["msg"]
        assert "cases-" in result["msg"].partition("main.cf")[0], "the message names the file"
        assert text == stock


def test_the_place_of_what_postfix_refuses(run):
    [(result, _text)] = run(
        {"parameters": {"inet_protocols": "ipv5"}}, text=b"\ninet_protocols = all\n"
    )
    assert result["line"] == 2
    assert "/main.cf:2: " in result["msg"]


def test_what_was_wrong_before_is_a_warning(run):
    before = b"inet_protocols = ipv5\n"
    [(result, text)] = run({"parameters": {"biff": False}}, text=before)
    assert text == before + b"biff = no\n"
    assert "that was so before" in json.dumps(result["warnings"])


TAKEN = {
    "time": {"smtp_connect_timeout": "5m"},
    "time without unit": {"smtp_connect_timeout": 300},
    "boolean": {"smtpd_helo_required": "YES"},
    "macro": {"message_size_limit": "${stress?{1000}:{2000}}"},
    "loglevel": {"smtpd_tls_loglevel": "1"},
    "own": {"my_own": "x", "mydestination": "$my_own"},
}


def test_what_postfix_takes_is_taken(run):
    asked = [{"parameters": parameters, "on_unknown": "fail"} for parameters in TAKEN.values()]
    for result, _text in run(*asked):
        assert not result.get("failed"), result
        assert result["changed"]


SAME = {
    "time": (b"smtp_connect_timeout = 300\n", {"smtp_connect_timeout": "5m"}),
    "days": (b"maximal_queue_lifetime = 5\n", {"maximal_queue_lifetime": "5d"}),
    "boolean": (b"biff = No\n", {"biff": False}),
    "number": (b"message_size_limit = 010\n", {"message_size_limit": 10}),
    "list": (b"mynetworks = a,b\n", {"mynetworks": "a  b"}),
}
OTHER = {
    "time": (b"smtp_connect_timeout = 300\n", {"smtp_connect_timeout": "300m"}),
    "days": (b"maximal_queue_lifetime = 5\n", {"maximal_queue_lifetime": "5h"}),
    "boolean": (b"biff = No\n", {"biff": True}),
    "banner": (b"smtpd_banner = a b\n", {"smtpd_banner": "a  b"}),
}


@pytest.mark.parametrize("name", SAME)
def test_another_spelling_is_no_change(run, name):
    text, parameters = SAME[name]
    [(result, after)] = run({"parameters": parameters}, text=text)
    assert (result["changed"], after) == (False, text)


@pytest.mark.parametrize("name", OTHER)
def test_what_postfix_sees_is_a_change(run, name):
    text, parameters = OTHER[name]
    [(result, after)] = run({"parameters": parameters}, text=text)
    assert result["changed"]
    assert after != text


def test_a_run_is_not_slowed_by_the_file_just_written(machine, run):
    """Postfix waits until a main.cf is 2 s old; the staging copy seems older."""
    seconds = []
    for number in range(3):
        before = machine.run(["date", "+%s.%N"]).stdout
        run({"parameters": {"myhostname": f"a{number}.test"}})
        seconds.append(float(machine.run(["date", "+%s.%N"]).stdout) - float(before))
    # The fastest: others may need the computer.
    assert min(seconds) < 1.5, seconds


def test_no_edit_is_lost(machine, collection):
    machine.push({"/opt/at_once.py": (HERE / "at_once.py").read_bytes()})
    result = machine.run(["env", f"PYTHONPATH={collection}", "python3", "/opt/at_once.py"])
    assert result.code == 0, result.stderr.decode()
    found = json.loads(result.stdout)
    assert found["missing"] == []
    assert found["edits"] >= 60
