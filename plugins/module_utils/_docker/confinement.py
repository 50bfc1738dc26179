# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a container may do on the host that it shares: capabilities, cgroups and limits.

No process of a machine ever has SYS_ADMIN: its mounts are made from outside (mounts.py). So the
engine's default profile of system calls refuses namespaces of one's own, too, whoever is root
there. A user namespace would take more away; see the README.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansible_collections.labs.mail.plugins.module_utils._docker import mounts
from ansible_collections.labs.mail.plugins.module_utils._provider.limits import Limits, size_of

NEVER = ("MKNOD", "NET_RAW")
"""Of the engine's default ones: device nodes, and packets that bear another machine's address."""

PROCESS_1 = f"""\
set -eu
waiting={mounts.READY}
own='{" ".join(mounts.OVER_OWN_FILES)}'
mkdir -m 700 "${{waiting%/*}}"
for file in $own; do
    ! mountpoint -q "$file" || cat "$file" > "${{waiting%/*}}/${{file##*/}}"
done
mkfifo "$waiting"
timeout {2 * mounts.SECONDS} sh -c 'read -r _ < "$0"' "$waiting"
for file in $own; do
    given=${{waiting%/*}}/${{file##*/}}
    [ -s "$file" ] || [ ! -e "$given" ] || cat "$given" > "$file"
done
rm -r "${{waiting%/*}}"
# A machine that is made from the image of another's state has these as they were there.
own=/var/lib/labs.mail/engine-hides.tar
if [ -e "$own" ]; then
    tar -C / -xpf "$own"
    rm "$own"
fi
# Debian 12's would not start without NET_RAW, which it does not need.
! getcap /bin/ping 2> /dev/null | grep -q net_raw || setcap -r /bin/ping
exec /sbin/init
"""
"""The script that waits for a machine's mounts, and becomes its systemd."""


def options(capabilities: Iterable[str], limits: Limits, sdk: Any) -> dict[str, Any]:
    """Return the options by which the engine confines a container.

    ``capabilities`` are those that this machine needs beyond what every machine has.
    """
    kept = sorted(set(capabilities))
    made: dict[str, Any] = {
        "cap_add": kept,
        "cap_drop": [name for name in NEVER if name not in kept],
        # The engine's own profile of AppArmor would refuse mounts to those that have SYS_ADMIN, and
        # nobody has tried yet what else of a whole machine it refuses.
        "security_opt": ["apparmor=unconfined"],
        "cgroupns": "private",
        "tmpfs": {"/run": "", "/run/lock": ""},
        "command": ["/bin/sh", "-c", PROCESS_1],
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
