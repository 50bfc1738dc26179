"""What the tests of every scenario share."""

import configparser
import contextlib
import functools
import imaplib
import os
import poplib
import re
import smtplib
import socket
import subprocess
import tempfile
import uuid
from pathlib import Path

import pytest
import yaml
from xdist.scheduler import LoadScopeScheduling

from tests.support.waiting import DEADLINE_SECONDS, until

WRONG = (AssertionError, ValueError, pytest.fail.Exception)
"""What a test raises that finds a fault, and not one that could not look."""


def pytest_configure(config):
    """Have the marks of these tests known, and all commands on a machine share a connection."""
    config.addinivalue_line("markers", "transport: depends on who takes the connections")
    directory = tempfile.TemporaryDirectory(prefix="verify-")
    config.add_cleanup(directory.cleanup)
    config.add_cleanup(lambda: leave_the_machines(Path(directory.name)))
    os.environ["ANSIBLE_CONFIG"] = str(with_connections_in(Path(directory.name)))


def with_connections_in(directory):
    """Write the configuration from which testinfra takes ssh's options, and return its path.

    Without the path of a socket OpenSSH logs in for every command: 0.2 s, 0.07 of the processor.
    """
    options = configparser.RawConfigParser()
    options.read(os.environ.get("ANSIBLE_CONFIG", ""))
    # Ansible itself and testinfra look for the directory at different places.
    for section in ("ssh_connection", "persistent_connection"):
        options.read_dict({section: {"control_path_dir": str(directory)}})
    options.set("ssh_connection", "control_path", "%(directory)s/%%C")
    path = directory / "ansible.cfg"
    with path.open("w") as file:
        options.write(file)
    return path


def leave_the_machines(directory):
    """End the connections: those of the next state may be to machines made anew."""
    for path in directory.iterdir():
        if path.is_socket():
            leave = ["ssh", "-o", f"ControlPath={path}", "-O", "exit", "machine"]
            subprocess.run(leave, capture_output=True, check=False)


class ByMachine(LoadScopeScheduling):
    """Hands all tests of one machine to one process, which runs them in their order.

    xdist's own way, --dist=loadgroup, has no effect with this release of pytest.
    """

    def _split_scope(self, nodeid):
        # Where parameters stand first, the machine is not the first word in the brackets.
        machine = re.search(r"ansible://(\w+)", nodeid)
        return machine[1] if machine else "no machine"


def pytest_xdist_make_scheduler(config, log):
    """Test machines side by side."""
    return ByMachine(config, log)


def pytest_collection_modifyitems(items):
    """Choose the tests of a state."""
    release = os.environ.get("MOLECULE_DEBIAN", "")
    items[:] = [item for item in items if release in machine_of(item, release)]
    kept = (is_of_the_dialogues, is_predicted, is_of_this_gate)
    items[:] = [item for item in items if all(is_kept(item) for is_kept in kept)]
    keep_those_of_a_fault(items)


def machine_of(item, otherwise):
    """The machine that a test looks at, or the word given where it looks at none."""
    host = item.callspec.params.get("_testinfra_host") if hasattr(item, "callspec") else None
    return host.backend.get_hostname() if host else otherwise


def variables_of_the_state(item):
    """The variables of the state that a test is one of."""
    return variables_of(item.path.parent / "vars.yml")


@functools.cache
def variables_of(file):
    """The variables in a file, none where there is no such file."""
    return yaml.safe_load(file.read_text()) if file.exists() else {}


def is_of_the_dialogues(item):
    """Tell whether a dialogue with a mailbox server is one of those that its state has."""
    if item.path.name != "test_mailbox_dialogues.py":
        return True
    variables = variables_of_the_state(item)
    mark = variables.get("dialogues")
    if not os.environ.get("MOLECULE_WHOLE"):
        mark = variables.get("dialogues_unless_whole", mark)
    return mark is None or item.get_closest_marker(mark) is not None


