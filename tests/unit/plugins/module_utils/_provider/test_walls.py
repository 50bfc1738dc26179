"""The rules that keep a lab's machines to what they may reach; iptables itself is not run here."""

from __future__ import annotations

import pytest

from ansible_collections.labs.mail.plugins.module_utils._provider import walls

SUBNET = "172.30.177.0/24"
WORLD = "172.30.177.2"


def test_nothing_comes_to_the_host_but_answers():
    to_host, _forwarded = walls.chains("maillab")
    lines = walls.rules("maillab", SUBNET, ["25"], {}).splitlines()
    assert [line for line in lines if line.startswith(f"-A {to_host} ")] == [
        f"-A {to_host} -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN",
        f"-A {to_host} -j DROP",
    ]


def test_machines_reach_named_ports_of_each_other_and_no_others():
    _to_host, forwarded = walls.chains("maillab")
    lines = walls.rules("maillab", SUBNET, ["25", "110"], {WORLD: ["53/udp", "53"]}).splitlines()
    passing = [line for line in lines if line.startswith(f"-A {forwarded} ")]
    assert passing[1:-2] == [
        f"-A {forwarded} -d {SUBNET} -p tcp -m multiport --dports 25,110 -j RETURN",
        f"-A {forwarded} -d {WORLD} -p tcp -m multiport --dports 53 -j RETURN",
        f"-A {forwarded} -d {WORLD} -p udp -m multiport --dports 53 -j RETURN",
    ]
    assert passing[-1] == f"-A {forwarded} -j DROP"


def test_one_machine_alone_reaches_more_of_the_others():
    _to_host, forwarded = walls.chains("maillab")
    gate = "172.30.177.5"
    lines = walls.rules("maillab", SUBNET, ["25"], {}, sources={gate: ["22"]}).splitlines()
    named = [line for line in lines if "--dports 22" in line]
    assert named == [
        f"-A {forwarded} -s {gate} -d {SUBNET} -p tcp -m multiport --dports 22 -j RETURN"
    ]
    assert lines.index(named[0]) < lines.index(f"-A {forwarded} -j DROP")


def test_ipv6_passes_nowhere():
    for chain in walls.chains("maillab"):
        assert f"-A {chain} -j DROP" in walls.rules_6("maillab").splitlines()


def test_a_rule_names_no_more_ports_than_it_can():
    assert [len(match.split()[-1].split(",")) for match in walls.matches(map(str, range(40)))] == [
        15,
        15,
        10,
    ]


def test_the_names_of_chains_are_short_enough_and_each_labs_own():
    names = [walls.chains(lab) for lab in ("a" * 50, "b")]
    assert len({name for pair in names for name in pair}) == 4
    assert max(len(name) for pair in names for name in pair) < 29


class Iptables:
    """Rules that are listed, and the commands that were run."""

    def __init__(self, listed=()):
        self.listed = list(listed)
        self.done = []

    def __call__(self, command, text=""):
        if command[-1] == "-S":
            return "\n".join(self.listed)
        self.done.append(" ".join(command))
        return ""


@pytest.fixture
def iptables(monkeypatch, tmp_path):
    for name in ("bridge-nf-call-iptables", "bridge-nf-call-ip6tables"):
        (tmp_path / name).write_text("0\n")
    monkeypatch.setattr(walls, "BRIDGE_CALLS", tmp_path)
    monkeypatch.setattr(walls.os, "geteuid", lambda: 0)
    fake = Iptables()
    monkeypatch.setattr(walls, "_run", fake)
    return fake


def test_walls_stand_before_the_engines_own_rules(iptables):
    iptables.listed = ["-N DOCKER-USER"]
    walls.build("maillab", "br-1", SUBNET, ["25"], {})
    to_host, forwarded = walls.chains("maillab")
    assert iptables.done[:3] == [
        "iptables-restore --noflush --wait",
        f"iptables --wait -I INPUT 1 -i br-1 -j {to_host}",
        f"iptables --wait -I DOCKER-USER 1 -i br-1 -j {forwarded}",
    ]
    assert (walls.BRIDGE_CALLS / "bridge-nf-call-ip6tables").read_text() == "1\n"


def test_walls_of_an_older_bridge_go(iptables):
    to_host, _forwarded = walls.chains("maillab")
    iptables.listed = [f"-A INPUT -i br-0 -j {to_host}"]
    walls.build("maillab", "br-1", SUBNET, [], {})
    assert f"iptables --wait -D INPUT -i br-0 -j {to_host}" in iptables.done
    assert any("-I FORWARD 1 -i br-1" in each for each in iptables.done)


def test_walls_are_taken_down_with_what_leads_to_them(iptables):
    to_host, forwarded = walls.chains("maillab")
    jump = f"DOCKER-USER -i br-1 -j {forwarded}"
    iptables.listed = [f"-N {forwarded}", f"-A {jump}", "-A INPUT -i br-2 -j other"]
    walls.remove("maillab")
    assert iptables.done[:3] == [
        f"iptables --wait -D {jump}",
        f"iptables --wait -F {forwarded}",
        f"iptables --wait -X {forwarded}",
    ]
    assert not any(to_host in each or "other" in each for each in iptables.done)


def test_who_is_not_root_is_told(monkeypatch):
    monkeypatch.setattr(walls.os, "geteuid", lambda: 1000)
    with pytest.raises(walls.WallsError, match="root's to make"):
        walls.build("maillab", "br-1", SUBNET, [], {})


def test_a_command_that_is_not_there_is_named():
    with pytest.raises(walls.WallsError, match="no-such-tool"):
        walls._run(["no-such-tool"])


def test_what_a_command_complained_of_is_said():
    with pytest.raises(walls.WallsError, match="sh -c echo no >&2; exit 3: no"):
        walls._run(["sh", "-c", "echo no >&2; exit 3"])
