"""What students try at the gate gets nowhere; beside each, what it is that they may do."""

from __future__ import annotations

import contextlib
import socket
import subprocess
from dataclasses import replace

import pytest

from tests.support.classroom import (
    GATE,
    SECONDS,
    by_socks,
    free_port,
    greeting_of,
)
from tests.support.waiting import until

CONNECTIONS, SESSIONS = 8, 3
"""What the role gives a student: connections at once, and sessions in each."""

OWN = {"student1:25": b"220 ", "student1:143": b"* OK", "student1:110": b"+OK", "{own}:25": b"220 "}
"""What a student may reach behind the gate, and what greets there."""

ELSEWHERE = {
    "another's mail": "student2:25",
    "another's mailbox": "student2:143",
    "another's mail by its address": "{other}:25",
    "another's sshd": "student2:22",
    "another's address in another spelling": "::ffff:{other}:25",
    "another's address as a number": "{number}:25",
    "another's name with a dot": "student2.:25",
    "the own machine's sshd": "student1:22",
    "the own machine's web server": "student1:80",
    "the world's mail": "{world}:25",
    "the world's packages": "{world}:3142",
    "the world's checks": "{world}:4025",
    "the gate's sshd": "localhost:22",
    "the gate by its address": "{gate}:22",
    "the teacher's computer": "{teacher}:22",
    "the teacher's computer by the engine's network": "172.17.0.1:22",
    "somewhere outside": "192.0.2.1:80",
}


def place(room, template):
    number = int.from_bytes(bytes(map(int, room.host(12).split("."))))
    places = {"own": 11, "other": 12, "world": 2, "gate": GATE, "teacher": 1}
    found = {name: room.host(last) for name, last in places.items()}
    host, _colon, port = template.format(number=number, **found).rpartition(":")
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@pytest.mark.parametrize("target", OWN)
def test_the_own_mail_is_reached(room, student, target):
    assert student.through(place(room, target)).output.startswith(OWN[target])


@pytest.mark.parametrize("target", ELSEWHERE.values(), ids=ELSEWHERE)
def test_nothing_else_is_reached_by_standard_input(room, student, target):
    said = student.through(place(room, target))
    assert b"administratively prohibited" in said.complaint
    assert said.output == b""


@pytest.mark.parametrize("target", ["student2:25", "student1:22", "{teacher}:22", "{other}:143"])
def test_nothing_else_is_reached_by_a_local_port(room, student, target):
    own, port = free_port(), free_port()
    options = ["-L", f"{own}:student1:25", "-L", f"{port}:{place(room, target)}"]
    with student.forwarding(*options, port=port):
        assert greeting_of(own).startswith(b"220 ")
        assert greeting_of(port) == b""


@pytest.mark.parametrize("target", ["student2:25", "student1:22", "{teacher}:22", "{other}:143"])
def test_nothing_else_is_reached_by_a_proxy(room, student, target):
    port = free_port()
    host, _colon, number = place(room, target).rpartition(":")
    with student.forwarding("-D", str(port), port=port):
        assert by_socks(port, "student1", 25).startswith(b"220 ")
        assert by_socks(port, host, int(number)) == b""


OPENINGS = {
    "a port of the gate": (["-R", "2525:localhost:25"], b"remote port forwarding failed"),
    "any port of the gate": (["-R", "0:localhost:25"], b"remote port forwarding failed"),
    "a proxy on the gate": (["-R", "1080"], b"remote port forwarding failed"),
    "every address of the gate": (["-R", "*:2525:localhost:25"], b"remote port forwarding failed"),
    "a socket of the gate": (["-R", "/tmp/x:localhost:25"], b"remote port forwarding failed"),
    "a network device": (["-o", "Tunnel=point-to-point", "-w", "7:7"], b"unnel"),
}


@pytest.mark.parametrize(("options", "complaint"), OPENINGS.values(), ids=OPENINGS)
def test_nothing_is_opened_on_the_gate(student, options, complaint):
    said = student.run("-N", *options)
    assert complaint in said.complaint
    assert said.code == 255


@pytest.mark.parametrize("path", ["/run/dbus/system_bus_socket", "/run/systemd/private"])
def test_no_socket_of_the_gate_is_reached(student, path):
    port = free_port()
    with student.forwarding("-L", f"{port}:{path}", port=port):
        assert greeting_of(port, b"\0AUTH EXTERNAL\r\n") == b""


