"""Runs in a machine: one command after a shell script; prints what it took, as JSON.

Arguments: the script, and the command with its arguments. The memory is that of the largest
process. This one stays small: Linux counts the memory of whoever starts a process as its own.
"""

import json
import os
import subprocess
import sys
import tempfile
import time

MOST_SAID = 100_000
"""Bytes of the output that are printed."""


def main(prepare, *command):
    """Run both."""
    subprocess.run(["sh", "-ec", prepare], check=True, stdout=subprocess.DEVNULL)
    with tempfile.TemporaryFile() as out:
        started = time.monotonic()
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        _pid, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        said = out.read(MOST_SAID).decode("utf-8", "replace")
    megabytes = usage.ru_maxrss * 1024 / 1e6
    print(json.dumps([process.returncode, said, seconds, megabytes]))


main(*sys.argv[1:])
