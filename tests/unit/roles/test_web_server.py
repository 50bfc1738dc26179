from __future__ import annotations

import pytest

from tests.support.role_variables import evaluate


def site_files(sites):
    """The files of sites. Raises ValueError with what is refused."""
    if refused := evaluate("web_server", "__web_server_refusals", web_server_sites=sites):
        raise ValueError(refused)
    return evaluate("web_server", "__web_server_files", web_server_sites=sites)


def made(attributes):
    """What is made of a site named x, by path: all but its path, and links are never followed."""
    files = {file.pop("path"): file for file in site_files({"x": attributes})}
    files.pop("/etc/lighttpd/lighttpd.conf")
    assert files.pop("/var/www") == {"state": "directory", "purge": True}
    assert all(file.pop("follow") is False for file in files.values())
    return files


def folder(purge=True, **more):
    return {"state": "directory", "purge": purge, **more}


MADE = {
    # a site's attributes, and what is made of them
    "nothing": ({}, {"/var/www/x": folder()}),
    "a page": (
        {"files": {"index.html": "a"}},
        {"/var/www/x": folder(), "/var/www/x/index.html": {"content": "a"}},
    ),
    "deep": (
        {"files": {"a/b/c": "1", "a/d": "2"}},
        {
            "/var/www/x": folder(),
            "/var/www/x/a": folder(),
            "/var/www/x/a/b": folder(),
            "/var/www/x/a/b/c": {"content": "1"},
            "/var/www/x/a/d": {"content": "2"},
        },
    ),
    "a root of its own keeps what is there": ({"root": "/srv/a"}, {"/srv/a": folder(False)}),
    "but if it is told to": ({"root": "/srv/a", "purge": True}, {"/srv/a": folder()}),
    "kept": ({"purge": False}, {"/var/www/x": folder(False)}),
    "owned": (
        {"owner": "tech", "files": {"a": ""}},
        {
            "/var/www/x": folder(owner="tech"),
            "/var/www/x/a": {"content": "", "owner": "tech"},
        },
    ),
    "null": ({"files": {"a": None}, "root": None}, {"/var/www/x": folder()}),
}


@pytest.mark.parametrize(("attributes", "files"), MADE.values(), ids=MADE)
def test_what_a_site_is_made_of(attributes, files):
    assert made(attributes) == files


def test_a_site_that_is_null_is_not_there():
    paths = [file["path"] for file in site_files({"x": None, "y": {}})]
    assert paths == ["/var/www", "/var/www/y", "/etc/lighttpd/lighttpd.conf"]


NAMES = {
    # a site's names, the root of all other names, and the names that the root of x is for
    "its own": (None, "/nonexistent", ["x"]),
    "others": (["www.x.fr", "X.fr"], "/nonexistent", ["www.x.fr", "x.fr"]),
    "every": (["*"], "/var/www/x", []),
    "one and every": (["x.fr", "*"], "/var/www/x", ["x.fr"]),
}


@pytest.mark.parametrize(("names", "every", "hosts"), NAMES.values(), ids=NAMES)
def test_the_names_that_lighttpd_serves(names, every, hosts):
    lines = site_files({"x": {"names": names}})[-1]["content"].splitlines()
    assert f'server.document-root = "{every}"' in lines
    assert [line for line in lines if line.startswith("$HTTP")] == [
        f'$HTTP["host"] == "{host}" {{ server.document-root = "/var/www/x" }}' for host in hosts
    ]


REFUSED = {
    # a site named x, and the end of what is said of it
    "no mapping": ("a", "web_server_sites.x: found 'a'; write a mapping of attributes"),
    "misspelt": (
        {"name": []},
        "web_server_sites.x: name is no attribute here; did you mean names?",
    ),
    "one name": (
        {"names": "x.fr"},
        "web_server_sites.x.names: found 'x.fr'; write a list of host names",
    ),
    "no host": ({"names": ['a" {']}, "write host names, such as www.student1.test"),
    "relative root": (
        {"root": "srv"},
        "web_server_sites.x.root: found 'srv'; write a folder's path",
    ),
    "the root": ({"root": "/"}, "write a folder's path"),
    "a root above": ({"root": "/srv/../etc"}, "write a folder's path"),
    "a quote": ({"root": '/a"b'}, "write a folder's path"),
    "list of files": ({"files": ["a"]}, "write a mapping of contents by their paths"),
    "absolute": ({"files": {"/etc/passwd": ""}}, "write paths below the root"),
    "above": ({"files": {"a/../../b": ""}}, "write paths below the root"),
    "no name": ({"files": {"a//b": ""}}, "write paths below the root"),
    "a folder": ({"files": {"a/": ""}}, "write paths below the root"),
    "a number": ({"files": {"a": 1}}, "write contents as text"),
    "a file above": (
        {"files": {"a": "", "a/b": ""}},
        "web_server_sites.x.files: a cannot be a file and the",
    ),
    "purge": ({"purge": "no"}, "web_server_sites.x.purge: found 'no'; write true or false"),
    "owner": ({"owner": "a b"}, "web_server_sites.x.owner: found 'a b'; write an account's name"),
}


@pytest.mark.parametrize(("attributes", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(attributes, message):
    with pytest.raises(ValueError) as caught:
        site_files({"x": attributes})
    assert message in str(caught.value)


@pytest.mark.parametrize("key", ["", "..", "a/b", "*", 7, "a\n"])
def test_a_site_s_name_must_be_a_folder_s_too(key):
    with pytest.raises(ValueError, match="is no name of a site"):
        site_files({key: {}})


def test_sites_are_a_mapping():
    with pytest.raises(ValueError, match="write a mapping of sites by their names"):
        site_files([])


@pytest.mark.parametrize(
    ("one", "other", "message"),
    [
        ({"names": ["a.fr"]}, {"names": ["b.fr", "A.fr"]}, "both have the name a.fr"),
        ({"names": ["*"]}, {"names": ["*"]}, r"both have the name \*"),
        ({"root": "/srv"}, {"root": "/srv"}, "both have the root /srv"),
    ],
)
def test_two_sites_share_neither_name_nor_root(one, other, message):
    with pytest.raises(ValueError, match=f"web_server_sites: one and other {message}"):
        site_files({"one": one, "other": other})
