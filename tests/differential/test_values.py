"""What we say of values, against the programs that read them."""

from __future__ import annotations

import json
import re

from ansible_collections.labs.mail.plugins.module_utils._postfix.limits import (
    AT_LEAST_ONE,
    BETWEEN,
    LONGEST_INT,
    limits,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameter_names import (
    read_defaults,
)
from ansible_collections.labs.mail.plugins.module_utils._postfix.parameters import (
    SHAPES,
    ParameterTypes,
)
from tests.differential.machines import HERE, Case

SMTPD = "/usr/lib/postfix/sbin/smtpd"

WORDS = ("yes", "no", "YES", "perhaps", "", "ten", "1 0", "5q", "5 m")
NUMBERS = ("10", "010", "+5", "0x10", "10s", "2m", "10sx", "10S", "99999999999999999999")
VALUES = (*WORDS, *NUMBERS)

ALONE = b"""
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
local_recipient_maps =
smtpd_recipient_restrictions = reject
"""
"""What smtpd needs to run by hand: not to ask a service that does not run."""

LEFT_OUT = {
    "smtpd_tls_session_cache_timeout",  # it is tlsmgr that reads it
}

READ_LATER = {
    "socketmap_max_reply_size",  # by the first program that asks such a table
    "tls_daemon_random_bytes",  # by the first that needs TLS
}


def by_hand(main_cf, *arguments):
    return Case(
        {"main.cf": ALONE + main_cf}, [["env", "MAIL_CONFIG={dir}", SMTPD, "-S", *arguments]]
    )


def test_the_types_of_values(machine):
    """smtpd by hand dies of each value of its own parameters that we refuse, and of no other."""
    meaning = ParameterTypes(read_defaults(machine.run(["postconf", "-dx"]).stdout.decode()))
    names = [
        name
        for name in meaning.defaults
        if re.match(r"smtpd_(?!client_.*_limit)", name)
        and meaning.kind(name) in SHAPES
        and name not in LEFT_OUT
    ]
    assert {meaning.kind(name) for name in names} == set(SHAPES)
    some = [(name, value) for at, name in enumerate(names) for value in VALUES[at % 3 :: 3]]
    cases = [by_hand(f"{name} = {value}\n".encode()) for name, value in some]
    wrong = {}
    for (name, value), answer in zip(some, machine.ask(cases, at_once=48)):
        taken = answer.results[0].code == 0
        if taken != (meaning.wrong_type(name, value) is None):
            wrong[name, value] = "taken" if taken else "refused"
    assert wrong == {}


def refused(machine, values):
    """Return the names of those whose values a program of Postfix refuses."""
    machine.push({"/opt/limit_trial.py": (HERE / "limit_trial.py").read_bytes()})
    command = ["unshare", "-m", "python3", "/opt/limit_trial.py"]
    result = machine.run(command, json.dumps(values).encode())
    assert result.code == 0, result.stderr.decode()
    return set(json.loads(result.stdout))


def test_the_limits_of_numbers(machine):
    """A program dies of a number beyond a limit, and takes the one at the limit."""
    meaning = ParameterTypes(read_defaults(machine.run(["postconf", "-dx"]).stdout.decode()))
    names = [
        name
        for name in meaning.defaults
        if name in (AT_LEAST_ONE | BETWEEN.keys()) - READ_LATER
        and meaning.kind(name) in ("number", "time")
    ]
    assert len(names) > 120
    unit = {name: "s" if meaning.kind(name) == "time" else "" for name in names}
    least = {name: limits(name)[0] for name in names if limits(name)[0] > 0}
    most = {name: limits(name)[1] for name in names if limits(name)[1] < LONGEST_INT}
    assert least and most
    for within, beyond in (
        (least, {name: number - 1 for name, number in least.items()}),
        (most, {name: number + 1 for name, number in most.items()}),
    ):
        for numbers, dies in ((within, set()), (beyond, set(beyond))):
            values = [(name, f"{number}{unit[name]}") for name, number in numbers.items()]
            assert refused(machine, values) == dies
            assert {n for n, value in values if meaning.wrong_type(n, value)} == dies


def test_a_joined_option_is_read_whole(machine):
    """postconf cuts -oname=value at the next o; the daemons, and we, do not."""
    [answer] = machine.ask([by_hand(b"", "-osmtpd_banner=one word or two")])
    assert answer.results[0].stdout.startswith(b"220 one word or two\r\n")