COMMANDS = {
    "a command": ("id",),
    "several": ("true;", "id"),
    "another machine": ("ssh", "root@student2", "id"),
    "a shell": ("/bin/bash", "-i"),
    "a substitution": ("$(id)",),
    "the secrets": ("cat", "/etc/labs.mail/gate/keys/student1"),
    "options for what the gate runs": ("true", "-oProxyCommand=id", "student2"),
    "rsync": ("rsync", "--server", "--sender", ".", "/etc"),
}


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_no_command_is_run(student, words):
    said = student.run(words=words)
    assert said.code == 1
    assert said.output == b""
    assert b"A terminal only" in said.complaint


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_with_a_terminal_a_command_is_the_own_machine_all_the_same(student, words):
    process = student.start("-tt", words=words)
    try:
        assert process.stdout
        process.stdin.write(b"\recho at-$(hostname)-$(id -u)\r")
        process.stdin.flush()
        seen = b""
        while b"at-student1-0" not in seen:
            some = process.stdout.read1(65536)
            assert some, seen
            seen += some
        assert b"uid=" not in seen
    finally:
        process.kill()
        process.wait()


def test_no_file_is_read_or_written(student, tmp_path):
    mine = tmp_path / "mine"
    mine.write_text("mine\n")
    for words in (
        ("sftp", student.target),
        ("scp", str(mine), f"{student.target}:/tmp/mine"),
        ("scp", f"{student.target}:/etc/passwd", str(tmp_path / "theirs")),
        ("scp", "-O", str(mine), f"{student.target}:/tmp/mine"),
        ("scp", "-O", f"{student.target}:/etc/passwd", str(tmp_path / "theirs")),
    ):
        assert student.tool(*words, given=b"get /etc/passwd\n").code != 0, words
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


ENVIRONMENTS = {
    "a library": {"LD_PRELOAD": "/tmp/x.so"},
    "a file for shells": {"BASH_ENV": "/etc/shadow", "ENV": "/etc/shadow"},
    "a path": {"PATH": "/tmp"},
    "a program that asks": {"SSH_ASKPASS": "/bin/id", "DISPLAY": ":0"},
    "a language": {"LC_ALL": "../../../tmp/x", "LANG": "x"},
}


@pytest.mark.parametrize("given", ENVIRONMENTS.values(), ids=ENVIRONMENTS)
def test_no_variable_comes_through(student, given):
    options = ["-o", "SetEnv=" + " ".join(f"{name}={value}" for name, value in given.items())]
    with student.terminal(*options) as terminal:
        terminal.find("root@student1:")
        for name, value in given.items():
            assert terminal.ask(f'printf %s "${name}"') != value


TERMS = ["-oProxyCommand=id", "$(id)", "../../../../etc/passwd", "x;id", "A" * 4000]


@pytest.mark.parametrize("term", TERMS)
def test_a_terminals_name_is_a_name(student, term):
    hostile = replace(student, environment={"TERM": term})
    with hostile.terminal() as terminal:
        assert terminal.ask("hostname") == "student1"
        assert "uid=" not in terminal.seen.decode(errors="replace")


def test_what_is_typed_is_no_word_for_the_gates_own_ssh(student):
    with student.terminal("-e", "none") as terminal:
        shell = terminal.ask("echo $$")
        for typed in ("~.", "~C", "~&", "~#"):
            terminal.type("")
            terminal.type(f"echo {typed} > /dev/null")
            terminal.type(typed)
        assert terminal.ask("echo $$") == shell
        assert terminal.process.poll() is None


def test_neither_agent_nor_display_reaches_the_gate(student, tmp_path):
    path = tmp_path / "agent"
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", str(path)], stdout=subprocess.DEVNULL)
    try:
        until(path.exists)
        owner = replace(student, environment={"SSH_AUTH_SOCK": str(path), "DISPLAY": "localhost:0"})
        with owner.terminal("-A", "-X") as terminal:
            assert terminal.ask("echo $SSH_AUTH_SOCK$DISPLAY") == ""
            assert terminal.ask("ls -d /tmp/ssh-* 2> /dev/null") == ""
    finally:
        agent.kill()
        agent.wait()


