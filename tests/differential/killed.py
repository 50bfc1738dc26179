"""Runs in a machine: kills postfix_map at random moments while it replaces a large table.

Arguments: type, rows, kills, seed. After each kill, of the module alone or with the programs that
it runs, the text and the answers to queries for all keys must be the old or the new ones, whole,
and nothing may ever have been readable by others.
"""

import json
import os
import random
import signal
import stat
import subprocess
import sys
import tempfile
import time

MODULE = "ansible_collections.labs.mail.plugins.modules.postfix_map"


def text(rows, value):
    return "".join(f"user{number}@example.org\t{value}{number}\n" for number in range(rows))


def start(path, kind, content):
    table = {"path": path, "type": kind, "sensitive": True, "content": content}
    arguments = os.path.join(os.path.dirname(os.path.dirname(path)), "arguments.json")
    with open(arguments, "w") as file:
        json.dump({"ANSIBLE_MODULE_ARGS": {"tables": [table]}}, file)
    return subprocess.Popen(
        [sys.executable, "-m", MODULE, arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        umask=0,
    )


def finish(process):
    out = process.communicate()[0].decode()
    assert process.returncode == 0, out
    return json.loads(out)["tables"][0]


def answers(path, kind, rows):
    keys = "".join(f"user{number}@example.org\n" for number in range(rows))
    command = ["postmap", "-q", "-", f"{kind}:{path}"]
    result = subprocess.run(command, input=keys.encode(), capture_output=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout.decode()


def readable(folder):
    """What others can read below a folder."""
    found = []
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        try:
            mode = os.lstat(path).st_mode
        except FileNotFoundError:
            continue
        if stat.S_IMODE(mode) & 0o077:
            found.append(f"{name} {mode:o}")
    return found


def watch_until(process, folder, moment):
    """Look who can read what, again and again, until a moment or the end of a process."""
    looks, found = 0, set()
    while time.monotonic() < moment and process.poll() is None:
        looks += 1
        found.update(readable(folder))
    return looks, found


def main(kind, rows, kills, seed):
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as base:
        folder = os.path.join(base, "tables")
        os.mkdir(folder)
        path = os.path.join(folder, "t")
        texts = [text(rows, "old"), text(rows, "new")]
        began = time.monotonic()
        process = start(path, kind, texts[0])
        looks, found = watch_until(process, folder, began + 900)
        finish(process)
        length = time.monotonic() - began
        assert not found, found
        kept = {"text": 0, "index": 0}
        killed = 0
        while killed < kills:
            process = start(path, kind, texts[1 - kept["index"]])
            moment = time.monotonic() + chance.uniform(0.3, 1) * length
            looked, found = watch_until(process, folder, moment)
            looks += looked
            assert not found, found
            if process.poll() is None:
                killed += 1
                if chance.random() < 0.5:
                    os.killpg(process.pid, signal.SIGKILL)
                else:
                    process.kill()  # and the program that it runs goes on
            process.communicate()
            with open(path) as file:
                kept["text"] = texts.index(file.read())
            kept["index"] = texts.index(answers(path, kind, rows))
            assert not readable(folder), readable(folder)
        left = sorted(os.listdir(folder))
        result = finish(start(path, kind, texts[1 - kept["index"]]))
        assert answers(path, kind, rows) == texts[1 - kept["index"]]
        assert finish(start(path, kind, texts[1 - kept["index"]]))["changed"] is False
        print(json.dumps({
            "killed": killed, "looks": looks, "left": left, "seconds": length,
            "result": result, "files": sorted(os.listdir(folder)),
        }))  # fmt: skip


main(sys.argv[1], *map(int, sys.argv[2:]))
