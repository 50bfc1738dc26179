"""The queue of a machine's Postfix."""

from tests.support.waiting import DEADLINE_SECONDS, until


def until_no_mail_is_under_way(host, seconds=DEADLINE_SECONDS):
    """Wait until the queue is empty.

    It is looked at twice: a message that goes from one stage to the next may just come into a
    directory of the queue that was looked into already, and leave one that comes later.
    """
    until(
        lambda: host.check_output("postqueue -p; postqueue -p"),
        lambda text: text.count("is empty") == 2,
        seconds,
    )
