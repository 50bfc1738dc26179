"""A class over three hosts, which die one after the other; tests go on from those before."""

from __future__ import annotations

import json

import pytest

NAMES = [f"student{number}" for number in range(1, 5)]
LARGE = 10 << 20
SENDER = """\
import email.message, smtplib
message = email.message.EmailMessage()
message["From"], message["To"] = "tech@{sender}.test", "tech@{recipient}.test"
message["Subject"] = "ten megabytes"
message.add_attachment(bytes({size}), maintype="application", subtype="octet-stream")
with smtplib.SMTP("localhost") as server:
    server.send_message(message)
"""
LARGER = "postconf -e message_size_limit=20480000 mailbox_size_limit=0 && postfix reload"
ARRIVED = """\
for second in $(seq 120); do
    grep -rqs 'Subject: ten megabytes' /var/mail /home && exit 0
    sleep 1
done
exit 1
"""


def marks(lab, *words):
    """Check machines; return the exit code, the output, and the report."""
    code, output = lab.command("check", "smtp_server", *words)
    report = json.loads((lab.folder / "reports" / "smtp_server.json").read_text())
    return code, output, report


def test_mail_was_seen_on_every_machine(lab):
    lines = [line for line in lab.first_output.splitlines() if f"{lab.name}-student" in line]
    assert [line.count("✓") for line in lines] == [5] * len(NAMES), lab.first_output


def test_machines_are_spread_and_the_second_time_nothing_is_changed(lab):
    places = {name: lab.place(name).name for name in ("world", *NAMES)}
    loads = [list(places.values()).count(host) for host in set(places.values())]
    assert sorted(loads) == [1, 2, 2]
    assert "nothing was changed" in lab.up()
    assert {name: lab.place(name).name for name in places} == places


def test_ten_megabytes_pass_from_host_to_host(lab):
    sender = NAMES[0]
    recipient = next(name for name in NAMES if lab.place(name) is not lab.place(sender))
    for name in (sender, recipient):
        code, output = lab.command("shell", name, "sh", "-c", LARGER)
        assert code == 0, output
    # In base64 it is four thirds.
    script = SENDER.format(sender=sender, recipient=recipient, size=LARGE // 4 * 3)
    code, output = lab.command("shell", sender, "python3", "-c", script)
    assert code == 0, output
    code, output = lab.command("shell", recipient, "sh", "-c", ARRIVED)
    assert code == 0, output


def test_machines_of_a_host_whose_daemon_dies_are_checked_all_the_same(lab):
    code, output = lab.command("solve", "smtp_server", *NAMES)
    assert code == 0, output
    host = next(each for each in lab.hosts.all if each is not lab.place("world"))
    checking = lab._start("./lab", "check", "smtp_server", "all")
    # With the end of the play before theirs the machines begin.
    begun = next((line for line in checking.stdout if "Assert that it can be done" in line), "")
    host.ssh("kill -9 $(cat /run/stand-in/incus.pid)")
    output = begun + checking.stdout.read()
    assert begun, output
    assert checking.wait(timeout=lab.seconds) == 0, output
    host.ssh("systemctl start incus")


def test_the_machines_of_a_host_go_elsewhere_while_it_is_mended_and_come_back(lab):
    host = lab.place("world")
    there = [name for name in ("world", *NAMES) if lab.place(name) is host]
    lab.asked(f"incus cluster evacuate {host.name} --force")
    assert not [name for name in there if lab.place(name) is host]
    assert "nothing was changed" in lab.up()
    code, output, report = marks(lab, "all")
    assert (code, report["problems"]) == (0, {}), output
    lab.asked(f"incus cluster restore {host.name} --force")
    assert [name for name in ("world", *NAMES) if lab.place(name) is host] == there
    lab.up()
    code, output, report = marks(lab, "all")
    assert (code, report["problems"]) == (0, {}), output


@pytest.fixture(scope="module")
def bereft(lab):
    """The machines of a host that is dead for good, on which the world is not."""
    world = lab.place("world")
    host = next(each for each in lab.hosts.all if each is not world)
    lost = [name for name in NAMES if lab.place(name) is host]
    host.die()
    return lost


def test_students_of_a_dead_host_are_unknown_and_the_others_are_checked(lab, bereft):
    code, output, report = marks(lab, "all")
    assert code == 4, output
    assert sorted(report["problems"]) == sorted(bereft)
    assert sorted(report["machines"]) == sorted(set(NAMES) - set(bereft))


def test_what_a_dead_host_had_comes_up_elsewhere(lab, bereft):
    output = lab.up()
    assert f"does not answer: {', '.join(bereft)} come up on other hosts" in output
    alive = [host for host in lab.hosts.all if host.process]
    assert all(lab.place(name) in alive for name in NAMES)
    code, output, _report = marks(lab, *[name for name in NAMES if name not in bereft])
    assert code == 0, output
    code, output, report = marks(lab, *bereft)
    assert code == 2, output
    assert not report["problems"]


def test_where_most_hosts_are_dead_it_is_one_plain_sentence(lab, bereft):
    world = lab.place("world")
    other = next(each for each in lab.hosts.all if each.process and each is not world)
    other.die()
    code, output = lab.command("reset", "smtp_server", "all")
    assert code != 0
    assert "most hosts of the cluster do not answer" in output, output
    other.boot()
    # As its units would at boot.
    other.ssh("systemctl start labs-mail-links && systemctl start incus")


def test_nothing_is_left_behind_on_any_host(lab, bereft):
    code, output = lab.make("down", *lab.own)
    assert code == 0, output
    for host in [each for each in lab.hosts.all if each.process]:
        known = host.ssh("incus project list -f csv; incus network list -f csv; ip -br link").stdout
        assert lab.name not in known, known
        assert lab.bridge not in known, known
