"""Another configuration is explained with what it holds: main.cf, tables and aliases of its own."""

from __future__ import annotations

import json
import shlex

import pytest

from tests.differential.machines import PYTHONPATH

SAVE = "mkdir /opt/before; cp -a /etc/postfix $(ls -d /etc/aliases* 2>&-) /opt/before"
RESTORE = """
rm -rf /etc/postfix /etc/aliases* /var/lib/labs.mail /root/kept
cp -a /opt/before/* /etc
rm -rf /opt/before
"""

PREPARE = """
cp /usr/share/postfix/master.cf.dist /etc/postfix/master.cf
cp /etc/postfix/master.cf /opt/other-master.cf
sed -i 's/^smtp  *inet.*/2525 inet n - n - - smtpd/' /opt/other-master.cf
cat > /etc/postfix/main.cf <<'END'
compatibility_level = 3.6
myhostname = mail.own.test
mydestination = own.test, mail.own.test
mynetworks = 127.0.0.0/8
virtual_alias_maps = hash:/etc/postfix/virtual
alias_maps = hash:/etc/aliases
alias_database = hash:/etc/aliases
END
echo 'info@own.test root' > /etc/postfix/virtual
echo 'team: root' > /etc/aliases
postmap /etc/postfix/virtual
postalias /etc/aliases
mkdir -p -m 700 /root/kept /var/lib/labs.mail/stages/start
cp -a /etc/postfix /root/kept/postfix
cp -a /etc/aliases* /root/kept
cp -a /root/kept /var/lib/labs.mail/stages/start/etc
grep -v virtual /etc/postfix/main.cf > /opt/other-main.cf
echo 'info@own.test nobody@far.test' > /etc/postfix/virtual
echo 'team: /var/tmp/team' > /etc/aliases
postmap /etc/postfix/virtual
postalias /etc/aliases
touch -d '1 hour ago' /etc/postfix/* /etc/aliases* /opt/other-*
"""

ASK = """
import json, sys
from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._explain.compare import first_difference
from ansible_collections.labs.mail.plugins.module_utils._explain.configuration import Configuration
from ansible_collections.labs.mail.plugins.module_utils._explain.follow import explain
from ansible_collections.labs.mail.plugins.module_utils._explain.other import explain_other
from ansible_collections.labs.mail.plugins.module_utils._explain.question import question

configuration, answers = Configuration("/etc/postfix"), []
for recipient, other in json.loads(sys.argv[1]):
    asked = question("root@own.test", [recipient])
    try:
        there = explain_other(configuration, asked, other)
    except ConfigError as error:
        answers.append(str(error))
        continue
    difference = first_difference(explain(configuration, asked), there)
    answers.append(difference and difference.as_data())
print(json.dumps(answers))
"""

CASES = {
    # (recipient, other): (what becomes of it there, the file that decides it there)
    ("info@own.test", "start"): ("mailbox", "/var/lib/labs.mail/stages/start/etc/postfix/virtual"),
    ("info@own.test", "/root/kept"): ("mailbox", "/root/kept/postfix/virtual"),
    ("info@own.test", "/root/kept/postfix"): ("mailbox", "/root/kept/postfix/virtual"),
    ("team@own.test", "/root/kept"): ("mailbox", "/root/kept/aliases"),
    # It holds no aliases, so that those of the machine count.
    ("team@own.test", "/root/kept/postfix"): None,
    ("root@own.test", "start"): None,
    ("info@own.test", "/opt/other-main.cf"): ("refused", None),
    ("root@own.test", "/opt/other-main.cf"): None,
    ("root@own.test", "/opt/other-master.cf"): ("refused", None),
}


@pytest.fixture(scope="module")
def answers(machine, collection):
    machine.push({"/opt/other.py": ASK.encode()})
    asked = [*CASES, ("root@own.test", "solution")]
    command = ["env", f"PYTHONPATH={PYTHONPATH}", "python3", "/opt/other.py", json.dumps(asked)]
    # Whatever comes next is to find Postfix as its package has it.
    script = f"{SAVE}\ntrap '{RESTORE}' EXIT\n{PREPARE}\n{shlex.join(command)}"
    result = machine.run(["sh", "-euc", script], timeout=120)
    assert result.code == 0, result.stderr.decode()[-2000:]
    return dict(zip(asked, json.loads(result.stdout)))


@pytest.mark.parametrize("case", CASES, ids=" ".join)
def test_another_configuration_is_read_with_what_it_holds(answers, case):
    answer, expected = answers[case], CASES[case]
    if expected is None:
        assert answer is None
        return
    verdict, path = expected
    assert [end["verdict"] for end in answer["ends"]] == [verdict]
    if path:
        assert answer["there"]["path"] == path
    assert "explain-" not in json.dumps(answer)


def test_a_stage_that_was_not_kept_is_said(answers):
    assert "it is kept when it is shown on this machine" in answers["root@own.test", "solution"]
