#!/usr/bin/python
# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build a program from source and install it as a package."""

from __future__ import annotations

DOCUMENTATION = r"""
module: source_package
short_description: Build a program from source and install it as a package
version_added: "0.1.0"
description:
  - Gets a program's source, verifies its checksum, builds it, and makes a Debian package of what
    the commands installed. The package manager then knows every file; it refuses one that belongs
    to another package, removes them all again, and shows what was damaged.
  - Nothing is installed unless all of the build succeeded. What was installed before stays and runs.
  - A package is built once. It stays on the machine and on the controller, by a digest of all that
    determines it, and other machines of the same release and architecture get it instead of
    building. Machines that build for others must be trusted by these; see O(share).
  - The machine's own lists of archives are never changed, whether they are in the one-line format
    or in deb822; apt gets lists of its own to read source packages.
author:
  - Mail Lab developers (@labs-mail)
extends_documentation_fragment:
  - labs.mail.attributes
  - labs.mail.attributes.action
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  platform:
    support: full
    platforms: debian
options:
  name:
    description: Name of the package that is made. It must not be the name of one of the distribution.
    type: str
    required: true
  state:
    description:
      - V(present) builds the package, where it is not built yet, and installs it. A package that
        lacks files, or has others than it was built with, is installed again.
      - V(absent) purges it, and removes what was kept of it on the machine.
    type: str
    choices: [present, absent]
    default: present
  source:
    description: Where the source comes from; required with O(state=present).
    type: dict
    suboptions:
      package:
        description:
          - A source package of the distribution. Its upstream archive is taken, without the
            distribution's patches; apt verifies it.
        type: str
      version:
        description:
          - The version of O(source.package), as C(apt-cache showsrc) prints it.
          - When empty, the one that the distribution has when the package is built.
        type: str
        default: ""
      archive:
        description: URL of an archive that tar can unpack, or its path on the controller.
        type: str
      sha256:
        description: Checksum of the archive; required with O(source.archive).
        type: str
        default: ""
  build_packages:
    description:
      - Packages that the build needs. C(build-essential) is among them in any case. Those that
        were not installed before are removed after the build.
    type: list
    elements: str
    default: []
  environment:
    description:
      - Environment of O(commands). They also have E(DESTDIR), the folder that stands for the root
        of the machine in C(make install), and E(JOBS), the number of processors.
    type: dict
    default: {}
  commands:
    description:
      - What builds the program and installs it below E(DESTDIR). Each is run by C(sh -e) in the
        top folder of the source.
    type: list
    elements: str
    default: []
  files:
    description: More files of the package, content by absolute path.
    type: dict
    default: {}
  depends:
    description:
      - Packages that the program needs when it runs. Those of its shared libraries are found.
    type: list
    elements: str
    default: []
  conflicts:
    description: Packages whose place it takes; they are removed when it is installed.
    type: list
    elements: str
    default: []
  provides:
    description: Packages, mostly virtual ones, that it stands for.
    type: list
    elements: str
    default: []
  scripts:
    description: Shell scripts that are run when the package is installed or removed (see C(deb-postinst(5))).
    type: dict
    default: {}
    suboptions:
      preinst:
        description: Before the files are unpacked.
        type: str
      postinst:
        description: After the files were unpacked.
        type: str
      prerm:
        description: Before the files are removed.
        type: str
      postrm:
        description: After the files were removed.
        type: str
  timeout:
    description: Seconds that each of O(commands) may take.
    type: int
    default: 3600
  share:
    description:
      - Whether a package that one machine has built is kept on the controller, in the folder
        C(labs.mail) of E(ANSIBLE_HOME), and installed on the others. Its digest is kept beside it; one
        that was changed since is built again.
      - With V(false) every machine builds its own.
    type: bool
    default: true
  builder:
    description:
      - Name of the only machine of the inventory whose packages are given to others, with O(share),
        where not everybody who is root on a machine is trusted by the others. Have it build first, by a
        task with C(delegate_to) and O(install=false). Where it has built nothing that fits, such as for
        another release, a machine builds for itself alone.
      - When empty, the first machine that lacks a package builds it for all.
    type: str
    default: ""
  built:
    description:
      - Path, on the machine, of the package as another machine has built it from the same data.
        This is how O(share) hands it over.
    type: path
  build:
    description: Whether to build the package where it is neither kept on the machine nor given by O(built).
    type: bool
    default: true
  install:
    description:
      - Whether to install the package.
      - With V(false) it is only built, where it is neither installed nor kept, so that what else is
        to change can wait until there is a package.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Build GNU Hello from Debian's source package
  labs.mail.source_package:
    name: hello-from-source
    source:
      package: hello
    commands:
      - ./configure --prefix=/usr
      - make -j$JOBS
      - make install
    conflicts: [hello]

- name: Build a release of our own choice, from an archive on the controller
  labs.mail.source_package:
    name: hello-from-source
    source:
      archive: files/hello-2.12.tar.gz
      sha256: cf04af86dc085268c5f4470fbae49b18afbc221b78096aab842d934a76bad0ab
    environment:
      CFLAGS: -O0
    commands:
      - ./configure
      - make install

- name: Remove it
  labs.mail.source_package:
    name: hello-from-source
    state: absent
"""

