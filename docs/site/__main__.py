"""Build the documentation site: python -m docs.site [DIRECTORY].

The pages are the Markdown of docs/en and docs/fr, the exercises, the course's steps, the playbooks,
and what antsibull-docs makes of the documentation of modules, roles and plugins. They are put
together in DIRECTORY/source (docs/_build by default), from which Sphinx makes DIRECTORY/html.
A warning is an error. Nothing is fetched, and the pages ask for nothing either.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import yaml

from docs.site import course_page, exercise_pages, playbook_pages, reference_pages
from docs.site.links import LinkError, on_the_site
from docs.site.typography import french

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
LANGUAGES = ("en", "fr")

FRONT = """\
<!doctype html>
<html lang="fr">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>labs.mail</title>
<style>body { font: 1.2rem sans-serif; margin: 20vh auto; width: max-content; max-width: 90vw; }
a { display: block; padding: 0.4em 0; }</style>
<h1>labs.mail</h1>
<a lang="fr" hreflang="fr" href="fr/index.html">Documentation en français</a>
<a lang="en" hreflang="en" href="en/index.html">Documentation in English</a>
</html>
"""


class BuildError(Exception):
    """What cannot be built, with the output of the program that refused."""


def build(target: Path) -> None:
    """Build the site of both languages. Raises BuildError, LinkError and ValueError."""
    shutil.rmtree(target, ignore_errors=True)
    steps = course_page.steps()
    for language in LANGUAGES:
        source = target / "source" / language
        _guides(language, source)
        exercise_pages.write(ROOT / "exercises", language, source, course_page.exercises(steps))
        course_page.write(steps, language, source)
    for page in (target / "source/fr").rglob("*.md"):
        page.write_text(french(page.read_text(encoding="utf-8")), encoding="utf-8")
    playbook_pages.write(ROOT / "playbooks", target / "source/en")
    _reference(target / "source/en/reference")
    shutil.copytree(ROOT / "docs/images", target / "source/images")
    shutil.copytree(ROOT / "docs/site/locale", target / "locale")
    for language in LANGUAGES:
        _sphinx(language, target)
    (target / "html/index.html").write_text(FRONT, encoding="utf-8")


def _guides(language: str, target: Path) -> None:
    """Copy the guides of one language, with links that hold on the site."""
    url = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["repository"]
    pages = {
        path: path.relative_to(ROOT / "docs" / language).as_posix()
        for path in sorted((ROOT / "docs" / language).rglob("*.md"))
    }
    if language == "en":
        pages[ROOT / "CONTRIBUTING.md"] = "contributor/contributing.md"
    for path, page in pages.items():
        source = path.relative_to(ROOT).as_posix()
        text = on_the_site(path.read_text(encoding="utf-8"), source, page, language, ROOT, url)
        (target / page).parent.mkdir(parents=True, exist_ok=True)
        (target / page).write_text(text, encoding="utf-8")


def _reference(target: Path) -> None:
    """Have antsibull-docs write the pages of modules, roles and plugins."""
    # antsibull-docs refuses a folder that others may write to.
    target.mkdir(mode=0o755)
    settings = ["--config-file", ROOT / "docs/site/antsibull-docs.cfg"]
    options = ["--use-current", "--squash-hierarchy", "--no-indexes", "--fail-on-error"]
    _run("antsibull-docs", *settings, "collection", *options, "--dest-dir", target, "labs.mail")
    reference_pages.arrange(target)


def _sphinx(language: str, target: Path) -> None:
    environment = {"SITE_LANGUAGE": language}
    if language != "en":
        environment["SITE_ENGLISH_INVENTORY"] = str(target / "html/en/objects.inv")
    folders = ["--conf-dir", ROOT / "docs/site", "--doctree-dir", target / "doctrees" / language]
    options = ["--fail-on-warning", "--keep-going", "--quiet", "--jobs=auto", "--fresh-env"]
    pages = (target / "source" / language, target / "html" / language)
    _run("sphinx-build", *options, *folders, *pages, **environment)


def _run(program: str, *arguments: object, **environment: str) -> None:
    """Run a program of the toolchain; raises BuildError with what it printed if it fails."""
    collections = {"ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache"), "PYTHONPATH": str(ROOT)}
    path = {"PATH": f"{BIN}:{os.environ['PATH']}"}
    done = subprocess.run(
        [str(BIN / program), *map(str, arguments)],
        env={**os.environ, **collections, **path, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BuildError(f"{program} failed:\n{done.stdout}")


def main(words: list[str]) -> int:
    """Build; return the exit code."""
    target = Path(words[0]).resolve() if words else ROOT / "docs/_build"
    started = time.monotonic()
    try:
        build(target)
    except (BuildError, LinkError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    pages = len(list((target / "html").rglob("*.html")))
    seconds = time.monotonic() - started
    print(f"{pages} pages in {seconds:.0f} s: {target / 'html/index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
