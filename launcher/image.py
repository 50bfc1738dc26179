"""Build the machine image of a Debian release, once for each content of ``launcher/image``."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

import docker
import yaml
from rich.console import Console

from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError
from launcher.engine import install
from launcher.language import tr
from launcher.settings import RELEASES, ROOT

FOLDER = Path(__file__).parent / "image"
ROLE_DEFAULTS = ROOT / "roles" / "machine" / "defaults" / "main.yml"
LABEL = "labs.mail.image"
BASE_PACKAGES = "ca-certificates"

SYSTEM_PACKAGES = (
    "systemd", "systemd-sysv", "dbus", "python3", "python3-apt", "openssh-server", "iproute2",
    "ca-certificates", "debconf-utils",
)  # fmt: skip
"""What makes a machine of a root file system: process 1, and what Ansible needs."""


def name(release: str) -> str:
    """Return the name of a release's machine image."""
    return f"maillab/machine:{release}"


def ensure(client: docker.DockerClient, release: str, console: Console) -> bool:
    """Build the image where it is missing or made of something else; return whether it was."""
    wanted = digest(release)
    try:
        if client.images.get(name(release)).labels.get(LABEL) == wanted:
            return False
    except docker.errors.ImageNotFound:
        pass
    console.print(
        tr("  Building the machine image of Debian {release} (about a minute)", release=release)
    )
    arguments = {
        "BASE": _base(client, release, console),
        "PACKAGES": " ".join([*SYSTEM_PACKAGES, *packages()]),
    }
    build = client.api.build(
        path=str(FOLDER), tag=name(release), buildargs=arguments, labels={LABEL: wanted},
        rm=True, forcerm=True, decode=True,
    )  # fmt: skip
    last_lines: list[str] = []
    with console.status("") as status:
        for event in build:
            last_lines = (last_lines + event.get("stream", "").splitlines())[-20:]
            status.update("  " + " ".join(last_lines[-1:])[:70])
            if "error" in event:
                reason = tr("No image: {reason}", reason=event["error"].strip())
                raise EngineError("\n".join([*last_lines, reason]))
    return True


def packages() -> list[str]:
    """Return the packages that every machine has beside those of the system: the role's."""
    return yaml.safe_load(ROLE_DEFAULTS.read_text())["machine_packages"]


def digest(release: str) -> str:
    """Return a digest of all that an image is made of."""
    words = " ".join([*SYSTEM_PACKAGES, *packages()])
    made_of = hashlib.sha256(f"{release}\n{words}\n".encode())
    for path in sorted(FOLDER.iterdir()):
        made_of.update(path.name.encode() + b"\n" + path.read_bytes())
    return made_of.hexdigest()


def _base(client: docker.DockerClient, release: str, console: Console) -> str:
    """Return Debian's own image of the release, or one bootstrapped where none can be pulled."""
    official = f"debian:{RELEASES[release]}"
    try:
        client.images.pull(official)
    except docker.errors.APIError:
        text = tr("  {image} cannot be pulled: bootstrapping it from Debian's packages")
        console.print(text.format(image=official))
        return _bootstrap(client, release, console)
    return official


def _bootstrap(client: docker.DockerClient, release: str, console: Console) -> str:
    if shutil.which("mmdebstrap") is None:
        install(console, ["mmdebstrap"])
    tag = f"maillab/base:{release}"
    with tempfile.TemporaryDirectory() as folder, console.status("  mmdebstrap"):
        archive = Path(folder) / "base.tar"
        options = ["--variant=minbase", f"--include={BASE_PACKAGES}"]
        command = ["mmdebstrap", *options, RELEASES[release], str(archive)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            reason = result.stderr.strip()[-500:]
            text = tr("{command} failed: {reason}")
            raise EngineError(text.format(command=" ".join(command), reason=reason))
        repository, version = tag.split(":")
        client.api.import_image_from_file(str(archive), repository=repository, tag=version)
    return tag


def remove(client: docker.DockerClient, release: str) -> None:
    """Remove the machine image of a release, and what it was bootstrapped from."""
    for tag in (name(release), f"maillab/base:{release}"):
        with contextlib.suppress(docker.errors.ImageNotFound):
            client.images.remove(tag)
