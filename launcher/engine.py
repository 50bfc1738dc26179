"""See that a container engine answers, and install and start one where that is allowed."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import docker
from rich.console import Console

from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError
from ansible_collections.labs.mail.plugins.module_utils._provider.plan import LABEL_LAB
from launcher.language import tr

PACKAGES = ["docker.io", "iptables", "mmdebstrap", "openssh-client"]
LOG = Path("/var/log/dockerd.log")
SYSTEMD = Path("/run/systemd/system")
START_SECONDS = 60


def ensure(console: Console) -> docker.DockerClient:
    """Return a client of the engine that answers, once ssh is there too; raises EngineError."""
    client = _connect()
    if client is None:
        elsewhere = os.environ.get("DOCKER_HOST")
        if elsewhere:
            text = tr(
                "No container engine answers at DOCKER_HOST={elsewhere}: start it, or unset "
                "DOCKER_HOST for the engine of this machine."
            )
            raise EngineError(text.format(elsewhere=elsewhere))
        if os.geteuid() != 0:
            raise EngineError(
                tr(
                    "No container engine answers, and only root may install one: start Docker "
                    "(systemctl start docker), join its group, or run make as root."
                )
            )
        if shutil.which("dockerd") is None:
            install(console, PACKAGES)
        client = _start(console)
    if any("rootless" in option for option in client.info()["SecurityOptions"]):
        raise EngineError(
            tr(
                "The engine is rootless: its machines cannot be reached by their addresses. Use "
                "the system's engine (docker context use default)."
            )
        )
    if shutil.which("ssh-keygen") is None:
        install(console, ["openssh-client"])
    return client


def answers() -> bool:
    """Tell whether an engine answers whoever runs this."""
    return _connect() is not None


def has_lab(client: docker.DockerClient, lab: str) -> bool:
    """Tell whether the engine has anything of a lab."""
    of_lab = {"label": f"{LABEL_LAB}={lab}"}
    # The engine is asked for each once more, and another run may have removed it by then.
    containers = client.containers.list(all=True, filters=of_lab, ignore_removed=True)
    return bool(containers or client.networks.list(filters=of_lab))


def install(console: Console, packages: list[str]) -> None:
    """Install Debian packages without a question; raises EngineError."""
    if shutil.which("apt-get") is None:
        text = tr(
            "This is no Debian or Ubuntu machine: install {packages} or what stands for them "
            "here, then run make again."
        )
        raise EngineError(text.format(packages=" ".join(packages)))
    if os.geteuid() != 0:
        text = tr(
            "{packages} must be installed, and only root may: run `apt-get install {packages}` "
            "as root, then make again."
        )
        raise EngineError(text.format(packages=" ".join(packages)))
    console.print(tr("  Installing {packages}", packages=" ".join(packages)))
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    options = ["-y", "-qq", "--no-install-recommends"]
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", *options, *packages]):
        result = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False
        )
        if result.returncode != 0:
            reason = result.stderr.strip()[-500:]
            text = tr("{command} failed: {reason}")
            raise EngineError(text.format(command=" ".join(command), reason=reason))


def _connect() -> docker.DockerClient | None:
    try:
        client = docker.from_env(timeout=600)
        client.ping()
    except docker.errors.DockerException:
        return None
    return client


def _start(console: Console) -> docker.DockerClient:
    console.print(tr("  Starting the container engine"))
    daemon = None
    if SYSTEMD.exists():
        subprocess.run(["systemctl", "start", "docker"], check=False)
    else:
        with LOG.open("ab") as log:
            daemon = subprocess.Popen(
                ["dockerd"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        client = _connect()
        if client is not None:
            return client
        if daemon and daemon.poll() is not None:
            last = LOG.read_text(errors="replace").splitlines()[-1:]
            text = tr("dockerd cannot run here: see {log}, which ends so: {last}")
            raise EngineError(text.format(log=LOG, last="".join(last)))
        time.sleep(0.2)
    text = tr(
        "The container engine did not answer within {seconds} s: see {log} or journalctl -u docker."
    )
    raise EngineError(text.format(seconds=START_SECONDS, log=LOG))
