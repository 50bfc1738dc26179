"""What we read in main.cf and master.cf, against what postconf reads."""

from __future__ import annotations

from random import Random

import pytest

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._postfix.lines import decode, encode
from ansible_collections.labs.mail.plugins.module_utils._postfix.main_cf import parser as main
from ansible_collections.labs.mail.plugins.module_utils._postfix.master_cf import parser as master
from tests.differential.machines import Case
from tests.differential.made_up import main_cf, master_cf
from tests.support.amounts import many
from tests.support.stock import STOCK_MAIN, STOCK_MASTER

NOT_AS_GIVEN = {
    "compatibility_level",
    "config_directory",
    "data_directory",
    "inet_interfaces",
    "inet_protocols",
    "mydomain",
    "mynetworks_style",
    "process_id",
    "process_name",
    "service_name",
}
"""Parameters that postconf sets itself, or dies of when it is to take an odd value from them."""

BLANKS = b" \t\r\n"


@pytest.fixture(scope="module")
def names(machine):
    listing = machine.run(["postconf", "-d"]).stdout.decode()
    found = {line.partition(" =")[0] for line in listing.splitlines()} - NOT_AS_GIVEN
    return sorted(found)


def settings(stdout):
    """What postconf -n printed, by name, but for the folder that -c names."""
    lines = (line.partition(b" =") for line in stdout.split(b"\n") if line)
    found = {name.decode(): value.strip(BLANKS) for name, _equals, value in lines}
    found.pop("config_directory", None)
    return found


def folded(value):
    """A value as postconf prints it."""
    for blank in (b"\t", b"\r", b"\n"):
        value = value.replace(blank, b" ")
    return b" ".join(word for word in value.split(b" ") if word)


def same_reading(data, result):
    """Compare what we read in a main.cf with the outcome of postconf -n."""
    try:
        entries = main.parse(data)[1]
    except ConfigError as error:
        assert result.code != 0, (data, str(error))
        return
    assert result.code == 0, (data, result.stderr)
    ours = {entry.name: folded(entry.value) for entry in entries}
    assert settings(result.stdout) == ours, data


def test_made_up_main_cf(machine, seed, names):
    random = Random(seed)
    files = [main_cf(random, random.sample(names, 5)) for _number in range(many(600))]
    # Postfix knows the parameters of a transport by its service in master.cf.
    master_file = STOCK_MASTER[f"debian-{machine.release}/master.cf.dist"]
    cases = [
        Case({"main.cf": data, "master.cf": master_file}, [["postconf", "-c", "{dir}", "-n"]])
        for data in files
    ]
    for data, answer in zip(files, machine.ask(cases)):
        same_reading(data, answer.results[0])


@pytest.mark.parametrize("name", STOCK_MAIN)
def test_stock_main_cf(machine, name):
    data = STOCK_MAIN[name]
    command = ["postconf", "-c", "{dir}", "-n"]
    [answer] = machine.ask([Case({"main.cf": data}, [command])])
    assert answer.results[0].code == 0
    theirs = settings(answer.results[0].stdout)
    ours = {entry.name: folded(entry.value) for entry in main.parse(data)[1]}
    # Of another release's parameters, postconf knows some not at all.
    assert theirs.items() <= ours.items()
    assert len(theirs) >= 0.7 * len(ours)


def printed(entry):
    """An entry as postconf -F prints its fields, and postconf -P its parameters."""
    columns = zip(
        ("service", "type", "private", "unprivileged", "chroot", "wakeup", "process_limit"),
        (entry.name, entry.type, *entry.values().values()),
    )
    fields = [f"{entry.key}/{name} = {value}" for name, value in columns]
    words = [
        (option.tokens[0].start, "-o " + braced(f"{option.name}={option.value}"))
        for option in entry.options
    ]
    words += [(token.start, decode(token.meaning)) for token in entry.flags]
    for number, token in enumerate(entry.operands):
        word = decode(token.meaning)
        # postconf forgets the braces of the first word that is no option.
        words.append((token.start, braced(word) if number else word))
    command = [entry.values()["command"], *(word for _start, word in sorted(words))]
    fields.append(f"{entry.key}/command = {' '.join(command)}")
    parameters = {f"{entry.key}/{name}": value for name, value in entry.option_values().items()}
    return [encode(field) for field in fields], parameters


def braced(word):
    return f"{{{word}}}" if any(char in " \t\r\n" for char in word) else word


def same_master(data, fields, parameters):
    """Compare what we read in a master.cf with what postconf -F and -P printed."""
    entries = master.parse(data)[1]
    assert fields.code == 0, (data, fields.stderr)
    ours = [printed(entry) for entry in entries]
    expected = [line for lines, _parameters in ours for line in lines]
    assert fields.stdout.split(b"\n")[:-1] == expected, data
    # master reads the last of two entries of a service; postconf -P pools their parameters.
    pooled = {name: value for _lines, options in ours for name, value in options.items()}
    theirs = {}
    for line in parameters.stdout.split(b"\n")[:-1]:
        name, _equals, value = line.partition(b" =")
        theirs[name.decode()] = decode(value.strip(BLANKS))
    assert theirs == pooled, data


COMMANDS = [["postconf", "-c", "{dir}", "-F"], ["postconf", "-c", "{dir}", "-P"]]


def test_made_up_master_cf(machine, seed):
    random = Random(seed)
    files = [master_cf(random) for _number in range(many(400))]
    cases = [Case({"main.cf": b"", "master.cf": data}, COMMANDS) for data in files]
    for data, answer in zip(files, machine.ask(cases)):
        same_master(data, *answer.results)


@pytest.mark.parametrize("name", STOCK_MASTER)
def test_stock_master_cf(machine, name):
    data = STOCK_MASTER[name]
    [answer] = machine.ask([Case({"main.cf": b"", "master.cf": data}, COMMANDS)])
    same_master(data, *answer.results)
