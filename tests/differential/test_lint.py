"""postfix_lint_info on the real Postfix: the course's slips, what is right, and indexes."""

from __future__ import annotations

import json
import re

import pytest

from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.restrictions import (
    RESTRICTIONS,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.lint.services import (
    PROGRAMS,
    READERS,
)
from tests.differential.machines import Case
from tests.support.course import RIGHT, SLIPS
from tests.support.stock import STOCK_MASTER

MODULE = "ansible_collections.labs.mail.plugins.modules.postfix_lint_info"
USUAL = ("/usr/bin/procmail", "/usr/bin/spamc", "/usr/local/bin/fluxrss.sh")
INSTALLED = ["pcre without its package"]
"""Slips that are none on a machine that has what the others lack."""

PREPARE = {
    "missing": "rm -f {path}.db",
    "contents": "postmap hash:{path}",  # for a table of aliases, which is postalias's
}
LATER = [name for name, case in SLIPS.items() if "index" in case or "without" in case]
TOGETHER = {name: case for name, case in SLIPS.items() if name not in [*LATER, *INSTALLED]}


@pytest.fixture(scope="module")
def usual(machine):
    """Bring the machine to what is usual in the course; returns how to do so again."""
    lines = [f"touch {path}" for path in USUAL]
    lines += ["id clamav || useradd clamav", "postalias hash:/etc/aliases"]

    def bring():
        assert machine.run(["sh", "-ec", "\n".join(lines)]).code == 0

    bring()
    return bring


class Trial:
    """A configuration in a folder whose name is as long as /etc/postfix, so that columns stay."""

    def __init__(self, number, case, release):
        self.folder = f"/lint/{number:06d}"
        services = STOCK_MASTER[f"debian-{release}/master.cf.dist"].decode()
        services = services.replace("\nsmtp      inet", "\n#smtp      inet")
        texts = {
            "/etc/postfix/main.cf": case.get("main.cf", ""),
            "/etc/postfix/master.cf": case.get("master.cf", "") + "\n" + services,
            **case.get("files", {}),
        }
        self.prepare = self.moved(case.get("prepare", ""))
        self.files = {self.moved(path): self.moved(text) for path, text in texts.items()}

    def moved(self, text):
        return text.replace("/etc/postfix/", self.folder + "/")

    def read(self, stdout):
        """Return path:line:column and the severity of each finding, and what it says."""
        result = json.loads(stdout.decode().replace(self.folder + "/", "/etc/postfix/"))
        assert not result.get("failed") and not result["changed"], result
        found = []
        for finding in result["findings"]:
            path = finding["path"].removeprefix("/etc/postfix/")
            place = f"{path}:{finding['line']}:{finding['column']}"
            found.append((place, finding["severity"], finding["message"], finding["instead"]))
        return found

    def case(self, collection):
        """Return what makes the indexes of the tables and then runs the module."""
        main = self.files[self.folder + "/main.cf"]
        tables = [path for path in self.files if f"hash:{path}" in main]
        script = "\n".join([*(f"postmap hash:{path}" for path in tables), self.prepare])
        arguments = json.dumps({"ANSIBLE_MODULE_ARGS": {"config_directory": self.folder}})
        module = ["env", f"PYTHONPATH={collection}", "python3", "-m", MODULE, "arguments.json"]
        commands = [["sh", "-ec", script], module]
        return Case({"arguments.json": arguments.encode()}, commands)


@pytest.fixture(scope="module")
def look(machine, collection, usual):
    """Run the module for each case; returns what it found."""
    count = iter(range(1_000_000))

    def look(cases):
        trials = [Trial(next(count), case, machine.release) for case in cases]
        machine.push({path: text.encode() for t in trials for path, text in t.files.items()})
        found = []
        for trial, answer in zip(trials, machine.ask([t.case(collection) for t in trials])):
            made, ran = answer.results
            assert made.code == 0, made.stderr.decode()
            assert ran.stdout, ran.stderr.decode()
            found.append(trial.read(ran.stdout))
        return found

    return look


def check(found, case):
    wanted = case.get("finds", [])
    assert [f[:2] for f in found] == [(w["at"], w["severity"]) for w in wanted], found
    for (_place, _severity, message, instead), want in zip(found, wanted):
        assert want["message"] in message
        assert want["instead"] == instead


@pytest.mark.parametrize("cases", [TOGETHER, RIGHT], ids=["slips", "right"])
def test_the_course(look, cases):
    for name, case, found in zip(cases, cases.values(), look(cases.values())):
        try:
            check(found, case)
        except AssertionError as error:
            raise AssertionError(f"{name}: {error}") from error


@pytest.mark.parametrize("name", LATER)
def test_the_course_on_a_machine_that_lacks_something(usual, look, name):
    case = SLIPS[name]
    lines = [PREPARE[reason].format(path=path) for path, reason in case.get("index", {}).items()]
    for lacking in case.get("without", ()):
        lines.append(f"rm -f {lacking}" if lacking.startswith("/") else f"userdel {lacking}")
    try:
        [found] = look([{**case, "prepare": "\n".join(lines)}])
        check(found, case)
    finally:
        usual()


T = "/etc/postfix/t"
INDEXES = {
    "nothing": "",
    "was changed after its index": f"touch -d +1hour {T}",
    "something else than its index": f"echo 'c.test smtp:' >> {T}; touch -d -1hour {T}",
    "an index of another type": f"cp {T} {T}u; postmap btree:{T}u; mv {T}u.db {T}.db",
    "that cannot be read": f"truncate -s 20 {T}.db",
    "cannot be read": f"echo nothing > {T}.db",
    "another mode": f"chmod 600 {T}",
    "another owner": f"chown nobody {T}",
}
"""What is said of an index, and how it came to be so."""


def test_indexes(look):
    table = {"files": {T: "a.test smtp:\nb.test smtp:\n"}}
    main = f"transport_maps = hash:{T}\n"
    cases = [{**table, "main.cf": main, "prepare": prepare} for prepare in INDEXES.values()]
    right, *others = look(cases)
    assert right == []
    for words, found in zip(list(INDEXES)[1:], others):
        [(place, _severity, message, _instead)] = found
        assert place == "main.cf:1:18"
        assert words in message


def test_what_postfix_alone_knows(look):
    cases = [
        {"main.cf": "\ninet_protocols = ipv5\n"},
        {"main.cf": "\ndefault_process_limit = 0\n"},
        {
            "main.cf": "header_checks = regexp:/etc/postfix/h\n",
            "files": {"/etc/postfix/h": "/fine/ DUNNO\n/(/ DUNNO\n"},
        },
        {
            "main.cf": "smtpd_client_restrictions = check_client_access cidr:/etc/postfix/c\n",
            "files": {"/etc/postfix/c": "10.0.0.0/8 OK\n10.0.0.1/8 OK\n"},
        },
    ]
    places = [[finding[0] for finding in found] for found in look(cases)]
    assert places == [["main.cf:2:18"], ["main.cf:2:25"], ["h:2:None"], ["c:2:None"]]


def test_what_debian_installs(machine, collection, usual):
    """The stock configuration, in the folder and with the aliases that the package makes."""
    command = ["env", f"PYTHONPATH={collection}", "python3", "-m", MODULE]
    result = machine.run(command, b'{"ANSIBLE_MODULE_ARGS": {}}')
    assert json.loads(result.stdout)["findings"] == []


IN_PROGRAMS = r"""
import json, os, re, sys
names, folder = json.load(sys.stdin), "/usr/lib/postfix/sbin/"
found = {}
for program in os.listdir(folder):
    with open(folder + program, "rb") as file:
        words = set(re.findall(rb"(?<=\0)[a-z0-9_]+(?=\0)", file.read()))
    found[program] = sorted(words & {name.encode() for name in names})
print(json.dumps({program: [w.decode() for w in words] for program, words in found.items()}))
"""


def test_which_programs_read_what(machine):
    """The names of the parameters that a program reads stand in it."""
    names = machine.run(["postconf", "-dH"]).stdout.decode().split()
    looked_at = [name for name in names if any(re.fullmatch(r, name) for r in READERS)]
    assert len(looked_at) > 300
    command = ["python3", "-c", IN_PROGRAMS]
    found = json.loads(machine.run(command, json.dumps(looked_at).encode()).stdout)
    assert found["smtpd"]
    for names, programs in READERS.items():
        for program in PROGRAMS & found.keys():
            read = [name for name in found[program] if re.fullmatch(names, name)]
            assert program in programs or not read, (program, read)


def test_the_restrictions_are_those_of_smtpd(machine):
    with_code = b"".join(
        machine.run(["cat", path]).stdout
        for path in ("/usr/lib/postfix/sbin/smtpd", "/usr/lib/postfix/libpostfix-global.so")
    )
    missing = [name for name in RESTRICTIONS if name.encode() + b"\0" not in with_code]
    assert missing == []
