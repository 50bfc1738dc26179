"""The root file system of a machine image, as an archive for engines that do not build images."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from rich.console import Console

from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError
from launcher import engine, image
from launcher.language import tr
from launcher.settings import RELEASES

PLACE = Path("/var/tmp")
"""Where half a gigabyte has room."""


@contextlib.contextmanager
def of(release: str, console: Console) -> Iterator[IO[bytes]]:
    """Yield the archive: of Docker's image where Docker answers, made of packages otherwise."""
    with tempfile.TemporaryDirectory(dir=PLACE) as directory:
        path = Path(directory) / "rootfs.tar"
        if engine.answers():
            _export(release, console, path)
        else:
            _bootstrap(release, console, path)
        with path.open("rb") as archive:
            yield archive


def _export(release: str, console: Console, path: Path) -> None:
    client = engine.ensure(console)
    image.ensure(client, release, console)
    container = client.containers.create(image.name(release))
    try:
        with path.open("wb") as archive:
            for block in container.export():
                archive.write(block)
    finally:
        container.remove(v=True)


def _bootstrap(release: str, console: Console, path: Path) -> None:
    if shutil.which("mmdebstrap") is None:
        engine.install(console, ["mmdebstrap"])
    text = tr("  Building the machine image of Debian {release} (about a minute)")
    console.print(text.format(release=release))
    script = image.FOLDER / "prepare"
    packages = [*image.SYSTEM_PACKAGES, *image.packages()]
    command = [
        "mmdebstrap",
        "--variant=minbase",
        f"--include={','.join(packages)}",
        f'--customize-hook=copy-in "{script}" /tmp',
        '--customize-hook=chroot "$1" sh /tmp/prepare',
        '--customize-hook=rm "$1/tmp/prepare"',
        RELEASES[release],
        str(path),
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        reason = result.stderr.strip()[-500:]
        text = tr("{command} failed: {reason}")
        raise EngineError(text.format(command="mmdebstrap", reason=reason))
