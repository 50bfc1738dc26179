from __future__ import annotations

import pytest

from ansible_collections.labs.mail.plugins.module_utils._errors import ConfigError
from ansible_collections.labs.mail.plugins.plugin_utils import _web_sites as web


def made(attributes):
    """What is made of a site named x, by path: all but its path, and links are never followed."""
    files = {
        file.pop("path"): file for file in web.site_files(web.read_sites({"x": attributes}, "v"))
    }
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
    sites = web.read_sites({"x": None, "y": {}}, "v")
    assert [site.root for site in sites] == ["/var/www/y"]


NAMES = {
    # a site's names, the root of all other names, and the names that the root of x is for
    "its own": (None, "/nonexistent", ["x"]),
    "others": (["www.x.fr", "X.fr"], "/nonexistent", ["www.x.fr", "x.fr"]),
    "every": (["*"], "/var/www/x", []),
    "one and every": (["x.fr", "*"], "/var/www/x", ["x.fr"]),
}


@pytest.mark.parametrize(("names", "every", "hosts"), NAMES.values(), ids=NAMES)
def test_the_names_that_lighttpd_serves(names, every, hosts):
    lines = web.lighttpd_conf(web.read_sites({"x": {"names": names}}, "v"), 80).splitlines()
    assert f'server.document-root = "{every}"' in lines
    assert [line for line in lines if line.startswith("$HTTP")] == [
        f'$HTTP["host"] == "{host}" {{ server.document-root = "/var/www/x" }}' for host in hosts
    ]


REFUSED = {
    # a site named x, and the end of what is said of it
    "no mapping": ("a", "v.x: found 'a'; write a mapping of attributes"),
    "misspelt": ({"name": []}, "v.x: name is no attribute here; did you mean names?"),
    "one name": ({"names": "x.fr"}, "v.x.names: found 'x.fr'; write a list of host names"),
    "no host": ({"names": ['a" {']}, "write host names, such as www.student1.test"),
    "relative root": ({"root": "srv"}, "v.x.root: found 'srv'; write a folder's path"),
    "the root": ({"root": "/"}, "write a folder's path"),
    "a root above": ({"root": "/srv/../etc"}, "write a folder's path"),
    "a quote": ({"root": '/a"b'}, "write a folder's path"),
    "list of files": ({"files": ["a"]}, "write a mapping of contents by their paths"),
    "absolute": ({"files": {"/etc/passwd": ""}}, "write paths below the root"),
    "above": ({"files": {"a/../../b": ""}}, "write paths below the root"),
    "no name": ({"files": {"a//b": ""}}, "write paths below the root"),
    "a folder": ({"files": {"a/": ""}}, "write paths below the root"),
    "a number": ({"files": {"a": 1}}, "write contents as text"),
    "a file above": ({"files": {"a": "", "a/b": ""}}, "v.x.files: a cannot be a file and the"),
    "purge": ({"purge": "no"}, "v.x.purge: found 'no'; write true or false"),
    "owner": ({"owner": "a b"}, "v.x.owner: found 'a b'; write an account's name"),
}


@pytest.mark.parametrize(("attributes", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(attributes, message):
    with pytest.raises(ConfigError) as caught:
        web.read_sites({"x": attributes}, "v")
    assert message in str(caught.value)


@pytest.mark.parametrize("key", ["", "..", "a/b", "*", 7, "a\n"])
def test_a_site_s_name_must_be_a_folder_s_too(key):
    with pytest.raises(ConfigError, match="is no name of a site"):
        web.read_sites({key: {}}, "v")


def test_sites_are_a_mapping():
    with pytest.raises(ConfigError, match="write a mapping of sites by their names"):
        web.read_sites([], "v")


@pytest.mark.parametrize(
    ("one", "other", "message"),
    [
        ({"names": ["a.fr"]}, {"names": ["b.fr", "A.fr"]}, "both have the name a.fr"),
        ({"names": ["*"]}, {"names": ["*"]}, r"both have the name \*"),
        ({"root": "/srv"}, {"root": "/srv"}, "both have the root /srv"),
    ],
)
def test_two_sites_share_neither_name_nor_root(one, other, message):
    with pytest.raises(ConfigError, match=f"v: one and other {message}"):
        web.read_sites({"one": one, "other": other}, "v")