RETURN = r"""
built:
  description: Whether it was built in this run, on this machine.
  returned: success
  type: bool
  sample: true
version:
  description: Version of the package; empty where that is not known before it is built.
  returned: success
  type: str
  sample: 3.7.11-0+deb12u1+0123456789abcdef
package_file:
  description: Where the package is kept on the machine.
  returned: with O(state=present)
  type: str
  sample: /var/cache/labs-mail/hello-from-source_0123456789abcdef.deb
log:
  description: Where the commands' output is, on the machine that has built it.
  returned: with O(state=present)
  type: str
  sample: /var/log/labs-mail/hello-from-source.log
missing:
  description: Whether there is no package, and O(build=false).
  returned: success
  type: bool
  sample: false
"""

import os
import shutil
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.labs.mail.plugins.module_utils._ansible_io.failure import fail
from ansible_collections.labs.mail.plugins.module_utils._build.apt import Apt
from ansible_collections.labs.mail.plugins.module_utils._build.package import (
    check,
    deb_name,
    deb_version,
    digest,
    release,
)
from ansible_collections.labs.mail.plugins.module_utils._build.source import Build
from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._files.locked_dir import work_folder

CACHE = Path("/var/cache/labs-mail")
LOGS = Path("/var/log/labs-mail")
OS_RELEASE = Path("/etc/os-release")

ARGUMENTS = {
    "name": {"required": True},
    "state": {"choices": ["present", "absent"], "default": "present"},
    "source": {
        "type": "dict",
        "options": {
            "package": {},
            "version": {"default": ""},
            "archive": {},
            "sha256": {"default": ""},
        },
        "mutually_exclusive": [["package", "archive"]],
        "required_one_of": [["package", "archive"]],
    },
    "build_packages": {"type": "list", "elements": "str", "default": []},
    "environment": {"type": "dict", "default": {}},
    "commands": {"type": "list", "elements": "str", "default": []},
    "files": {"type": "dict", "default": {}},
    "depends": {"type": "list", "elements": "str", "default": []},
    "conflicts": {"type": "list", "elements": "str", "default": []},
    "provides": {"type": "list", "elements": "str", "default": []},
    "scripts": {
        "type": "dict",
        "default": {},
        "options": {"preinst": {}, "postinst": {}, "prerm": {}, "postrm": {}},
    },
    "timeout": {"type": "int", "default": 3600},
    "share": {"type": "bool", "default": True},
    "builder": {"type": "str", "default": ""},
    "built": {"type": "path"},
    "build": {"type": "bool", "default": True},
    "install": {"type": "bool", "default": True},
}


def main() -> None:
    module = AnsibleModule(
        argument_spec=ARGUMENTS,
        required_if=[["state", "present", ["source"]]],
        supports_check_mode=True,
    )
    try:
        check(module.params)
        bring = present if module.params["state"] == "present" else absent
        result = bring(module, Apt(module.run_command))
    except ConfigError as error:
        fail(module, error)
    except OSError as error:
        fail(module, ConfigError(str(error)))
    module.exit_json(**{"built": False, "version": "", "missing": False, **result})


def present(module: AnsibleModule, apt: Apt) -> dict:
    """Install the package as far as that is asked for, and build it where there is none."""
    params = module.params
    name = params["name"]
    key = digest(params, release(OS_RELEASE.read_text()), apt.architecture())
    kept = CACHE / deb_name(name, key)
    result = {"package_file": str(kept), "log": str(log_of(name))}
    if apt.is_whole(name, key) or not params["install"] and apt.is_package(kept, key):
        return {"changed": False, "version": apt.version(name), **result}
    if module.check_mode:
        return {"changed": True, **result}
    CACHE.mkdir(mode=0o755, exist_ok=True)
    built = False
    with work_folder(str(CACHE / f"{name}.build")) as folder:
        if params["built"]:
            keep(params["built"], kept)
        elif not apt.is_package(kept, key):
            if not params["build"]:
                return {"changed": False, "missing": True, **result}
            build_package(module, apt, folder, kept, key)
            built = True
        if params["install"]:
            apt.install(kept, key)
    return {"changed": True, "built": built, "version": apt.version(name), **result}


def build_package(module: AnsibleModule, apt: Apt, folder: str, kept: Path, key: str) -> None:
    """Build the package in a folder, and keep it."""
    params = module.params
    build = Build(params, folder, str(log_of(params["name"])), module.run_command)
    archive, version = build.get()
    with apt.packages(["build-essential", *params["build_packages"]]):
        build.compile(build.unpack(archive))
        keep(build.pack(deb_version(version, key), apt.architecture()), kept)


def log_of(name: str) -> Path:
    """Return where the output of a build goes."""
    return LOGS / f"{name}.log"


def keep(package: str | Path, kept: Path) -> None:
    """Keep a package under its own name, where it is whole at any moment."""
    aside = kept.with_suffix(".tmp")
    shutil.copyfile(package, aside)
    aside.chmod(0o644)
    os.replace(aside, kept)


def absent(module: AnsibleModule, apt: Apt) -> dict:
    """Purge the package, and remove what was kept of it."""
    name = module.params["name"]
    kept = [path for path in (*CACHE.glob(f"{name}_*.deb"), log_of(name)) if path.exists()]
    known = bool(apt.status(name))
    if not module.check_mode:
        if known:
            apt.purge([name])
        for path in kept:
            path.unlink()
    return {"changed": known or bool(kept)}


if __name__ == "__main__":
    main()
