"""Hosts of a cluster on one computer: each a network, its processes and its /etc of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

SWITCH = "labs-mail-sw"
CONTROL = "lmctl"
NETWORK = "10.99.77"
OWN = f"{NETWORK}.1"
SSH_CONFIG = Path("/etc/ssh/ssh_config.d/labs-mail-test.conf")
STAND_IN = Path(__file__).with_name("systemctl")
RULES = (
    ("nat", "POSTROUTING", f"-s {NETWORK}.0/24 ! -d {NETWORK}.0/24 -j MASQUERADE"),
    ("filter", "FORWARD", f"-s {NETWORK}.0/24 -j ACCEPT"),
    (
        "filter",
        "FORWARD",
        f"-d {NETWORK}.0/24 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
    ),
)
WAIT_SECONDS = 30

# The switch has a namespace too: in the root one Docker's FORWARD would eat the frames.
# Incus reads the interfaces in /sys; it has to be mounted anew, and cgroups come from the old one.
BORN = """
set -e
mkdir -p /run/cg
mount --rbind /sys/fs/cgroup /run/cg
mount -t sysfs sysfs /sys
mount --rbind /run/cg /sys/fs/cgroup
umount -l /run/cg
mount -t tmpfs tmpfs /run
mkdir -p /run/sshd /run/lock /run/lxc
mount -t overlay overlay -o lowerdir=/etc,upperdir={folder}/etc,workdir={folder}/work /etc
# What Incus and lxcfs of this computer have mounted is none of theirs.
for path in /var/lib/incus /var/lib/lxcfs; do
    grep -o " $path[^ ]* " /proc/mounts | sort -r | xargs -r umount -l
done
for name in incus labs.mail; do
    mkdir -p /var/lib/$name {folder}/$name
    mount --bind {folder}/$name /var/lib/$name
done
mkdir -p /var/log/incus /var/cache/incus {folder}/log {folder}/cache
mount --bind {folder}/log /var/log/incus
mount --bind {folder}/cache /var/cache/incus
mount --bind {stand_in} /usr/bin/systemctl
hostname {name}
/usr/sbin/sshd -f {folder}/sshd_config
exec sleep infinity
"""

SSHD = """
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/user_key.pub
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
MaxStartups 100
PidFile none
Subsystem sftp internal-sftp
SetEnv PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
"""


def run(*words: str | Path, check: bool = True, **options) -> subprocess.CompletedProcess:
    """Run a command."""
    return subprocess.run([str(word) for word in words], check=check, text=True, **options)


class Host:
    """A host: an sshd in namespaces, with whatever is started by it."""

    def __init__(self, number: int, folder: Path) -> None:
        self.name = f"host{number}"
        self.namespace = f"labs-mail-{number}"
        self.address = f"{NETWORK}.{10 + number}"
        self.folder = folder / self.name
        self.inner = ""
        self.process: subprocess.Popen | None = None

    def boot(self) -> None:
        """Plug it into the switch, and start it."""
        near, far = f"lmt{self.name[4:]}a", f"lmt{self.name[4:]}b"
        run("ip", "netns", "add", self.namespace)
        run("ip", "link", "add", near, "type", "veth", "peer", "name", far)
        run("ip", "link", "set", near, "netns", SWITCH)
        run("ip", "-n", SWITCH, "link", "set", near, "master", "br0", "up")
        run("ip", "link", "set", far, "netns", self.namespace)
        inside = ("ip", "-n", self.namespace)
        run(*inside, "link", "set", far, "name", "eth0")
        run(*inside, "addr", "add", f"{self.address}/24", "dev", "eth0")
        run(*inside, "link", "set", "eth0", "up")
        run(*inside, "link", "set", "lo", "up")
        run(*inside, "route", "add", "default", "via", OWN)
        for name in ("etc", "work"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "sshd_config").write_text(SSHD.format(folder=self.folder))
        key = self.folder / "host_key"
        if not key.exists():
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
            shutil.copy(self.folder.parent / "user_key.pub", self.folder / "user_key.pub")
            public = key.with_suffix(".pub").read_text()
            with (self.folder.parent / "known_hosts").open("a") as known:
                known.write(f"{self.address} {public}")
        script = BORN.format(folder=self.folder, stand_in=STAND_IN, name=self.name)
        enter = ("nsenter", f"--net=/run/netns/{self.namespace}", "unshare", "--mount", "--uts")
        enter += ("--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private")
        log = (self.folder / "boot.log").open("w")
        words = [*enter, "sh", "-c", script]
        self.process = subprocess.Popen(words, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + WAIT_SECONDS
        while self.ssh("true", check=False).returncode != 0:
            if time.monotonic() > deadline:
                raise TimeoutError((self.folder / "boot.log").read_text())
            time.sleep(0.3)

    def ssh(self, command: str, check: bool = True) -> subprocess.CompletedProcess:
        """Run a command there."""
        return run("ssh", f"root@{self.address}", command, check=check, capture_output=True)

    def die(self) -> None:
        """Lose the power: all its processes end at once, and its network is gone."""
        if self.process is None:
            return
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None
        run("ip", "netns", "del", self.namespace, check=False)


class Hosts:
    """Some hosts at a switch, which this computer is plugged into too."""

    def __init__(self, folder: Path, count: int) -> None:
        self.folder = folder
        self.all = [Host(number, folder) for number in range(1, count + 1)]

    def build(self) -> None:
        """Build the switch, and boot the hosts."""
        self.folder.mkdir(parents=True, exist_ok=True)
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / "user_key")
        run("ip", "netns", "add", SWITCH)
        run("ip", "-n", SWITCH, "link", "add", "br0", "type", "bridge")
        run("ip", "-n", SWITCH, "link", "set", "br0", "up")
        run("ip", "link", "add", CONTROL, "type", "veth", "peer", "name", f"{CONTROL}b")
        run("ip", "link", "set", f"{CONTROL}b", "netns", SWITCH)
        run("ip", "-n", SWITCH, "link", "set", f"{CONTROL}b", "master", "br0", "up")
        run("ip", "addr", "add", f"{OWN}/24", "dev", CONTROL)
        run("ip", "link", "set", CONTROL, "up")
        for table, chain, rule in RULES:
            run("iptables", "--wait", "-t", table, "-I", chain, *rule.split())
        SSH_CONFIG.write_text(
            f"Host {NETWORK}.*\n  IdentityFile {self.folder}/user_key\n"
            f"  UserKnownHostsFile {self.folder}/known_hosts\n  LogLevel ERROR\n"
        )
        for host in self.all:
            host.boot()

    def destroy(self) -> None:
        """Leave nothing behind."""
        for host in self.all:
            with contextlib.suppress(ProcessLookupError):
                host.die()
            run("ip", "netns", "del", host.namespace, check=False, stderr=subprocess.DEVNULL)
        run("ip", "link", "del", CONTROL, check=False, stderr=subprocess.DEVNULL)
        run("ip", "netns", "del", SWITCH, check=False, stderr=subprocess.DEVNULL)
        for table, chain, rule in RULES:
            words = ("iptables", "--wait", "-t", table, "-D", chain, *rule.split())
            run(*words, check=False, stderr=subprocess.DEVNULL)
        SSH_CONFIG.unlink(missing_ok=True)
        # A pool's file is in use until the last process that saw it mounted is gone.
        shutil.rmtree(self.folder, ignore_errors=True)
