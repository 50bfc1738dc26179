"""The steps of the tests as data: what each runs, in which gates, and how long it may take.

`make check` runs what takes minutes in all and needs few machines, `make test` what has to pass
before anything is merged, `make test-all` everything there is.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCENARIOS = sorted(path.parent.name for path in ROOT.glob("molecule/*/molecule.yml"))
GATES = ("check", "test", "all")

PYTEST = ["pytest", "-p", "no:cacheprovider"]
LAB = [*PYTEST, "tests/lab", "--ignore=tests/lab/thunderbird"]
SIDE_BY_SIDE = ["-n", "2", "--dist", "loadfile"]
A_FEW_RESETS = "(converging and dpkg_database_gone) or no_python"
"""By each way one: what converging mends, and what it cannot mend and recreating does."""
ONE_OF_EACH = "does_not_pass or the_solution or warn_only"
AN_EXERCISE = f"attachments and ({ONE_OF_EACH})"
"""Start, solution and one fault of an exercise whose mail comes from the world too."""
BY_HAND = "processes-course"
"""What the course types, in the exercise whose start the resets have saved an image of."""
A_LAB = "not (was_stopped or another_program_holds or grows or a_second_run_changes_nothing)"
"""A lab comes up, changes nothing the second time, leaves work alone and goes; a classroom over SSH
comes to its state. What takes another run of the playbooks is left to `make test-all`."""
ONE_SHELL = "(not (whatever_the_shell or whatever_the_umask) or gone) and not [plain]"
"""The first steps with a HOME or a TMPDIR that is gone, but not in a dozen other surroundings; and
playbooks by Mitogen alone."""
INSTALLED = "not [checkout"
"""The collection as users install it; `make check` looks at the checkout."""
NO_LIMITS = "not limits_of_numbers"
"""A thousand daemons are started by hand for these."""
NO_KILLS = "not (a_killed_run and (btree or lmdb or cdb))"
"""Tables of 100,000 rows, of which one type is enough."""
NO_TWINS = "not (each_fault and (btree or cdb)) and not postfix_stumbles_over"
"""Faults of an index by the two types that are tried with all of them, and the course's slips
without made-up ones."""
SANITY = [sys.executable, "-m", "tests.sanity"]
SEEN_BY_OTHERS = [f"--skip-test={name}" for name in ("changelog", "pep8", "yamllint")]
"""Tests of sanity that find what antsibull-changelog, ruff and ansible-lint find, which run too."""
NO_PYLINT = "--skip-test=pylint"
"""It takes longer than all other tests of sanity together."""
ANSIBLE_LINT = ["ansible-lint", "--offline", "--profile=production", "-q"]
PLAYBOOKS_THAT_RUN = [f"--exclude={directory}/" for directory in ("bench", "molecule", "tests")]
"""For each playbook ansible-lint starts Ansible to see its syntax, as the tests of these do."""
LONG = {"LONG": "1"}
SHORT = {"SHORT": "1"}

RELEASES = {
    "differential": "13",
    "filters": "12",
    "mail": "12",
    "mailboxes": "13",
    "postfix_source": "13",
    "submission": "13",
    "super_servers": "12",
    "world": "13",
}
"""The Debian release on which a step runs in the gates: each family meets one, and each release
half of them. `make test-all` has all on both, and continuous integration, whose jobs run side by
side."""

IN_ALL_ALONE = ("clamav_source", "mailboxes_back")
"""Scenarios of `make test-all` alone: builds of ten minutes, and a second walk of mailboxes."""

FEWER_STATES = {"IN_TEST_ALL": "cleanup # "}
"""What stands in a sequence before the states of `make test-all`: it makes each of them a comment
behind `cleanup`, of which no scenario has any."""

PLAIN = {"MITOGEN": "0", "MOLECULE_WHOLE": "1"}
"""Runs a scenario as an administrator does, who has ansible-core alone; nothing built is kept, and
what the releases share out among them each goes through alone."""


@dataclass
class Step:
    """Commands that run one after the other; those after one that failed run too."""

    name: str
    seconds: int
    """How long it is thought to take where no run has measured it."""
    commands: list[list[str]]
    environment: dict[str, str] = field(default_factory=dict)
    machines: bool = False
    """Whether it needs the images of machines."""


def gate(name: str) -> list[Step]:
    """Return the steps of a gate."""
    return {"check": check, "test": test, "all": everything}[name]()


def check() -> list[Step]:
    """Return the steps that run while somebody works."""
    steps = [step for step in without_machines() if step.name not in ("collection", "unit")]
    return [
        *steps,
        Step("unit", 90, [[*PYTEST, *SIDE_BY_SIDE, "tests/unit", "-m", "not slow"]], SHORT),
        # The archive as users install it is looked at before anything is merged.
        Step("collection", 60, [[*PYTEST, "tests/collection", "-k", "checkout or not installed"]]),
        on_one_release("submission"),
    ]


def test() -> list[Step]:
    """Return the steps that have to pass before a change is merged."""
    return [
        *(step for step in without_machines() if step.name != "collection"),
        Step("collection", 90, [[*PYTEST, "tests/collection", "-k", INSTALLED]]),
        Step("docs", 90, [[*PYTEST, "tests/docs"]]),
        Step("french", 30, [[*PYTEST, "tests/french"]]),
        Step("sanity", 110, [[*SANITY, *SEEN_BY_OTHERS, NO_PYLINT]]),
        Step(
            "differential",
            320,
            [[*PYTEST, "tests/differential", "-k", " and ".join([NO_LIMITS, NO_KILLS, NO_TWINS])]],
            {"MOLECULE_DEBIAN": RELEASES["differential"]},
            machines=True,
        ),
        *(on_one_release(name) for name in SCENARIOS if name not in IN_ALL_ALONE),
        Step("lab", 500, [[*LAB, "-k", A_LAB]], machines=True),
        Step(
            "course",
            600,
            [
                [
                    *PYTEST,
                    "tests/exercises",
                    "tests/reset",
                    "-k",
                    f"({AN_EXERCISE}) or {A_FEW_RESETS} or {BY_HAND}",
                ]
            ],
            {"MOLECULE_DEBIAN": "12"},
            machines=True,
        ),
    ]


def everything() -> list[Step]:
    """Return all steps, in the most thorough way that each can run."""
    whole = [
        Step("unit", 120, [[*PYTEST, *SIDE_BY_SIDE, "tests/unit"]], LONG),
        Step("launcher", 120, [[*PYTEST, "tests/launcher"]]),
        Step("collection", 180, [[*PYTEST, "tests/collection"]]),
        Step("ansible-lint", 150, [ANSIBLE_LINT]),
        Step("sanity", 400, [[*SANITY, "--whole"]]),
        Step("lab", 900, [LAB], PLAIN, True),
        Step("differential", 600, [[*PYTEST, "tests/differential"]], LONG, machines=True),
        *(scenario(name, PLAIN) for name in SCENARIOS),
        Step("exercises", 3600, [[*PYTEST, "tests/exercises"]], machines=True),
        Step("resets", 3600, [[*PYTEST, "tests/reset"]], machines=True),
        Step("engines", 1800, [[*PYTEST, "tests/engines"]], machines=True),
        Step("cluster", 3600, [[*PYTEST, "tests/cluster"]], machines=True),
        Step("escape", 3600, [[*PYTEST, "tests/escape"]], machines=True),
        Step("chain", 900, [[*PYTEST, "tests/chain"]], machines=True),
        Step("classroom", 900, [[*PYTEST, "tests/classroom"]], machines=True),
        Step("lesson", 1500, [[*PYTEST, "tests/lesson"]], machines=True),
        Step("thunderbird", 400, [[*PYTEST, "tests/lab/thunderbird"]], machines=True),
    ]
    covered = {step.name for step in whole} | {"course"}
    return [*(step for step in test() if step.name not in covered), *whole]


TYPED = ["ansible_collections.labs.mail.plugins", "launcher", "bench", "tests.support"]
"""What mypy looks at: the tests themselves are typed only in what they share."""


def without_machines() -> list[Step]:
    """Return the steps that need no machine."""
    return [
        Step(
            "lint",
            20,
            [
                ["ruff", "check", "--quiet"],
                ["ruff", "format", "--check", "--quiet"],
                ["lint-imports", "--no-logo"],
                ["mypy", *(word for package in TYPED for word in ("-p", package))],
            ],
        ),
        Step("ansible-lint", 140, [[*ANSIBLE_LINT, *PLAYBOOKS_THAT_RUN]]),
        Step("unit", 190, [[*PYTEST, *SIDE_BY_SIDE, "tests/unit"]]),
        Step("launcher", 130, [[*PYTEST, "tests/launcher", "-k", ONE_SHELL]]),
        Step("inputs", 10, [[*PYTEST, "tests/inputs"]]),
        Step("changelog", 5, [["antsibull-changelog", "lint"]]),
        Step("collection", 180, [[*PYTEST, "tests/collection"]]),
    ]


SECONDS = {
    "clamav_source": 1500,
    "filters": 500,
    "mail": 350,
    "mailboxes": 450,
    "mailboxes_back": 850,
    "postfix_source": 300,
    "submission": 150,
    "super_servers": 150,
    "world": 280,
}
"""How long each scenario is thought to take."""


def scenario(name: str, environment: dict[str, str] | None = None) -> Step:
    """Return the step that runs a scenario of molecule."""
    command = ["molecule", "test", "-s", name]
    return Step(name, SECONDS.get(name, 150), [command], environment or {}, machines=True)


ONE_MACHINE = {"MACHINES_AT_ONCE": "0"}
"""No process of pytest for each machine, where there is one: starting them takes longer than most
states' tests."""


def on_one_release(name: str) -> Step:
    """Return the step that runs a scenario as the gates do."""
    return scenario(name, {"MOLECULE_DEBIAN": RELEASES[name], **ONE_MACHINE, **FEWER_STATES})


GROUPS = {"molecule": SCENARIOS, "lint": ["lint", "ansible-lint"]}
"""Names that stand for several steps."""


def chosen(steps: list[Step], names: list[str]) -> list[Step]:
    """Return the steps named, all where none is; exits on a name that is none."""
    known = {step.name for step in steps}
    groups = {name: known.intersection(members) for name, members in GROUPS.items()}
    wanted = {step for name in names for step in groups.get(name, {name})}
    if unknown := wanted - known:
        choices = ", ".join(sorted({*GROUPS, *known}))
        sys.exit(f"There is no step {', '.join(sorted(unknown))} here: choose among {choices}.")
    return [step for step in steps if not wanted or step.name in wanted]
