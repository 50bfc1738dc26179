"""See that Incus or LXD answers and is prepared for labs, as far as that is allowed."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from rich.console import Console

from ansible_collections.labs.mail.plugins.module_utils._incus import image as incus_image
from ansible_collections.labs.mail.plugins.module_utils._incus import sources
from ansible_collections.labs.mail.plugins.module_utils._incus.api import (
    Client,
    Endpoint,
    socket_of,
)
from ansible_collections.labs.mail.plugins.module_utils._incus.definition import POOL, Place
from ansible_collections.labs.mail.plugins.module_utils._incus.engine import Engine
from ansible_collections.labs.mail.plugins.module_utils._incus.handle import Handle
from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError
from ansible_collections.labs.mail.plugins.module_utils._provider.plan import (
    LABEL_RELEASE,
    Machine,
)
from launcher import engine, image, rootfs
from launcher.language import tr
from launcher.settings import Settings

POOL_SIZE = "30GiB"
"""Of a sparse file: it takes what is written."""

START_SECONDS = 90
FILES = 1 << 20
"""Files that the daemon may have open, as far as that is allowed."""

SYSCTLS = {
    "fs/inotify/max_user_instances": 8192,
    "kernel/keys/maxkeys": 20000,
    "kernel/keys/maxbytes": 2000000,
}
"""What many unprivileged machines need of one kernel together, and what it is raised to."""

BACKPORTS = Path("/etc/apt/sources.list.d/labs-mail-backports.list")
BOOKWORM = """\
# For Incus, which Debian 12 has there alone. Made by labs.mail.
deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] {mirror} bookworm-backports main
"""
MIRROR = "http://deb.debian.org/debian"
RUNNING = Path("/run/systemd/system")
LXCFS = "/var/lib/lxcfs"

TRUST = (
    "A machine's root is nobody on this computer: machines are unprivileged, each with user IDs of "
    "its own."
)


@dataclass(frozen=True)
class Daemon:
    """What a distribution calls an engine, and how it is started by hand."""

    command: tuple[str, ...]
    unit: str
    packages: tuple[str, ...]
    directory: str
    path: str = ""


DAEMONS = {
    "incus": Daemon(
        ("incusd", "--group", "incus-admin"),
        "incus",
        ("incus-base", "dnsmasq-base", "nftables", "iptables", "btrfs-progs", "openssh-client"),
        "/var/lib/incus",
        "/usr/libexec/incus",
    ),
    "lxd": Daemon(
        ("lxd", "--group", "lxd"),
        "lxd",
        ("lxd", "lxd-client", "dnsmasq-base", "nftables", "iptables", "btrfs-progs",
         "openssh-client"),
        "/var/lib/lxd",
        "/usr/lib/lxd",
    ),
}  # fmt: skip


class Templates:
    """What machines of a lab are copied from."""

    def __init__(self, engine_of: Callable[[str], Engine]) -> None:
        self._engine_of = engine_of

    def has(self, lab: str, name: str, release: str) -> bool:
        """Tell whether a lab has one of a name, made from the machine image of a release."""
        return sources.has(self._engine_of(lab), name, image.name(release))

    def of_lab(self, lab: str) -> list[str]:
        """Return the names of those of a lab, and of the snapshots of its machines' states."""
        return sources.of_lab(self._engine_of(lab))


class Provider:
    """An engine of this computer that answers."""

    trust = TRUST
    is_here = True

    def __init__(self, name: str, endpoint: Endpoint | None = None) -> None:
        self.name = name
        self.endpoint = endpoint or Endpoint(socket_of(name))
        self.client = Client(self.endpoint)
        self.templates = Templates(self._engine)

    def ensure_image(self, release: str, console: Console) -> bool:
        """Import the image where it is missing or made of something else."""
        wanted, alias = image.digest(release), image.name(release)
        if incus_image.known(self.client, alias) == wanted:
            return False
        with rootfs.of(release, console) as archive:
            text = tr("  Importing the machine image of Debian {release}")
            console.print(text.format(release=release))
            incus_image.give(self.client, alias, wanted, archive, release)
        return True

    def remove_image(self, release: str) -> None:
        """Remove the machine image of a release."""
        incus_image.remove(self.client, image.name(release))

    def has_lab(self, lab: str) -> bool:
        """Tell whether the engine has anything of a lab."""
        found = self._engine(lab)
        return bool(found.containers()) or found.has_network()

    def machine(self, lab: str, machine: str) -> Handle | None:
        """Return a machine, None where there is none."""
        found = Handle(self._engine(lab), f"{lab}-{machine}")
        return found if found.exists() else None

    def restart(self, machine: Handle) -> None:
        """Stop a machine, and start it again."""
        machine.restart()

    def halt(self, machine: Handle) -> None:
        """Stop a machine at once, where it runs."""
        machine.engine.halt(machine.name)

    def discard(self, lab: str, machine: str) -> None:
        """Remove a machine, where it is there."""
        self._engine(lab).discard(f"{lab}-{machine}")

    def releases(self, lab: Settings) -> list[str]:
        """Return the Debian releases of the lab's machines."""
        found = self._engine(lab.lab).containers()
        return sorted({each.labels.get(LABEL_RELEASE, lab.debian) for each in found})

    def run_script(
        self, lab: Settings, release: str, address: str, script: str, seconds: int
    ) -> tuple[int, str]:
        """Run a shell script on a machine that is thrown away."""
        found = self._engine(lab.lab, lab.subnet)
        name = f"{lab.lab}-thrown-away"
        found.discard(name)
        try:
            found.create(Machine(name, image.name(release), release, address), {})
            found.run(name)
            code, output = Handle(found, name).exec_run(
                ["timeout", str(seconds), "sh", "-c", script], seconds=seconds + 60
            )
            return code, output.decode("utf-8", "replace")
        finally:
            found.discard(name)

    def _engine(self, lab: str, subnet: str = "") -> Engine:
        return Engine(self.endpoint, lab, Place(subnet, ""), is_here=self.is_here)


