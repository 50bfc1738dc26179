# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules that run a lab's machines have in common."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of every module that runs machines on an engine."""

    DOCUMENTATION = r"""
options:
  lab:
    description:
      - Name of the lab. Its network and its containers bear it as a label, and only what
        bears it is ever touched.
    type: str
    required: true
  state:
    description:
      - With V(present) the network and the O(machines) exist and run.
      - With V(recreated) the O(machines) are created again, from their O(machines[].state_image)
        where there is one. F(/home) is carried over, but for the mail in it.
      - With V(snapshotted) an image O(machines[].state_image) is made of each of the O(machines) as
        it is.
      - With V(templated) an image O(machines[].class_image) is made of each of the O(machines),
        which are machines no more. M(labs.mail.machine_baseline) generalizes them before. Incus and
        LXD keep them for it, stopped and on no network.
      - With V(stopped) none of the lab's machines runs; V(present) starts them again as they were.
      - With V(absent) nothing of the lab is left on the engine.
    type: str
    choices: [present, recreated, snapshotted, templated, stopped, absent]
    default: present
  subnet:
    description:
      - IPv4 network of the lab, such as V(172.30.177.0/24). Required with O(state=present) and
        O(state=recreated).
    type: str
  internal:
    description:
      - Whether the engine keeps the network from reaching anything else. Only machines
        with O(machines[].outside) then have a way out.
    type: bool
    default: true
  machines:
    description: The machines that must run.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the container.
        type: str
        required: true
      image:
        description: Image that it is made from.
        type: str
        required: true
      release:
        description: Debian release of the image, such as V(12).
        type: str
        required: true
      address:
        description: Its IPv4 address on the lab's network.
        type: str
        required: true
      outside:
        description: Whether it is on the engine's default network too, and so reaches the Internet.
        type: bool
        default: false
      state_image:
        description:
          - Image of the machine in a state, whose name ends with C(-) and a digest of all that
            makes the state. It is taken only where it was made from the same O(machines[].image).
        type: str
        default: ""
      class_image:
        description:
          - Image of a template of its class, whose name ends as that of O(machines[].state_image).
            A new machine is made from it where there is one that was made from the same
            O(machines[].image).
        type: str
        default: ""
      files:
        description: Files that this machine alone is born with, as O(files) has them.
        type: dict
        default: {}
      capabilities:
        description:
          - Capabilities of Linux, such as V(NET_ADMIN), that the machine keeps. By default its root
            may neither mount nor change the network, create device nodes or send raw packets.
        type: list
        elements: str
        default: []
      open_ports:
        description: Ports at which the other machines reach this one, beside O(open_ports).
        type: list
        elements: str
        default: []
      reached_ports:
        description:
          - Ports at which this machine alone reaches all others, beside O(open_ports), such as
            V(22) or V(25:65535).
        type: list
        elements: str
        default: []
      published_ports:
        description:
          - TCP ports of this machine, such as V(22), by the ports of the host at which everybody
            reaches them, such as V(2222).
          - On Docker this needs O(machines[].outside), unless O(internal=false), and the ports of a
            machine that exists are changed by O(state=recreated) alone; elsewhere this is an error.
        type: dict
        default: {}
      hostname:
        description:
          - Host name of the machine, O(machines[].name) when it is empty. Who is root there cannot
            change it without the capability V(SYS_ADMIN).
        type: str
        default: ""
  open_ports:
    description:
      - Ports, such as V(25) or V(53/udp), at which machines reach each other, with O(walls).
    type: list
    elements: str
    default: ["25", "80", "110", "143", "465", "587", "993", "995"]
  walls:
    description:
      - Whether the machines of the lab reach nothing but each other at O(open_ports) and
        O(machines[].open_ports), and nothing of the host by any of its addresses. Rules of
        iptables(8) on the host see to this; they are root's to make, and go with O(state=absent).
      - Where they cannot be made, the module warns.
    type: bool
    default: false
  limits:
    description: What a machine that is created may take of the host.
    type: dict
    default: {}
    suboptions:
      memory:
        description: Memory, such as V(2g); when empty, all that there is.
        type: str
        default: 2g
      processes:
        description: Processes and threads; V(0) is no limit.
        type: int
        default: 1024
      file:
        description: Size of the largest file, such as V(4g); when empty, there is no limit.
        type: str
        default: 4g
      disk:
        description:
          - All that the machine writes, such as V(20g), where the engine's storage driver can
            limit it, such as overlay2 on XFS with project quotas; when empty, there is no limit.
        type: str
        default: ""
  keep_homes:
    description: Whether F(/home) is carried over to machines that are recreated.
    type: bool
    default: true
  uids:
    description:
      - Number of each account that has a home, with O(state=recreated), by its name; its group has
        the same. What belongs to whoever has the home before belongs to this account afterwards.
    type: dict
    default: {}
  files:
    description:
      - Files that every new machine is born with, such as the keys of sshd; the content by path.
      - They belong to root and have mode V(0600).
    type: dict
    default: {}
  wait_timeout:
    description: Seconds to wait until sshd answers on every machine that was started.
    type: int
    default: 60
"""
