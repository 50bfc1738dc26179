"""The mail queue of a machine."""

from tests.support.waiting import DEADLINE_SECONDS, until

LOOKS = 20
"""How often in a row nothing must be there: a few milliseconds in all."""

COUNT = f"""
import os
top = "/var/spool/postfix"
most = 0
for _look in range({LOOKS}):
    found = 0
    for queue in ("maildrop", "incoming", "active", "deferred", "hold"):
        for _directory, _directories, files in os.walk(os.path.join(top, queue)):
            found += len(files)
    most = max(most, found)
print(most)
"""


def until_no_mail_is_under_way(host, seconds=DEADLINE_SECONDS):
    """Wait until the queue is empty.

    A message that goes from one stage to the next comes into a queue that was looked into already,
    and leaves one that comes later: a look may miss it, and postqueue(1), which is slow where much
    else runs, misses it twice. So many quick looks do not, and they see unfinished files too.
    """
    until(
        lambda: host.check_output("python3 -c %s", COUNT),
        lambda most: most.strip() == "0",
        seconds,
    )
