# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Static web sites as data, and what lighttpd serves them from (its Docs_ConfigurationOptions)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.module_utils._schema import (
    Reader,
    list_of,
    matching,
    read_attributes,
    truth,
)

CONFIGURATION = "/etc/lighttpd/lighttpd.conf"
FOLDER = "/var/www"
"""The folder of the sites that name no root; what is in it is a site's or goes."""

EVERY = "*"
"""The name of the site that answers to every name that no other has."""

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".gif": "image/gif",
    ".html": "text/html",
    ".ico": "image/vnd.microsoft.icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".log": "text/plain; charset=utf-8",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".rss": "application/rss+xml",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".xml": "text/xml",
    "": "application/octet-stream",
}
"""What the end of a file's name says of what it holds; an .html says its charset itself."""

HOST = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*"
PART = r"(?!\.{1,2}(/|$))[^/\x00-\x1f\x7f]+"


def files(value: Any) -> dict[str, str]:
    """Read contents by their paths; a content that is None is a file that is not there."""
    if not isinstance(value, Mapping):
        raise ValueError("write a mapping of contents by their paths, such as {index.html: …}")
    path = matching(rf"{PART}(/{PART})*", "write paths below the root, such as mail/index.html")
    content = matching(r"(?s).*", "write contents as text")
    return {path(name): content(text) for name, text in value.items() if text is not None}


ATTRIBUTES: dict[str, Reader] = {
    "names": list_of(
        matching(
            rf"\*|{HOST}", "write host names, such as www.student1.test, or '*' for all others"
        ),
        "write a list of host names",
    ),
    "root": matching(r"(/(?!\.{1,2}(/|$))[\w.+@~-]+)+", "write a folder's path, from / on"),
    "files": files,
    "purge": truth,
    "owner": matching(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", "write an account's name"),
}
"""How each attribute of a site is read."""


class Site(NamedTuple):
    """A site: the names that it answers to, its folder, and what that holds."""

    names: list[str]
    root: str
    files: dict[str, str]
    purge: bool
    owner: str | None


def read_site(key: Any, given: Any, place: str) -> Site:
    """Return a site with what follows from its attributes. Raises ConfigError."""
    place = f"{place}.{key}"
    try:
        matching(HOST, "write a host name, or another word of letters, digits, - and .")(key)
    except ValueError as error:
        raise ConfigError(f"is no name of a site; {error}", place) from None
    found = read_attributes(given, ATTRIBUTES, place)
    site = Site(
        names=[name.lower() for name in found.get("names", [key])],
        root=found.get("root", f"{FOLDER}/{key}"),
        files=found.get("files", {}),
        purge=found.get("purge", "root" not in found),
        owner=found.get("owner"),
    )
    for path in site.files:
        above = next((folder for folder in folders(path) if folder in site.files), None)
        if above:
            raise ConfigError(
                f"{above} cannot be a file and the folder of {path}", f"{place}.files"
            )
    return site


def read_sites(given: Any, place: str) -> list[Site]:
    """Return the sites of a mapping by their keys; None is a site that is not there.

    Raises ConfigError where one cannot be, or two answer to the same name. ``place`` is the name
    of the variable that holds them.
    """
    if not isinstance(given, Mapping):
        raise ConfigError(f"found {given!r}; write a mapping of sites by their names", place)
    sites, taken = [], {}
    for key, attributes in given.items():
        if attributes is None:
            continue
        site = read_site(key, attributes, place)
        for kind, word in [*(("name", name) for name in site.names), ("root", site.root)]:
            other = taken.setdefault((kind, word), key)
            if other != key:
                raise ConfigError(f"{other} and {key} both have the {kind} {word}", place)
        sites.append(site)
    return sites


def folders(path: str) -> list[str]:
    """Return the folders above a relative path, the uppermost first."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[: number + 1]) for number in range(len(parts))]


def site_files(sites: list[Site]) -> Iterator[dict[str, Any]]:
    """Yield what the sites' folders hold, as the module ``files`` takes it."""
    yield {"path": FOLDER, "state": "directory", "purge": True}
    for site in sites:
        # Root writes into folders that may be somebody else's, who could put a link there.
        common = {"owner": site.owner, "follow": False} if site.owner else {"follow": False}
        below = dict.fromkeys(folder for path in site.files for folder in folders(path))
        for path in [site.root, *(posixpath.join(site.root, folder) for folder in below)]:
            yield {**common, "path": path, "state": "directory", "purge": site.purge}
        for path, content in site.files.items():
            yield {**common, "path": posixpath.join(site.root, path), "content": content}


def lighttpd_conf(sites: list[Site], port: int) -> str:
    """Return the whole configuration of lighttpd that serves the sites."""
    roots = {name: site.root for site in sites for name in site.names}
    # A folder that there is not: what has no name here is not found.
    lines = [f'server.document-root = "{roots.pop(EVERY, "/nonexistent")}"', *HEAD]
    lines += [f"server.port = {port}", f'include_shell "/usr/share/lighttpd/use-ipv6.pl {port}"']
    lines += [
        "mimetype.assign = (",
        *(f'  "{end}" => "{kind}",' for end, kind in TYPES.items()),
        ")",
    ]
    for name, root in roots.items():
        lines.append(f'$HTTP["host"] == "{name}" {{ server.document-root = "{root}" }}')
    return "".join(f"{line}\n" for line in ["# Managed by Ansible: labs.mail.web_server", *lines])


HEAD = (
    'server.modules = ("mod_indexfile", "mod_accesslog", "mod_staticfile")',
    'server.username = "www-data"',
    'server.groupname = "www-data"',
    'server.pid-file = "/run/lighttpd.pid"',
    'server.errorlog = "/var/log/lighttpd/error.log"',
    'accesslog.filename = "/var/log/lighttpd/access.log"',
    'index-file.names = ("index.html")',
)
"""What holds whatever is served."""
