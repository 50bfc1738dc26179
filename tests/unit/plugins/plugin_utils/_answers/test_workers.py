"""Workers end with the process that forked them, and not before."""

import contextlib
import multiprocessing
import os
import select
import signal
import subprocess

import pytest
from ansible.executor.process import worker

from ansible_collections.labs.mail.plugins.plugin_utils._answers import workers
from ansible_collections.labs.mail.plugins.plugin_utils._answers.bounded_output import (
    BoundedProcess,
)

SECONDS = 10
FORK = multiprocessing.get_context("fork")


def ended(pid, seconds=SECONDS):
    """Wait until a process that is no child of this one has ended; tell whether it has."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([process], [], [], seconds)[0])
    finally:
        os.close(process)


@pytest.fixture
def parent_of_a_worker(monkeypatch):
    """Return a function that starts a process with a worker, and returns it and the latter's id."""
    started = []

    def waits(self):
        os.setsid()
        os.write(self.said, f"{os.getpid()}\n".encode())
        signal.pause()

    def parent(patched, said):
        monkeypatch.setattr(worker.WorkerProcess, "run", waits)
        if patched:
            workers.end_with_their_parent()
        process = object.__new__(worker.WorkerProcess)
        FORK.Process.__init__(process)
        process.said = said
        FORK.Process.start(process)
        signal.pause()

    def start(*, patched):
        heard, said = os.pipe()
        process = FORK.Process(target=parent, args=(patched, said))
        process.start()
        os.close(said)
        with os.fdopen(heard) as file:
            pid = int(file.readline())
        started.append(pid)
        return process, pid

    yield start
    for pid in started:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGTERM], ids=["SIGKILL", "SIGTERM"])
def test_a_worker_ends_when_ansible_is_killed(parent_of_a_worker, by):
    process, pid = parent_of_a_worker(patched=True)
    assert process.is_alive()
    os.kill(pid, 0)
    os.kill(process.pid, by)
    process.join(SECONDS)
    assert ended(pid)


def test_without_us_it_stays(parent_of_a_worker):
    process, pid = parent_of_a_worker(patched=False)
    process.kill()
    process.join()
    assert not ended(pid, seconds=0.5)


def test_a_worker_whose_parent_has_ended_already_ends_at_once():
    process = FORK.Process(target=workers.end_with, args=(os.getpid() + 1,))
    process.start()
    process.join(SECONDS)
    assert process.exitcode == -signal.SIGTERM


def test_it_is_asked_for_once(monkeypatch):
    monkeypatch.setattr(worker.WorkerProcess, "run", worker.WorkerProcess.run)
    workers.end_with_their_parent()
    run = worker.WorkerProcess.run
    workers.end_with_their_parent()
    assert worker.WorkerProcess.run is run


@pytest.mark.parametrize(("kind", "stays"), [(BoundedProcess, False), (subprocess.Popen, True)])
def test_what_a_worker_began_ends_with_it(kind, stays):
    """A command over ssh whose machine never answers: Ansible leaves it at the task's deadline."""
    heard, said = multiprocessing.Pipe(duplex=False)

    def gives_up():
        process = kind(["sleep", "1000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        said.send(process.pid)
        os._exit(0)

    worker_process = FORK.Process(target=gives_up)
    worker_process.start()
    pid = heard.recv()
    worker_process.join(SECONDS)
    try:
        assert ended(pid, 0.5 if stays else SECONDS) is not stays
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
