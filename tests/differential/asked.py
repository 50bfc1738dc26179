"""Runs in a machine: lays out the cases of a job and runs their commands, several at once.

The job and the answers are JSON; bytes stand in it as latin-1. Each case has a folder of its own,
in which its commands run one after the other; ``{dir}`` in an argument is that folder. Files seem
an hour old, since Postfix's programs wait until a file that was just written is 2 s old.
"""

import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

AN_HOUR_AGO = time.time() - 3600


def lay_out(folder, files):
    for name, text in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(text.encode("latin-1"))
        os.utime(path, (AN_HOUR_AGO, AN_HOUR_AGO))


def run(folder, argv, stdin, timeout):
    argv = [word.replace("{dir}", folder).encode("latin-1") for word in argv]
    try:
        result = subprocess.run(
            argv,
            cwd=folder,
            input=stdin.encode("latin-1"),
            capture_output=True,
            timeout=timeout,
            close_fds=False,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return [None, "", f"no answer within {timeout} s"]
    return [result.returncode, *(out.decode("latin-1") for out in (result.stdout, result.stderr))]


def answer(base, number, case, timeout):
    folder = os.path.join(base, str(number))
    os.mkdir(folder)
    lay_out(folder, case["files"])
    answers = [run(folder, argv, stdin, timeout) for argv, stdin in case["commands"]]
    kept = {}
    for name in case["keep"]:
        path = os.path.join(folder, name)
        if os.path.exists(path):
            with open(path, "rb") as file:
                kept[name] = file.read().decode("latin-1")
    shutil.rmtree(folder, ignore_errors=True)
    return [answers, kept]


def main(path):
    with open(path) as file:
        job = json.load(file)
    base = tempfile.mkdtemp(prefix="cases-", dir="/tmp")
    os.chmod(base, 0o755)
    with concurrent.futures.ThreadPoolExecutor(job["at_once"]) as pool:
        futures = [
            pool.submit(answer, base, number, case, job["timeout"])
            for number, case in enumerate(job["cases"])
        ]
        json.dump([future.result() for future in futures], sys.stdout)
    shutil.rmtree(base, ignore_errors=True)


main(sys.argv[1])
