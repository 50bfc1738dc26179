"""What a machine does, read from what its tools print, and what is run to change it."""

import pytest

from ansible_collections.labs.mail.plugins.module_utils._system import runtime

DOCKER = "table ip nat {\n\tchain DOCKER_OUTPUT {\n\t}\n}\n"
MINE = "table inet mine {\n\tchain in {\n\t\ttcp dport 25 drop\n\t}\n}\n"
ADDRESS = "2: eth0    inet 10.0.0.5/24 brd 10.0.0.255 scope global eth0\\       valid_lft forever\n"
ROUTES = "10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.5 \n"


class Machine:
    """Prints what it is told to, and writes down what is run."""

    def __init__(self, **printed):
        self.printed = printed
        self.ran = []

    def __call__(self, *command):
        line = " ".join(command)
        self.ran.append(line)
        for begin, text in self.printed.items():
            if line.startswith(begin.replace("_", " ")):
                return 0, text, ""
        return 127, "", "not there"


def test_units_without_those_of_systemd_itself():
    listing = (
        "ssh.service loaded active running x\nsystemd-logind.service loaded active running x\n"
    )
    listing += "dbus.socket loaded active running x\nuser@0.service loaded active running x\n"
    assert runtime.active_units(Machine(systemctl=listing)) == ["ssh.service"]


@pytest.mark.parametrize(
    ("ruleset", "tables"),
    [("", []), (DOCKER, []), (MINE, [MINE.strip()]), (DOCKER + MINE, [MINE.strip()])],
)
def test_a_packet_filter_without_the_engines_tables(ruleset, tables):
    assert runtime.packet_filter(Machine(nft=ruleset)) == tables


def test_no_packet_filter_where_there_is_no_program_for_it():
    assert runtime.packet_filter(Machine()) is None


@pytest.fixture
def before(monkeypatch):
    monkeypatch.setattr(runtime, "mounts", lambda: ["/"])
    machine = Machine(**{"ip_-o": ADDRESS, "ip_-4_route": ROUTES, "systemctl": ""})
    return runtime.now(machine)


def test_what_is_as_it_was_is_left_alone(before):
    machine = Machine(**{"ip_-o": ADDRESS, "ip_-4_route": ROUTES, "systemctl": ""})
    assert runtime.put_back(before, machine) == []
    assert not [line for line in machine.ran if " add " in line or " del " in line]


def test_addresses_and_routes_are_put_back(before):
    other = ADDRESS.replace("10.0.0.5", "192.0.2.7")
    machine = Machine(**{"ip_-o": other, "ip_-4_route": "", "systemctl": ""})
    assert runtime.put_back(before, machine) == [
        "ip address del 192.0.2.7/24 dev eth0",
        "ip address add 10.0.0.5/24 dev eth0",
        "ip route add 10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.5",
    ]


def test_mounts_go_the_inner_one_first(before, monkeypatch):
    monkeypatch.setattr(runtime, "mounts", lambda: ["/", "/var/mail", "/var/mail/x"])
    machine = Machine(**{"ip_-o": ADDRESS, "ip_-4_route": ROUTES, "systemctl": ""})
    assert runtime.put_back(before, machine) == ["umount /var/mail/x", "umount /var/mail"]


def test_rules_go_with_their_table(before):
    machine = Machine(
        **{"ip_-o": ADDRESS, "ip_-4_route": ROUTES, "systemctl": "", "nft": DOCKER + MINE}
    )
    assert runtime.put_back(before, machine) == ["packet filter"]
    assert "nft delete table inet mine" in machine.ran
    assert not [line for line in machine.ran if "delete table ip nat" in line]


def test_everything_passes_where_there_is_iptables_alone(before):
    rules = "-P INPUT DROP\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n-A INPUT -p tcp -j DROP\n"
    machine = Machine(
        **{"ip_-o": ADDRESS, "ip_-4_route": ROUTES, "systemctl": "", "iptables": rules}
    )
    assert runtime.put_back(before, machine) == ["iptables -F"]
    assert "iptables -P INPUT ACCEPT" in machine.ran


def test_mount_points_with_a_space(tmp_path):
    table = tmp_path / "mounts"
    table.write_text("none / overlay rw 0 0\nproc /proc proc rw 0 0\nx /a\\040b tmpfs rw 0 0\n")
    assert runtime.mounts(table) == ["/", "/a b"]