def answers(name: str) -> bool:
    """Tell whether the engine answers whoever runs this."""
    try:
        Client(Endpoint(socket_of(name))).get("")
    except EngineError:
        return False
    return True


def ensure(name: str, console: Console) -> Provider:
    """Return the engine once it answers and is prepared; raises EngineError."""
    daemon = DAEMONS[name]
    if not answers(name):
        if os.geteuid() != 0:
            text = tr(
                "{name} does not answer, and only root may install or start it: join its group "
                "({group}), or run make as root."
            )
            raise EngineError(text.format(name=name, group=daemon.command[-1]))
        if program(name) is None:
            install(name, console)
        _start(name, daemon, console)
    _raise_limits()
    found = Provider(name)
    if not found.client.find(f"/storage-pools/{POOL}"):
        _make_pool(found.client, console)
    missing = [
        package
        for program, package in (("ssh-keygen", "openssh-client"), ("iptables", "iptables"))
        if shutil.which(program) is None
    ]
    if missing:
        engine.install(console, missing)
    return found


def program(name: str) -> str | None:
    """Return where an engine's program is, None where it is not installed."""
    daemon = DAEMONS[name]
    return shutil.which(daemon.command[0], path=f"{daemon.path}:{os.environ['PATH']}")


def install(name: str, console: Console) -> None:
    """Install an engine, on Debian 12 Incus from its backports."""
    # What is nowhere else comes from there unasked; asked for by name, all else would come too.
    if name == "incus" and release() == "bookworm" and not _has_backports():
        BACKPORTS.write_text(BOOKWORM.format(mirror=MIRROR))
    engine.install(console, list(DAEMONS[name].packages))


def release() -> str:
    """Return the code name of this computer's distribution."""
    with contextlib.suppress(OSError):
        for line in Path("/etc/os-release").read_text().splitlines():
            key, _equals, value = line.partition("=")
            if key == "VERSION_CODENAME":
                return value.strip('"')
    return ""


def _has_backports() -> bool:
    places = [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*")]
    return any("bookworm-backports" in path.read_text() for path in places if path.is_file())


def _start(name: str, daemon: Daemon, console: Console) -> None:
    console.print(tr("  Starting {name}", name=name))
    if RUNNING.exists():
        subprocess.run(["systemctl", "start", daemon.unit], check=False)
    else:
        _start_by_hand(name, daemon)
    deadline = time.monotonic() + START_SECONDS
    while not answers(name):
        if time.monotonic() > deadline:
            text = tr(
                "{name} did not answer within {seconds} s: see {log} or journalctl -u {unit}."
            )
            raise EngineError(
                text.format(name=name, seconds=START_SECONDS, log=_log(name), unit=daemon.unit)
            )
        time.sleep(0.2)


def _log(name: str) -> Path:
    return Path(f"/var/log/{name}/{name}.log")


def _start_by_hand(name: str, daemon: Daemon) -> None:
    """Start the daemon, and what shows machines their own memory and processors."""
    _log(name).parent.mkdir(parents=True, exist_ok=True)
    Path(daemon.directory).mkdir(parents=True, exist_ok=True)
    with _log(name).open("ab") as log:
        _unmount_dead(LXCFS)
        if shutil.which("lxcfs") and not os.path.ismount(LXCFS):
            Path(LXCFS).mkdir(exist_ok=True)
            _leave(["lxcfs", LXCFS], log, {})
        path = f"{daemon.path}:{os.environ['PATH']}"
        command = [program(name) or daemon.command[0], *daemon.command[1:]]
        _leave([*command, f"--logfile={_log(name)}"], log, {"PATH": path})


def _unmount_dead(directory: str) -> None:
    """Unmount what a FUSE daemon served that is no more: nothing can be done there until then."""
    try:
        os.stat(directory)
    except OSError as error:
        if error.errno == errno.ENOTCONN:
            subprocess.run(["umount", "--lazy", directory], check=False)


def _leave(command: list[str], log: IO[bytes], more: dict[str, str]) -> None:
    """Start a daemon that outlives this process."""

    def open_more_files() -> None:
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        wanted = FILES if most in (-1, resource.RLIM_INFINITY) else min(FILES, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))

    subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        preexec_fn=open_more_files,
        env={**os.environ, **more},
    )


def _raise_limits() -> None:
    """Let many unprivileged machines run on this kernel."""
    for name, needed in SYSCTLS.items():
        path = Path("/proc/sys") / name
        if int(path.read_text()) >= needed:
            continue
        try:
            path.write_text(f"{needed}\n")
        except OSError as error:
            setting = f"{name.replace('/', '.')}={needed}"
            text = tr("Many machines need more of this kernel: as root, sysctl {setting}")
            raise EngineError(text.format(setting=setting)) from error


def _make_pool(client: Client, console: Console) -> None:
    """Make the pool of the machines' disks: btrfs takes snapshots in no time."""
    known = client.get("")["environment"]
    drivers = [each["Name"] for each in known.get("storage_supported_drivers") or []]
    driver = "btrfs" if "btrfs" in drivers else "dir"
    console.print(tr("  Making the storage pool {pool} ({driver})", pool=POOL, driver=driver))
    config = {"size": POOL_SIZE} if driver == "btrfs" else {}
    client.ask("POST", "/storage-pools", {"name": POOL, "driver": driver, "config": config})
