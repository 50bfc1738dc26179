"""Our edits of main.cf and master.cf, seen by postconf: only what was asked has changed."""

from __future__ import annotations

from random import Random

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.main_cf import editor as main_edit
from ansible_collections.labs.mail.plugins.module_utils._postfix.main_cf.request import (
    requested_value,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf import (
    editor as master_edit,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf import parser as master
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf import request as service
from tests.differential.machines import Case
from tests.differential.made_up import NETWORKS, main_cf, master_cf
from tests.support.amounts import many
from tests.support.stock import STOCK_MAIN, STOCK_MASTER

LISTS = {"mynetworks", "mydestination", "smtpd_sender_restrictions", "alias_maps"}
OTHERS = {
    "smtpd_banner",
    "myorigin",
    "relay_transport",
    "mailbox_command",
    "biff",
    "bounce_size_limit",
}
NAMES = sorted(LISTS | OTHERS)
VALUES = (None, "", "a", "a b", "a  b", "a\n  b", "a, b", True, 10, "10", "{ a b }, c", "é", "a=#b")


def value(random):
    if random.random() < 0.4:
        return random.choices(NETWORKS, k=random.randrange(5))
    return random.choice(VALUES)


def words(text, is_list):
    """What a value comes down to, in the simplest way there is."""
    for blank in ",\t\r\n" if is_list else "\t\r\n":
        text = text.replace(blank, " ")
    return text.split()


def as_text(asked):
    if isinstance(asked, list):
        return ", ".join(asked)
    return "yes" if asked is True else str(asked)


def settings(result):
    assert result.code == 0, result.stderr
    lines = (line.partition(" =") for line in result.stdout.decode("latin-1").split("\n") if line)
    found = {name: value.strip() for name, _equals, value in lines}
    found.pop("config_directory", None)
    return found


def edited_main(random, data):
    """Edit a file: what was asked, whether exclusively, and the file that came out."""
    asked = {name: value(random) for name in random.sample(NAMES, random.randrange(5))}
    exclusive = random.random() < 0.3
    wanted = {name: requested_value(name, each) for name, each in asked.items()}
    return asked, exclusive, main_edit.set_parameters(data, wanted, exclusive).data


def test_main_cf(machine, seed):
    random = Random(seed)
    files = [main_cf(random, NAMES) for _number in range(many(300))]
    files += [data for data in STOCK_MAIN.values() for _number in range(many(3))]
    runs = []
    for data in files:
        try:
            runs.append((data, *edited_main(random, data)))
        except ConfigError:
            continue  # Postfix does not take the file either: test_reading.py
    assert len(runs) > 0.9 * len(files)
    commands = [["postconf", "-n", "-c", "{dir}/" + when] for when in ("before", "after")]
    answers = machine.ask(
        [
            Case({"before/main.cf": before, "after/main.cf": after}, commands)
            for before, _asked, _exclusive, after in runs
        ]
    )
    for (data, asked, exclusive, after), answer in zip(runs, answers):
        # What is edited exclusively may have been no main.cf at all.
        found = {} if exclusive else settings(answer.results[0])
        now = settings(answer.results[1])
        said = (data, asked, exclusive, after)
        others = {name: each for name, each in now.items() if name not in asked}
        assert others == {name: each for name, each in found.items() if name not in asked}, said
        for name, each in asked.items():
            if each is None:
                assert name not in now, said
            else:
                text = as_text(each).encode().decode("latin-1")
                is_list = name in LISTS or isinstance(each, list)
                assert words(now[name], is_list) == words(text, is_list), said


SERVICES = ("smtp/inet", "127.0.0.1:2525/inet", "cleanup/unix", "q/fifo", "new/unix")
OPTIONS = ("syslog_name", "content_filter", "mynetworks", "smtpd_milters")


def asked_service(random, key):
    """A service as a playbook would ask for it."""
    if random.random() < 0.2:
        return None
    asked = {"command": random.choice(("smtpd", "pipe", "x/y"))}
    for column, values in {
        "unpriv": ("y", "n", "-", True),
        "chroot": ("y", "n", "-", False),
        "wakeup": (0, "60", "300?", "-"),
        "maxproc": (0, 1, "-"),
    }.items():
        if random.random() < 0.3:
            asked[column] = random.choice(values)
    names = random.sample(OPTIONS, random.randrange(4))
    asked["options"] = {name: random.choice((None, "x", "a b", "", "{x} {y}")) for name in names}
    asked["options_mode"] = random.choice(("merge", "exact"))
    if random.random() < 0.3:
        asked["args"] = random.choice((["user=nobody", "argv=/bin/true a"], [], ["-v", "x  y"]))
    return asked


FIELDS = {
    "private": "private",
    "unpriv": "unprivileged",
    "chroot": "chroot",
    "wakeup": "wakeup",
    "maxproc": "process_limit",
}
"""Columns of ours by postconf's names of them."""

DEFAULTS = {"private": "y", "unpriv": "y", "wakeup": "0"}


def meaning(column, value):
    text = {True: "y", False: "n"}[value] if isinstance(value, bool) else str(value)
    return DEFAULTS.get(column, "-") if text == "-" else text


def fields(result):
    """What postconf -F or -P printed, by service and name; the last entry of a service counts."""
    assert result.code == 0, result.stderr
    found = {}
    for line in result.stdout.decode("latin-1").split("\n")[:-1]:
        name, _equals, value = line.partition(" =")
        service, _slash, name = name.rpartition("/")
        found.setdefault(service, {})[name] = value.strip()
    return found


COMMANDS = [
    ["postconf", what, "-c", "{dir}/" + when]
    for when in ("before", "after")
    for what in ("-F", "-P")
]


def without_duplicates(data):
    """Tell whether no service stands twice: postconf -P pools the options of those that do."""
    keys = [entry.key for entry in master.parse(data)[1]]
    return len(keys) == len(set(keys))


def edited_master(random, files):
    """Edit files: of each the file, what was asked of its services, and the file that came out."""
    runs = []
    for data in files:
        asked = {key: asked_service(random, key) for key in random.sample(SERVICES, 2)}
        wanted = [service.requested_service(key, each) for key, each in asked.items()]
        try:
            runs.append((data, asked, master_edit.set_services(data, wanted).data))
        except ConfigError:
            continue  # refused, for what postconf takes and master does not: test_master.py
    return runs


def test_master_cf(machine, seed):
    random = Random(seed)
    made_up = [master_cf(random) for _number in range(many(400))]
    files = [data for data in made_up if without_duplicates(data)]
    files += [data for data in STOCK_MASTER.values() for _number in range(many(3))]
    runs = edited_master(random, files)
    assert len(runs) > 0.5 * len(files)
    cases = [
        Case(
            {"before/main.cf": b"", "before/master.cf": before}
            | {"after/main.cf": b"", "after/master.cf": after},
            COMMANDS,
        )
        for before, _asked, after in runs
    ]
    for (data, asked, after), answer in zip(runs, machine.ask(cases)):
        was, options_were, now, options = map(fields, answer.results)
        said = (data, asked, after)
        for key in (set(was) | set(now)) - set(asked):
            assert now.get(key) == was.get(key), (key, said)
            assert options.get(key) == options_were.get(key), (key, said)
        for key, each in asked.items():
            if each is None:
                assert key not in now, (key, said)
                continue
            assert_columns(each, was.get(key), now[key], said)
            expected = {} if each["options_mode"] == "exact" else dict(options_were.get(key, {}))
            expected.update(each["options"])
            expected = {name: text for name, text in expected.items() if text is not None}
            assert options.get(key, {}) == expected, (key, said)


def assert_columns(asked, was, now, said):
    """See that the columns of a service are those asked for, and else what they were."""
    assert now["command"].split()[0] == asked["command"], said
    for column, field in FIELDS.items():
        if column in asked or was:
            expected = asked[column] if column in asked else was[field]
            assert meaning(column, now[field]) == meaning(column, expected), (column, said)
