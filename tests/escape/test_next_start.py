"""A student who is process 1 at the machine's next start has no more rights than before."""

import contextlib
import time

import docker
import pytest

from ansible_collections.labs.mail.plugins.module_utils._docker import starting

SECONDS = 60

REPLACED = """
rm -f /root/said /usr/bin/sh
cat > /usr/bin/sh << 'END'
#!/bin/bash
{ grep CapBnd /proc/self/status; mount -t tmpfs x /mnt && echo THROUGH; } >> /root/said 2>&1
exec /usr/bin/dash "$@"
END
chmod 755 /usr/bin/sh
"""

PUT_BACK = "ln -sfn dash /usr/bin/sh; rm -f /root/said"

SYS_ADMIN = 1 << 21
"""The capability's bit (capabilities(7)); the number is in linux/capability.h."""


def is_up(container):
    said = container.exec_run(["systemctl", "is-system-running", "--wait"]).output
    return said.strip() in (b"running", b"degraded")


@pytest.fixture(params=["student1", "student2"])
def machine(request, lab):
    """A machine whose shell a student has replaced."""
    container = lab.containers()[f"{lab.name}-{request.param}"]
    lab.on(request.param, REPLACED)
    yield container
    lab.on(request.param, PUT_BACK)


def restart(container, client):
    container.stop()
    starting.start(container, client, docker)
    deadline = time.monotonic() + SECONDS
    while not is_up(container):
        assert time.monotonic() < deadline, container.logs(tail=20)
        time.sleep(0.2)


def test_process_1_gets_nowhere_and_the_machine_starts(machine, lab):
    restart(machine, lab.engine)
    said = machine.exec_run(["cat", "/root/said"]).output.decode()
    assert "CapBnd" in said
    for line in said.splitlines():
        if line.startswith("CapBnd"):
            assert not int(line.split()[1], 16) & SYS_ADMIN
    assert "THROUGH" not in said


def test_it_gets_through_where_a_machine_has_the_capability(machine, lab):
    image = machine.commit()
    try:
        said = lab.engine.containers.run(
            image, ["/bin/sh", "-c", "cat /root/said"], cap_add=["SYS_ADMIN"],
            security_opt=["apparmor=unconfined"], remove=True,
        )  # fmt: skip
        assert b"THROUGH" in said
    finally:
        with contextlib.suppress(docker.errors.APIError):
            image.remove()
