"""Open a class: the gate, by which students come from their own computers, and close it again."""

from __future__ import annotations

import hashlib
import ipaddress
import shutil
import socket
import ssl
from argparse import Namespace
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml
from rich.console import Console

from launcher import browser_libraries, keys, playbook, providers, settings
from launcher.board import gate_events, places
from launcher.board.gate_events import GATE
from launcher.inventory import CLASS, KEYS
from launcher.language import LANGUAGES, tr
from launcher.settings import Settings, SettingsError

NUMBER = 5
"""The gate's address on the lab's network: .2 is the world's, .3 and .4 its spammers'."""

CLASS_KEYS, PAGE_KEYS = "class", "page"
PORT, PAGE_PORT = 2222, 8443
ELSEWHERE = ("192.0.2.1", 9)
"""An address that nobody has (RFC 5737): by which of its own this computer would reach others."""

HEAD = """\
# Made by `./lab class`: the gate of the class that is open. `./lab class --close` removes it.
"""


@dataclass(frozen=True)
class Class:
    """A class that is open: where students find the gate, and whether they are trusted."""

    class_address: str
    class_port: int
    students_are_trusted: bool
    class_page_port: int = PAGE_PORT
    class_desktop: str = ""
    """The language of the desktop that machines have; none has one where it is empty."""

    @property
    def page(self) -> str:
        """Where browsers find the page."""
        port = "" if self.class_page_port == 443 else f":{self.class_page_port}"
        return f"https://{self.class_address}{port}/"


def classroom(given: Namespace, console: Console) -> int:
    """Open the class, or close it; 1 where a student's machine could not be made ready."""
    lab = settings.needed()
    return close(lab, console) if given.close else begin(given, lab, console)


def begin(given: Namespace, lab: Settings, console: Console) -> int:
    """Open the class, and say what students type."""
    before = opened()
    wanted = _wanted(given, before)
    _refuse(wanted, before, lab)
    providers.of(lab, console)
    keys.ensure(KEYS, {GATE: lab.address(NUMBER)})
    _fetch_libraries(wanted, console)
    _write(wanted, lab)
    try:
        playbook.run("up")
    except playbook.PlaybookError:
        if not before:
            _path().unlink(missing_ok=True)
        raise
    ran = playbook.attempt("class")
    missing = [name for name in ran.failed if name in lab.names]
    if ran.code and (GATE in ran.failed or not missing):
        raise playbook.PlaybookError(
            tr("playbooks/{name}.yml failed; the reason stands above.", name="class")
        )
    _say(wanted, lab, console)
    if missing:
        text = tr("Nobody comes in to {machines}: mend them, and run `./lab class` again.")
        console.print(text.format(machines=", ".join(missing)), style="red", soft_wrap=True)
    return 1 if missing else 0


def _wanted(given: Namespace, before: Class | None) -> Class:
    """Return the class that is asked for; what is not said stays as it was."""
    return Class(
        _address(given.address or (before.class_address if before else "")),
        _port(given.port, before.class_port if before else PORT),
        bool(given.students_are_trusted or (before and before.students_are_trusted)),
        _port(given.page_port, before.class_page_port if before else PAGE_PORT, "--page-port"),
        given.desktop or (before.class_desktop if before else ""),
    )


def _refuse(wanted: Class, before: Class | None, lab: Settings) -> None:
    """Raise SettingsError where the class cannot be what is asked for."""
    if lab.engine == "docker" and not wanted.students_are_trusted:
        raise SettingsError(
            tr(
                "on Docker, root of a student's machine is root of this computer: take a lab with "
                "ENGINE=incus or ENGINE=lxd, or say `--students-are-trusted`."
            )
        )
    if before:
        _stays(before.class_port, wanted.class_port)
        _stays(before.class_page_port, wanted.class_page_port)
    if wanted.class_port == wanted.class_page_port:
        raise SettingsError(tr("`--port` and `--page-port` are two ports."))


def _stays(before: int, wanted: int) -> None:
    if before != wanted:
        raise SettingsError(
            tr(
                "the class is open at port {port}: close it first, `./lab class --close`",
                port=before,
            )
        )


def _fetch_libraries(wanted: Class, console: Console) -> None:
    """Fetch what shows a terminal in a browser; without it students come in by ssh alone."""
    try:
        browser_libraries.ensure(browser_libraries.TERMINAL)
    except browser_libraries.LibraryError as error:
        text = tr("The class has no page, since the terminal's library cannot be fetched: {reason}")
        said = text.format(reason=error)
        console.print(said, style="red", soft_wrap=True, markup=False)
    if wanted.class_desktop:
        try:
            browser_libraries.ensure(browser_libraries.DESKTOP)
        except browser_libraries.LibraryError as error:
            # Nothing is changed yet: who goes without a desktop says so.
            text = tr("the desktop's library cannot be fetched: {reason}")
            raise SettingsError(text.format(reason=error)) from error


