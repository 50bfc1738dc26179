# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a container may do on the host that it shares: capabilities, cgroups and limits.

Process 1 needs SYS_ADMIN for a few mounts and gives it up before systemd starts, so that no process
of the machine has it, whoever is root there. What is left of the engine's default profile of system
calls stays in force. A user namespace would take more away; see the README.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._provider.limits import Limits, size_of

START_ALONE = "SYS_ADMIN"
"""The capability that process 1 has until systemd starts."""

NEVER = ("MKNOD", "NET_RAW")
"""Of the engine's default ones: device nodes, and packets that bear another machine's address."""

CGROUPS_1 = """\
umount -R /sys/fs/cgroup 2> /dev/null || :
mount -t tmpfs -o mode=755,nosuid,nodev,noexec cgroup /sys/fs/cgroup
mkdir /sys/fs/cgroup/systemd
mount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd
"""
"""The hierarchy that systemd keeps its units in, of which a machine sees its own subtree alone."""

CGROUPS_2 = """\
[ -w /sys/fs/cgroup ] || mount -o remount,rw /sys/fs/cgroup
"""

PROCESS_1 = """\
set -eu
# The engine mounts these over the machine's own files. Unmounted, they are plain files: they can be
# replaced by a rename and keep what the machine's administrator wrote.
for file in /etc/hostname /etc/hosts /etc/resolv.conf; do
    mountpoint -q "$file" || continue
    given=$(cat "$file")
    umount "$file"
    [ -s "$file" ] || printf '%s\\n' "$given" > "$file"
done
# A machine that is made from the image of another's state has these as they were there.
own=/var/lib/labs.mail/engine-hides.tar
if [ -e "$own" ]; then
    tar -C / -xpf "$own"
    rm "$own"
fi
# Debian 12's would not start without NET_RAW, which it does not need.
! getcap /bin/ping 2> /dev/null | grep -q net_raw || setcap -r /bin/ping
"""


def options(
    info: dict[str, Any], capabilities: Iterable[str], limits: Limits, sdk: Any
) -> dict[str, Any]:
    """Return the options by which the engine confines a container.

    ``info`` is what the engine says of itself; ``capabilities`` are those that this machine needs
    beyond what every machine has.
    """
    kept = sorted(set(capabilities))
    made: dict[str, Any] = {
        "cap_add": sorted({START_ALONE, *kept}),
        "cap_drop": [name for name in NEVER if name not in kept],
        # The engine's own profile of AppArmor would refuse process 1 its mounts.
        "security_opt": ["apparmor=unconfined"],
        "cgroupns": "private",
        "tmpfs": {"/run": "", "/run/lock": ""},
        "command": ["/bin/sh", "-c", process_1(info, kept)],
    }
    if limits.memory:
        memory = size_of(limits.memory, "memory")
        made.update(mem_limit=memory, memswap_limit=memory)
    if limits.processes:
        made["pids_limit"] = limits.processes
    if limits.file:
        size = size_of(limits.file, "file")
        made["ulimits"] = [sdk.types.Ulimit(name="fsize", soft=size, hard=size)]
    if limits.disk:
        made["storage_opt"] = {"size": limits.disk}
    return made


def process_1(info: dict[str, Any], kept: Iterable[str]) -> str:
    """Return the script that prepares a machine and becomes its systemd."""
    cgroups = CGROUPS_2 if info.get("CgroupVersion") == "2" else CGROUPS_1
    if START_ALONE in kept:
        return f"{PROCESS_1}{cgroups}exec /sbin/init\n"
    gone = f"-{START_ALONE.lower()}"
    return f"{PROCESS_1}{cgroups}exec setpriv --bounding-set {gone} --inh-caps {gone} /sbin/init\n"