@pytest.mark.parametrize("last", ["student1", "student2", "world", "gate"])
def test_the_gate_is_no_way_for_jumps(room, student, last):
    target = {"student1": 11, "student2": 12, "world": 2, "gate": GATE}[last]
    proxy = subprocess.list2cmdline(student.command("-W", "%h:%p", student.target))
    user_key = room.folder / ".keys" / "user_key"
    # The teacher's own key and what machines are known by: nothing else is in the way.
    known = room.folder / ".keys" / "known_hosts"
    options = ["-i", str(user_key), "-o", f"UserKnownHostsFile={known}"]
    there = f"root@{room.host(target)}"
    jump = ["ssh", "-F", "none", *options, "-o", f"ProxyCommand={proxy}", there, "hostname"]
    process = student.popen(jump)
    output, complaint = process.communicate(timeout=SECONDS)
    assert b"administratively prohibited" in complaint
    assert output == b""
    assert room.root(target, "hostname").strip() == last


def test_words_are_one_students_alone(student, other):
    for account in ("student2", "root", "nobody", "tech", "student3", "classroom"):
        said = replace(student, account=account).run("-N")
        assert said.code == 255, account
        assert b"Permission denied" in said.complaint, account
    for words in ("", other.words, student.words.upper(), student.words[:-1], "tech"):
        assert b"Permission denied" in replace(student, words=words).run("-N").complaint, words
    with student.terminal() as terminal:
        assert terminal.ask("hostname") == "student1"


def test_nobody_guesses_many_words_at_once(student):
    log = student.directory / "ask.log"
    log.unlink(missing_ok=True)
    said = replace(student, words="lusab-babad-gutih").run("-N", "-o", "NumberOfPasswordPrompts=50")
    assert said.code == 255
    assert len(log.read_text().splitlines()) <= 3


METHODS = ["publickey", "keyboard-interactive", "hostbased", "gssapi-with-mic", "none"]


@pytest.mark.parametrize("method", METHODS)
def test_words_are_the_only_way_in(student, method):
    assert b"Permission denied (password)" in (
        student.run("-N", "-o", f"PreferredAuthentications={method}").complaint
    )
    assert student.through("student1:25").output.startswith(b"220 ")


def test_root_of_a_machine_gains_nothing_by_a_key_of_the_own(room, student, tmp_path):
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    public = key.with_name("key.pub").read_text().strip()
    file = "/root/.ssh/authorized_keys"
    room.root(11, f"cp {file} /tmp/before; echo '{public}' >> {file}; mkdir -p /etc/labs.mail")
    try:
        assert room.root(11, "hostname", key).strip() == "student1"
        for machine in (12, GATE, 2):
            assert "Permission denied" in room.root(machine, "hostname", key), machine
        for account in ("student1", "student2", "root"):
            said = replace(student, account=account).run(
                "-N", "-i", str(key), "-o", "PreferredAuthentications=publickey"
            )
            assert b"Permission denied" in said.complaint, account
    finally:
        room.root(11, f"cp /tmp/before {file}")


PORTS_OF_THE_GATE = [
    "{gate} 22",
    "{teacher} {port}",
    "127.0.0.1 {port}",
    "{other} 22",
    "{bridge} 22",
]


@pytest.mark.parametrize("where", PORTS_OF_THE_GATE)
def test_root_of_a_machine_reaches_no_sshd(room, where):
    container = room.containers()[f"{room.name}-gate"]
    bridge = container.attrs["NetworkSettings"]["Networks"]["bridge"]["IPAddress"]
    places = {"gate": room.host(GATE), "teacher": room.host(1), "other": room.host(12)}
    target = where.format(port=room.port, bridge=bridge, **places)
    script = "timeout 5 bash -c 'exec 3<>/dev/tcp/{}; head -c 4 <&3'"
    assert "SSH-" not in room.root(11, script.format(target.replace(" ", "/")))
    assert "220" in room.root(11, script.format(f"{room.host(12)}/25"))
    assert greeting_of(22, address=room.host(GATE)).startswith(b"SSH-")


