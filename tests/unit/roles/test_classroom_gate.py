"""What the gate of a classroom is configured to, by who sits where."""

from __future__ import annotations

import pytest

from tests.support.role_variables import evaluate

KEY = f"ssh-ed25519 {'A' * 68}"
SEAT = {"address": "172.30.1.11", "words": "a-b-c", "private_key": "secret", "host_key": KEY}
DEBIAN = {"12": False, "13": True}
"""Whether a release's sshd punishes addresses."""


def made(seats, release="12", **more):
    """The files of the gate, by their paths."""
    facts = {"distribution": "Debian", "distribution_major_version": release}
    given = {"classroom_gate_seats": seats, "ansible_facts": facts, **more}
    return {
        file["path"]: file for file in evaluate("classroom_gate", "__classroom_gate_files", **given)
    }


def blocks(text):
    """The blocks of sshd_config by their Match lines; each keyword's first value."""
    found = {"": {}}
    at = ""
    for line in text.splitlines():
        keyword, _space, value = line.strip().partition(" ")
        if keyword == "Match":
            at = value
        elif keyword and not keyword.startswith("#"):
            found.setdefault(at, {}).setdefault(keyword, value)
    return found


def sshd(*given, **more):
    return blocks(made(*given, **more)["/etc/ssh/sshd_config.d/00-classroom.conf"]["content"])


def test_each_student_may_reach_the_own_machines_mail_alone():
    seats = {"student1": SEAT, "student2": {**SEAT, "address": "172.30.1.12"}}
    found = sshd(seats, classroom_gate_ports=[25, 143])
    assert found["User student1"] == {
        "PermitOpen": "student1:25 172.30.1.11:25 student1:143 172.30.1.11:143"
    }
    assert "172.30.1.12:25" in found["User student2"]["PermitOpen"]
    assert "172.30.1.11" not in found["User student2"]["PermitOpen"]
    everybody = found["Group classroom"]
    assert everybody["ForceCommand"] == "/usr/local/sbin/classroom-seat"
    assert everybody["PermitOpen"] == "none"
    assert everybody["PermitListen"] == "none"
    assert everybody["AuthenticationMethods"] == "password"
    for closed in ("AllowAgentForwarding", "X11Forwarding", "PermitTunnel", "PermitUserRC"):
        assert everybody[closed] == "no"


def test_of_each_keyword_the_first_counts_so_what_is_ones_own_comes_before_none():
    text = made({"student1": SEAT})["/etc/ssh/sshd_config.d/00-classroom.conf"]["content"]
    assert text.index("Match User student1") < text.index("PermitOpen none")


def test_a_machine_is_asked_the_words_that_are_named_and_no_others():
    path = "/usr/local/sbin/classroom-seat"
    seat = made({}, classroom_gate_words=["check", "hint fr"])[path]["content"]
    assert "\ncheck | 'hint fr')\n" in seat
    assert seat.index("check |") < seat.index("[ -t 0 ]")
    assert "case " not in made({})[path]["content"]


def test_machines_never_log_in():
    assert sshd({}, classroom_gate_never_from=["172.30.1.2", "172.30.1.11"])[
        "Address 172.30.1.2,172.30.1.11"
    ] == {"DenyUsers": "*"}
    assert not any(name.startswith("Address") for name in sshd({}))


@pytest.mark.parametrize("release", DEBIAN)
def test_who_shares_an_address_is_not_punished_for_another(release):
    found = sshd({}, release, classroom_gate_shared_addresses=["127.0.0.0/8"])[""]
    assert found.get("PerSourcePenaltyExemptList") == ("127.0.0.0/8" if DEBIAN[release] else None)
    assert "PerSourcePenaltyExemptList" not in sshd({}, release)[""]


def test_a_key_is_its_students_and_what_is_not_named_goes():
    files = made({"student1": SEAT})
    key = files["/etc/labs.mail/gate/keys/student1"]
    assert (key["owner"], key["mode"], key["content"]) == ("student1", "0400", "secret\n")
    assert files["/etc/labs.mail/gate/keys"]["purge"] is True
    assert files["/etc/labs.mail/gate/known_hosts"]["content"] == f"student1 {KEY}\n"


WRONG = {
    "a name with a line": ({"student1\nx": SEAT}, "small letters"),
    "a name that is an option": ({"-x": SEAT}, "small letters"),
    "a name that is a pattern": ({"student*": SEAT}, "small letters"),
    "an address with more": ({"a": {**SEAT, "address": "1.2.3.4:25 5.6.7.8"}}, "IPv4 address"),
    "a host key for others too": ({"a": {**SEAT, "host_key": f"{KEY}\n* {KEY}"}}, "write a key"),
    "another kind of key": ({"a": {**SEAT, "host_key": "ssh-rsa AAAA"}}, "write a key"),
    "something else": ({"a": {**SEAT, "user": "root"}}, "user"),
}


@pytest.mark.parametrize(("seats", "said"), WRONG.values(), ids=WRONG)
def test_a_seat_that_cannot_be_is_refused(seats, said):
    with pytest.raises(ValueError, match=said) as caught:
        made(seats)
    assert "secret" not in str(caught.value)


def test_what_is_sent_both_ways_is_named_by_itself():
    path = "/usr/local/sbin/classroom-seat"
    seat = made({}, classroom_gate_channels=["desktop"])[path]["content"]
    assert "\ndesktop)\n    to_the_machine -T -- " in seat
    assert "-T -n" not in seat
    assert "desktop" not in made({}, classroom_gate_words=["check"])[path]["content"]