def is_predicted(item):
    """Tell whether there is a prediction for a test of check mode or of a second run."""
    if item.path.name not in ("test_check_mode.py", "test_second_run.py"):
        return True
    predicted = variables_of_the_state(item).get("predicted", True)
    return predicted or bool(os.environ.get("MOLECULE_WHOLE"))


def is_of_this_gate(item):
    """Tell whether a test is one of those that `make test` has of a state; `make test-all` has all.

    Of a file that the state's variables name in tests_unless_whole it has the tests named there.
    """
    named = variables_of_the_state(item).get("tests_unless_whole", {}).get(item.path.name)
    return named is None or item.originalname in named or bool(os.environ.get("MOLECULE_WHOLE"))


def keep_those_of_a_fault(items):
    """Where a state is broken on purpose, keep the tests that its variables name.

    Those of fault.caught_by have to fail; those of fault.passed_by tell that the rest is sound.
    """
    kept = []
    for item in items:
        fault = variables_of_the_state(item).get("fault")
        if not fault or is_named(item, fault["passed_by"]):
            kept.append(item)
        elif is_named(item, fault["caught_by"]):
            # Strict: a test that passes here sees nothing, and fails the run.
            item.add_marker(
                pytest.mark.xfail(strict=True, raises=WRONG, reason="broken on purpose")
            )
            kept.append(item)
    items[:] = kept


def is_named(item, tests):
    """Tell whether a test is one of a mapping of names to parameters."""
    parameters = tests.get(item.originalname)
    return parameters is not None and parameters.items() <= item.callspec.params.items()


@pytest.fixture
def variables(host):
    """The inventory's variables of the machine under test."""
    return host.ansible.get_variables()


@pytest.fixture
def address(variables):
    """The address at which anybody outside the machine reaches it."""
    return variables["ansible_host"]


@pytest.fixture
def word():
    """A word that no other message bears."""
    return uuid.uuid4().hex


@pytest.fixture
def smtp(address):
    """Open SMTP sessions with the machine, from outside it."""
    return lambda port=25: smtplib.SMTP(address, port, "pv", timeout=DEADLINE_SECONDS)


@pytest.fixture
def send(smtp):
    """Send a message to the machine; returns its queue id. Raises what smtplib raises."""

    def send(sender, recipient, text, port=25):
        with smtp(port) as server:
            server.helo("pv")
            for code, reply in (server.mail(sender), server.rcpt(recipient)):
                if code != 250:
                    raise smtplib.SMTPResponseException(code, reply)
            code, reply = server.data(text)
            assert code == 250, reply
            return reply.decode().split()[-1]

    return send


@pytest.fixture
def mail_log(host):
    """Wait until the mail log has a line with all of these words, and return it."""

    def line_with(*words):
        def look():
            lines = host.file("/var/log/mail.log").content_string.splitlines()
            return [line for line in lines if all(word in line for word in words)]

        return until(look)[0]

    return line_with


@pytest.fixture
def file_with(host):
    """Wait until a file holds a word, and return all of it."""

    def file_with(path, word):
        def look():
            file = host.file(path)
            return file.content_string if file.exists else ""

        return until(look, lambda text: word in text)

    return file_with


@pytest.fixture
def pop3(address):
    """Log in by POP3; raises poplib.error_proto where that is refused."""

    def pop3(user, password, port=110):
        server = poplib.POP3(address, port, timeout=DEADLINE_SECONDS)
        try:
            server.user(user)
            server.pass_(password)
        except poplib.error_proto:
            server.close()
            raise
        return server

    return pop3


@pytest.fixture
def imap(address):
    """Log in by IMAP; raises imaplib.IMAP4.error where that is refused."""

    def imap(user, password, port=143):
        server = imaplib.IMAP4(address, port, timeout=DEADLINE_SECONDS)
        server.login(user, password)
        return server

    return imap


@pytest.fixture
def connect(address):
    """Open a TCP connection to the machine, from outside it; all are closed after the test."""
    with contextlib.ExitStack() as connections:

        def connect(port):
            connection = socket.create_connection((address, port), timeout=DEADLINE_SECONDS)
            return connections.enter_context(connection)

        yield connect