@pytest.mark.parametrize("number", [2, 11, 12])
def test_were_there_no_wall_the_gate_would_not_let_a_machine_in(room, number):
    asked = f"sshd -T -C user=student2,host=x,addr={room.host(number)}"
    assert "denyusers *" in room.root(GATE, asked).splitlines()
    allowed = f"sshd -T -C user=student2,host=x,addr={room.host(1)}"
    assert "denyusers" not in room.root(GATE, allowed)


def test_another_machine_in_the_own_ones_place_is_not_taken_for_it(room, student):
    """Also not one that has taken its address: what it has not got is the key."""
    keys = "/etc/ssh/ssh_host_ed25519_key"
    room.root(11, f"cp -p {keys} /root/kept; cp -p {keys}.pub /root/kept.pub")
    container = room.containers()[f"{room.name}-student1"]
    try:
        room.root(
            11,
            f"rm {keys}*; ssh-keygen -q -t ed25519 -N '' -f {keys}; systemctl restart ssh",
        )
        with student.terminal() as terminal:
            terminal.find("student1 does not answer")
            assert b"root@student1:" not in terminal.seen
    finally:
        again = f"mv /root/kept {keys}; mv /root/kept.pub {keys}.pub; systemctl restart ssh"
        container.exec_run(["sh", "-c", again])
    until(lambda: "up" in room.root(11, "echo up"))
    with student.terminal() as terminal:
        assert terminal.ask("hostname") == "student1"


FROM_THE_GATE = {
    "a command": "id",
    "a file": "cat /etc/shadow",
    "a forward to another machine": "-W {other}:25",
    "a forward on the machine": "-W 127.0.0.1:25",
    "files": "-s sftp",
}


@pytest.mark.parametrize("words", FROM_THE_GATE.values(), ids=FROM_THE_GATE)
def test_the_gates_key_opens_a_terminal_and_nothing_else(room, words):
    """Were the gate itself taken, the machines' keys would be good for so much alone."""
    account = "setpriv --reuid=student1 --regid=student1 --clear-groups"
    ssh = f"timeout 10 {account} ssh -F /etc/labs.mail/gate/ssh_config"
    option, _space, rest = words.partition(" ")
    filled = words.format(other=room.host(12))
    line = f"{ssh} {filled} student1" if option == "-W" else f"{ssh} -T student1 {filled}"
    said = room.root(GATE, f"{line} < /dev/null")
    assert "uid=" not in said
    assert "root:" not in said
    assert "220 " not in said


def test_the_gates_key_is_of_no_use_from_elsewhere(room):
    key = room.folder / ".keys" / "class" / "student1"
    assert "Permission denied" in room.root(11, "id", key)
    assert "Permission denied" in room.root(12, "id", key)


def test_who_opens_many_connections_keeps_nobody_out(student, other):
    with contextlib.ExitStack() as held:
        for _each in range(CONNECTIONS):
            port = free_port()
            held.enter_context(student.forwarding("-L", f"{port}:student1:25", port=port))
        assert student.run("-N").code == 255
        assert other.through("student2:25").output.startswith(b"220 ")
    until(lambda: student.through("student1:25").output.startswith(b"220 "))


def test_who_floods_the_gate_keeps_nobody_out_who_comes_from_elsewhere(room, student, other):
    held = [socket.create_connection(("127.0.0.1", room.port), SECONDS) for _each in range(60)]
    try:
        refused = 0
        for each in held:
            each.settimeout(5)
            try:
                refused += not each.recv(4).startswith(b"SSH-")
            except OSError:
                refused += 1
        assert refused >= 30
        elsewhere = replace(other, address=room.host(GATE), port=22)
        assert elsewhere.through("student2:25").output.startswith(b"220 ")
    finally:
        for each in held:
            each.close()
    until(lambda: student.through("student1:25").output.startswith(b"220 "))


def test_many_sessions_in_one_connection_are_refused(student, tmp_path):
    control = tmp_path / "control"
    first = student.start("-N", "-M", "-S", str(control))
    # Otherwise ssh(1) would go on by a connection of its own.
    shared = ["-tt", "-S", str(control), "-o", "ProxyCommand=false"]
    sessions = []
    try:
        until(control.exists)
        sessions = [student.start(*shared) for _each in range(SESSIONS + 2)]
        until(lambda: sum(each.poll() is not None for each in sessions) == 2)
        assert first.poll() is None
    finally:
        for each in (*sessions, first):
            each.kill()
            each.communicate()
