"""Save the work on machines in archives on the teacher's disk, and bring it back."""

from __future__ import annotations

import contextlib
import io
import json
import posixpath
import tarfile
import tempfile
import time
from argparse import Namespace
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import docker
from rich.console import Console

from ansible_collections.labs.mail.plugins.module_utils._incus.sftp import NoFileError
from ansible_collections.labs.mail.plugins.module_utils._provider.errors import EngineError
from launcher import playbook, positions, providers, settings
from launcher.attempts import STAMP, shown
from launcher.language import tr
from launcher.machines import chosen
from launcher.positions import Position
from launcher.providers import Provider
from launcher.saved_files import (
    ACCOUNTS,
    DIRECTORIES,
    Accounts,
    Budget,
    WorkError,
    harmless,
    is_left_out,
    merged,
    packages_in,
    renumbered,
)

DIRECTORY = settings.ROOT / "work"
ABOUT = "labs.mail.json"
FORMAT = 1
IN_MEMORY = 8 << 20
INSTALL_SECONDS = 900
PULSE_SECONDS = 0.2
MOST_TEXT = 64 << 20
ENVELOPE = 64 << 10
"""More bytes than the archive of one file has besides the file: headers and padding (tar(5))."""

DELETED = "/var/tmp/labs.mail-deleted"
STATUS = "/var/lib/dpkg/status"


def save(given: Namespace, console: Console) -> int:
    """Save the work on machines, each in an archive of its own; 1 where one could not be saved."""
    lab = settings.needed()
    provider = providers.of(lab, console)
    stamp = datetime.now(UTC).strftime(STAMP)
    directory = Path(given.to).expanduser() if given.to else DIRECTORY / stamp
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    known, failed = positions.read(), 0
    for machine in chosen(given.machines or ["all"], lab.names):
        path = directory / f"{machine}.tar.gz"
        where = positions.where(machine, known)
        about = {
            "format": FORMAT,
            "machine": machine,
            "lab": lab.lab,
            "time": stamp,
            "exercise": where.exercise,
            "stage": where.stage,
        }
        try:
            if path.exists():
                raise WorkError(
                    tr("{path} is there already; name another directory").format(path=path)
                )
            _save(_container(provider, lab, machine), about, path)
        except (WorkError, EngineError, docker.errors.APIError, tarfile.TarError) as error:
            failed = 1
            console.print(f"[red]✗[/] {machine}: {error}", soft_wrap=True)
            continue
        size = path.stat().st_size / 1e6
        console.print(f"[green]✓[/] {machine}: {shown(path)} ({size:.1f} MB)", soft_wrap=True)
    return failed


def _container(provider: Provider, lab: settings.Settings, machine: str) -> Any:
    found = provider.machine(lab.lab, machine)
    if found is None:
        raise WorkError(tr("there is no such container; make lab starts it"))
    return found


def _save(container: Any, about: dict[str, Any], path: Path) -> None:
    """Write an archive; it has its name once it is whole."""
    budget = Budget()
    about["packages"] = packages_in(text_of(container, STATUS))
    about["release"] = container.labels.get("labs.mail.release", "")
    unfinished = path.with_name(f".{path.name}~")
    try:
        with tarfile.open(unfinished, "w:gz", compresslevel=3) as archive:
            unfinished.chmod(0o600)
            content = json.dumps(about, indent=2).encode()
            entry = tarfile.TarInfo(ABOUT)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
            for directory in DIRECTORIES:
                with _archive(container, directory, budget) as found:
                    _copy(found, archive, posixpath.dirname(directory), budget)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _copy(source: Any, target: tarfile.TarFile, top: str, budget: Budget) -> None:
    for member in harmless(source, top, budget):
        target.addfile(member, source.extractfile(member) if member.isreg() else None)


