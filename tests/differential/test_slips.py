"""Slips of people in configurations that work: lint finds those that Postfix stumbles over.

A slip counts where Postfix, which gets mail by that configuration, warns or dies as it does not
without the slip; and is found where a finding is at a line that Postfix names, or at the slip.
"""

from __future__ import annotations

import itertools
import json
import random
import re

import pytest

from tests.differential.machines import HERE, Case
from tests.differential.slips import CONFIGURATIONS, slips
from tests.support.amounts import LONG
from tests.support.lint_system import DEFAULTS

COUNT = 1000 if LONG else 40
WANTED = 0.98

COMPLAINT = re.compile(r"(?:^|[ :])(?:warning|error|fatal|panic): ")
NOT_ABOUT_IT = re.compile(r"warning: header |master_sigdeath")
"""What a filter was told to say, and what master says where it has no processes to end."""

NAMED = re.compile(r"/etc/postfix/([\w.]+?)(?:\.db)?(?:,|:) line (\d+)")

PREPARE = """
touch /dev/log
cd /opt
openssl req -x509 -newkey rsa:2048 -nodes -days 99 -subj /CN=mx -keyout mx.key -out mx.pem
"""


def without_numbers(line):
    """Return what is said without what differs: the time, queue ids, syslog_name."""
    line = re.sub(r"^<\d+>\w+ +\d+ [\d:]+ (?:[^\s\[]+/)?", "", line)
    return re.sub(r"\d+", "N", re.sub(r"\b[0-9A-F]{8,}\b|\b[0-9B-Zb-z]{11,}\b", "Q", line))


def complaints(said):
    return [line for line in said if COMPLAINT.search(line) and not NOT_ABOUT_IT.search(line)]


@pytest.fixture(scope="module")
def try_out(machine, collection):
    """Have Postfix work by configurations; return what it says and what lint finds, of each."""
    machine.push({"/opt/slip_trial.py": (HERE / "slip_trial.py").read_bytes()})
    assert machine.run(["sh", "-ec", PREPARE]).code == 0
    command = ["env", f"PYTHONPATH={collection}", "unshare", "-n", "-m", "python3"]
    command += ["/opt/slip_trial.py", "{dir}"]

    def run(many_files):
        answers = machine.ask([Case(files, [command]) for files in many_files], 120, 10)
        results = [answer.results[0] for answer in answers]
        assert all(result.stdout for result in results), [r.stderr for r in results if not r.stdout]
        return [json.loads(result.stdout) for result in results]

    return run


@pytest.fixture(scope="module")
def usual(try_out):
    """What Postfix says of each configuration without a slip."""
    answers = try_out(CONFIGURATIONS.values())
    assert [found for _said, found in answers] == [[] for _base in CONFIGURATIONS]
    said = (said for said, _found in answers)
    return {
        name: {without_numbers(line) for line in lines} for name, lines in zip(CONFIGURATIONS, said)
    }


def test_lint_finds_what_postfix_stumbles_over(machine, try_out, usual, seed, capsys):
    made_up = slips(random.Random(seed), DEFAULTS[f"debian-{machine.release}"])
    some = list(itertools.islice(made_up, COUNT))
    stumbled, missed = 0, []
    for slip, (said, found) in zip(some, try_out([slip.files for slip in some])):
        new = [line for line in complaints(said) if without_numbers(line) not in usual[slip.base]]
        if not new:
            continue
        stumbled += 1
        named = {(file, int(line)) for file, line in NAMED.findall("\n".join(new))}
        right = {(slip.file, line) for line in slip.lines} | {n for n in named if n[0] == slip.file}
        places = {(path.removeprefix("/etc/postfix/"), line) for path, line, *_rest in found}
        if not right & places:
            missed.append(f"{slip}\n    {new[0]}\n    {found}")
    share = 1 - len(missed) / stumbled
    with capsys.disabled():
        print(f"\n{len(some)} slips of seed {seed} on Debian {machine.release}: Postfix stumbles")
        print(f"over {stumbled}, and lint finds {stumbled - len(missed)} of these, {share:.1%}")
        print(*missed, sep="\n")
    assert stumbled > COUNT / 2
    # Of a few, one may be missed.
    assert len(missed) <= max(1, (1 - WANTED) * stumbled), "\n".join(missed)
