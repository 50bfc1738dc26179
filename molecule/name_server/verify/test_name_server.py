import subprocess

import pytest


def ask(server, *question):
    command = ["dig", "+time=2", "+tries=5", "+noall", "+comments", "+answer", f"@{server}", *question]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (["student1.test", "MX"], "10 mail.student1.test."),
        (["mail.student1.test", "A"], "192.0.2.11"),
        (["-x", "192.0.2.11"], "mail.student1.test."),
    ],
)
def test_the_labs_names_resolve_for_everybody(host, address, question, answer):
    reply = ask(address, *question)
    assert "status: NOERROR" in reply and reply.rstrip().endswith(answer)


@pytest.mark.parametrize("name", ["deb.debian.org", "example.com", "nobody.student1.test"])
def test_no_other_name_exists_for_those_who_ask(host, address, name):
    assert "status: NXDOMAIN" in ask(address, name)


def test_the_machine_itself_may_look_names_up_elsewhere(host):
    assert host.run("dig +short @127.0.0.1 deb.debian.org | grep -q .").succeeded
    assert host.check_output("dig +short @127.0.0.1 mail.student1.test") == "192.0.2.11"