@contextlib.contextmanager
def _archive(
    container: Any, directory: str, budget: Budget
) -> Iterator[tarfile.TarFile | Iterable[tarfile.TarInfo]]:
    """Yield the archive that the engine makes of a directory; nothing where there is none.

    Raises WorkError where it is too large.
    """
    try:
        stream, _about = container.get_archive(directory)
    except (docker.errors.NotFound, NoFileError):
        yield ()
        return
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
        for block in stream:
            if file.tell() + len(block) > budget.bytes:
                budget.spend(budget.bytes + 1)
            file.write(block)
        file.seek(0)
        with tarfile.open(fileobj=file, mode="r|") as archive:
            yield archive


def text_of(container: Any, path: str, most: int = MOST_TEXT) -> str:
    """Return the text of a file of a machine; nothing where that is no plain file.

    The engine may say how large it is. Raises WorkError where it is larger than ``most`` bytes.
    """
    stream, about = container.get_archive(path)
    content = bytearray()
    # Of a directory the engine sends all that it holds, and its own size alone beforehand.
    for block in stream if about["size"] <= most else ():
        content += block
        if len(content) > most + ENVELOPE:
            break
    if about["size"] > most or len(content) > most + ENVELOPE:
        text = tr("{path} has {size} bytes, more than {most}")
        size = max(about["size"], len(content))
        raise WorkError(text.format(path=path, size=size, most=most))
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        member = archive.next()
        file = archive.extractfile(member) if member and member.isreg() else None
        return file.read().decode("utf-8", "replace") if file else ""


def restore(given: Namespace, console: Console) -> int:
    """Bring saved work back: each machine is reset first, and then has what was saved."""
    lab = settings.needed()
    provider = providers.of(lab, console)
    directory = Path(given.source).expanduser() if given.source else _last()
    saved = {path.name.removesuffix(".tar.gz"): path for path in sorted(directory.glob("*.tar.gz"))}
    machines = chosen(given.machines or list(saved), lab.names)
    missing = [name for name in machines if name not in saved]
    if missing or not machines:
        text = tr("{directory} has no work of {machines}; it has that of {known}.")
        raise WorkError(
            text.format(
                directory=shown(directory),
                machines=", ".join(missing) or tr("these machines"),
                known=", ".join(saved) or tr("nobody"),
            )
        )
    for machine in machines:
        about = _about(saved[machine], machine)
        where = Position(about["exercise"], "start", lab_reached=False)
        positions.write({machine: where})
        playbook.run(
            "reset", limit=[machine, "localhost"], exercise=where.exercise, keep_homes=False
        )
        container = _container(provider, lab, machine)
        release = container.labels.get("labs.mail.release", "")
        if release != about["release"]:
            text = tr("{machine} runs Debian {release}, and the work is of Debian {saved}")
            raise WorkError(text.format(machine=machine, release=release, saved=about["release"]))
        _install(container, about["packages"])
        _unpack(container, saved[machine])
        provider.restart(container)
        _wait(container)
        positions.write({machine: Position(about["exercise"], about["stage"])})
        text = tr("{machine}: the work of {time} is back, at {exercise}.")
        console.print(text.format(machine=machine, time=about["time"], exercise=about["exercise"]))
    return 0


def _last() -> Path:
    found = sorted(path for path in DIRECTORY.glob("*") if path.is_dir())
    if not found:
        raise WorkError(tr("nothing was saved yet: ./lab save does"))
    return found[-1]


def _about(path: Path, machine: str) -> dict[str, Any]:
    """Return what an archive says of itself. Raises WorkError."""
    try:
        with tarfile.open(path, "r:gz") as archive:
            member = archive.next()
            content = archive.extractfile(member) if member and member.name == ABOUT else None
            about = json.loads(content.read()) if content else {}
        if about["format"] != FORMAT or about["machine"] != machine:
            raise KeyError(machine)
        return about
    except (OSError, EOFError, ValueError, KeyError, tarfile.TarError) as error:
        text = tr("{path} is no work of {machine} that ./lab save has written ({error})")
        raise WorkError(text.format(path=path, machine=machine, error=error)) from None


