"""Runs in a machine: two loops of postfix_main and one of postconf -e, all on one main.cf."""

import json
import os
import subprocess
import sys
import tempfile
import threading

MODULE = "ansible_collections.labs.mail.plugins.modules.postfix_main"
RUNS = 10


def module(folder, name):
    arguments = {"config_directory": folder, "parameters": {name: "x"}, "on_unknown": "ignore"}
    result = subprocess.run(
        [sys.executable, "-m", MODULE],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode(),
        capture_output=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def main():
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "main.cf")
    with open(path, "w") as file:
        file.write("# kept\n")
    running = [True, True]
    edits = []

    def modules(number):
        try:
            for run in range(RUNS):
                module(folder, f"module_{number}_{run}")
                edits.append(f"module_{number}_{run}")
        finally:
            running.pop()

    def postconf():
        count = 0
        while running:
            count += 1
            subprocess.run(["postconf", "-c", folder, "-e", f"by_hand_{count}=x"], check=True)
            edits.append(f"by_hand_{count}")

    threads = [threading.Thread(target=modules, args=(number,)) for number in (1, 2)]
    threads.append(threading.Thread(target=postconf))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with open(path) as file:
        found = {line.partition(" =")[0] for line in file}
    missing = [name for name in edits if name not in found]
    missing += [f"a module's run {number}" for number in range(len(edits), 2 * RUNS)]
    print(json.dumps({"edits": len(edits), "missing": missing}))


main()
