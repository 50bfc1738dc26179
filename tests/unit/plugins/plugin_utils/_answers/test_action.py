"""What becomes of a task whose machine goes away; the connection is a stand-in."""

from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleConnectionFailure
from mitogen.core import CallError, ChannelError

from ansible_collections.labs.mail.plugins.plugin_utils._answers.action import DocumentedAction


class Deadline(BaseException):
    """What ansible-core raises at a task's timeout, by its name."""


Deadline.__name__ = "TaskTimeoutError"


def action_that_raises(error):
    class Action(DocumentedAction):
        def _execute_module(self, **_keywords):
            raise error

    task = SimpleNamespace(async_val=0, timeout=7, args={}, check_mode=False, environment=None)
    connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir="/tmp"), has_native_async=False)
    return Action(task, connection, SimpleNamespace(), None, None, None)


@pytest.mark.parametrize("error", [ChannelError("gone"), CallError("no stream")])
def test_a_connection_lost_by_mitogen_is_an_unreachable_machine(error):
    with pytest.raises(AnsibleConnectionFailure, match=f"the connection was lost: .*{error}"):
        action_that_raises(error).run()


def test_a_deadline_is_said():
    result = action_that_raises(Deadline()).run()
    assert result == {"failed": True, "msg": "the machine did not answer within 7 s"}


def test_a_fault_of_our_own_stays_one():
    with pytest.raises(KeyError):
        action_that_raises(KeyError("x")).run()