def _install(container: Any, wanted: list[str]) -> None:
    """Install and remove packages, so that the machine has those that it had."""
    there = set(packages_in(text_of(container, STATUS)))
    words = [name for name in wanted if name not in there]
    words += [f"{name}-" for name in sorted(there - set(wanted))]
    if not words:
        return
    environment = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    options = ["-qq", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"]
    for command in (["update"], ["install", *words]):
        limited = ["timeout", str(INSTALL_SECONDS), "apt-get", *options, *command]
        code, output = container.exec_run(limited, environment=environment)
        if code != 0:
            said = " ".join(output.decode("utf-8", "replace").split())[-400:]
            text = tr("apt-get {command} failed on {name}: {said}")
            raise WorkError(text.format(command=command[0], name=container.name, said=said))


def _unpack(container: Any, path: Path) -> None:
    """Make the saved directories what they were."""
    fresh = Accounts.read(lambda name: text_of(container, name))
    with tarfile.open(path, "r:gz") as archive:
        found = {member.name: member for member in _files(archive, Budget())}
        saved = Accounts.read(lambda name: _member_text(archive, found[name.lstrip("/")]))
        accounts, users, groups = merged(saved, fresh)
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as packed:
            with tarfile.open(fileobj=packed, mode="w") as target:
                for member in renumbered(found.values(), users, groups):
                    content: IO[bytes] | None = None
                    if f"/{member.name}" in ACCOUNTS:
                        data = accounts.text(f"/{member.name}").encode()
                        member.size, content = len(data), io.BytesIO(data)
                    elif member.isreg():
                        content = archive.extractfile(member)
                    target.addfile(member, content)
            packed.seek(0)
            _delete(container, _more(container, set(found)))
            container.put_archive("/", packed)


def _files(archive: tarfile.TarFile, budget: Budget) -> Iterator[tarfile.TarInfo]:
    """Yield what an archive on the teacher's disk holds: it is a stranger's all the same."""
    yield from harmless((each for each in archive if each.name != ABOUT), "/", budget)


def _member_text(archive: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    content = archive.extractfile(member)
    return content.read().decode("utf-8", "replace") if content else ""


def _more(container: Any, saved: set[str]) -> list[str]:
    """Return what the machine has in the saved directories that the saved one had not."""
    found: list[str] = []
    for directory in DIRECTORIES:
        with _archive(container, directory, Budget()) as archive:
            for member in archive:
                path = posixpath.join(posixpath.dirname(directory), member.name).rstrip("/")
                name = path.lstrip("/")
                above = posixpath.dirname(name) in saved
                if name not in saved and above and not is_left_out(path):
                    found.append(name)
    return found


def _delete(container: Any, names: list[str]) -> None:
    if not names:
        return
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as packed:
        with tarfile.open(fileobj=packed, mode="w") as target:
            _add(target, DELETED, "".join(f"/{name}\0" for name in names).encode())
        packed.seek(0)
        container.put_archive("/", packed)
    container.exec_run(["sh", "-c", f"xargs -0 rm -rf -- < {DELETED}; rm -f {DELETED}"])


def _add(target: tarfile.TarFile, path: str, data: bytes) -> None:
    entry = tarfile.TarInfo(path.lstrip("/"))
    entry.size, entry.mode = len(data), 0o600
    target.addfile(entry, io.BytesIO(data))


def _wait(container: Any, seconds: float = 60) -> None:
    """Wait until the machine is up again."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        said = container.exec_run(["systemctl", "is-system-running", "--wait"]).output
        if said.strip() in (b"running", b"degraded"):
            return
        time.sleep(PULSE_SECONDS)
    text = tr("{name} did not come up again within {seconds:.0f} s")
    raise WorkError(text.format(name=container.name, seconds=seconds))