def _say(wanted: Class, lab: Settings, console: Console) -> None:
    name = lab.names[0]
    port, address = wanted.class_port, wanted.class_address
    if fingerprint := page_fingerprint(wanted):
        console.print(
            "\n"
            + tr("The class's page, for any browser:")
            + f"\n  [bold]{wanted.page}[/]\n"
            + tr("Its certificate (SHA-256): {fingerprint}", fingerprint=fingerprint)
            + "\n"
            + tr(
                "Browsers trust it where {path} is installed.",
                path=_certificate("authority", wanted),
            ),
            soft_wrap=True,
        )
    console.print(
        "\n"
        + tr("The class is open. {name} types, and then the words of the card:", name=name)
        + f"\n  [bold]ssh -p {port} {name}@{address}[/]\n"
        + tr("With the own machine's mail at ports of the own computer, for Thunderbird:")
        + f"\n  [bold]ssh -p {port} -L 1143:{name}:143 -L 1025:{name}:25 {name}@{address}[/]\n"
        + tr("The gate's key: {fingerprint}", fingerprint=gate_fingerprint())
        + "\n"
        + tr("`./lab cards` prints a card for each student; `./lab class --close` ends the class."),
        soft_wrap=True,
    )


def close(lab: Settings, console: Console) -> int:
    """Close the class: the gate goes, and no machine lets it in any more."""
    if opened() is None:
        console.print(tr("No class is open."))
        return 0
    provider = providers.of(lab, console)
    # First, since nobody may come in while this goes on, and a machine may hold it up.
    gate_events.keep(provider, lab)
    provider.discard(lab.lab, GATE)
    playbook.attempt("class", limit=[*lab.names, "localhost"], class_state="absent")
    _path().unlink(missing_ok=True)
    shutil.rmtree(KEYS / CLASS_KEYS, ignore_errors=True)
    console.print(tr("The class is closed; the machines are as they were."))
    console.print(tr("What happened in it is kept: {path}", path=places.events()), soft_wrap=True)
    return 0


def opened() -> Class | None:
    """Return the class that is open, or None. Raises SettingsError."""
    path = _path()
    if not path.exists():
        return None
    try:
        known = yaml.safe_load(path.read_text(encoding="utf-8"))["all"]["vars"]
        found = Class(**known)
        return Class(
            _address(found.class_address),
            _port(str(found.class_port)),
            found.students_are_trusted is True,
            _port(str(found.class_page_port)),
            found.class_desktop if found.class_desktop in LANGUAGES else "",
        )
    except (yaml.YAMLError, KeyError, TypeError, UnicodeDecodeError, SettingsError) as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        text = tr(
            "{path}, which says what class is open, cannot be read ({reason}). Remove it, and open "
            "the class again."
        )
        raise SettingsError(text.format(path=path, reason=reason)) from error


def gate_fingerprint() -> str:
    """Return the fingerprint of the gate's host key."""
    return keys.fingerprint(KEYS / keys.HOST_KEYS / f"{GATE}.pub")


def page_fingerprint(opened: Class) -> str:
    """Return the SHA-256 of the page's certificate as browsers show it; nothing without a page."""
    path = _certificate("page", opened)
    return fingerprint_of(path) if path.exists() else ""


def fingerprint_of(path: Path) -> str:
    """Return the SHA-256 of a certificate as browsers show it."""
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(path.read_text())).hexdigest().upper()
    return ":".join(digest[at : at + 2] for at in range(0, len(digest), 2))


def _certificate(name: str, opened: Class) -> Path:
    return KEYS / PAGE_KEYS / f"{name}-{opened.class_address}.pem"


def _write(wanted: Class, lab: Settings) -> None:
    hosts = {GATE: {"machine_address": lab.address(NUMBER)}}
    inventory = {"vars": asdict(wanted), "children": {"machines": {"hosts": hosts}}}
    # Ansible reads no file of an inventory whose name ends so.
    unfinished = _path().with_name(f"{_path().name}~")
    unfinished.write_text(HEAD + yaml.safe_dump({"all": inventory}, sort_keys=False))
    unfinished.replace(_path())


def _port(text: str | None, otherwise: int = 0, option: str = "--port") -> int:
    if not text and otherwise:
        return otherwise
    text = text or ""
    if text.isascii() and text.isdigit() and 1 <= int(text) <= 65535:
        return int(text)
    raise SettingsError(
        tr("`{option} {found}`: write a number such as 2222.", option=option, found=text)
    )


def _address(text: str) -> str:
    """Return the address at which students find this computer."""
    if not text:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            try:
                asking.connect(ELSEWHERE)
            except OSError as error:
                raise SettingsError(
                    tr("this computer has no way to others; name its address, `--address ADDRESS`.")
                ) from error
            return str(asking.getsockname()[0])
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError as error:
        sentence = tr("`--address {found}`: write an IPv4 address of this computer.", found=text)
        raise SettingsError(sentence) from error


def _path() -> Path:
    return settings.HOSTS.with_name(CLASS)
