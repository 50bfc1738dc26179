"""The site, built once for all tests, as `make docs` builds it."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.collection import ROOT


@pytest.fixture(scope="session")
def told(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Print a line that tests/run.py shows of a step that passed, too."""
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def tell(line: str) -> None:
        with capture.global_and_fixture_disabled():
            print(f"\nCOUNTED {line}", end="")

    return tell


@pytest.fixture(scope="session")
def built(
    tmp_path_factory: pytest.TempPathFactory, told: Callable[[str], None]
) -> tuple[Path, float]:
    """The site's directory, and its seconds: by the clock, beside other steps of the processor."""
    target = tmp_path_factory.mktemp("site")
    start = time.monotonic()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "docs.site", str(target)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    told(f"{done.stdout.partition(':')[0]}, {seconds:.0f} s of the processor")
    return target / "html", min(seconds, time.monotonic() - start)


@pytest.fixture(scope="session")
def site(built: tuple[Path, float]) -> Path:
    return built[0]


@pytest.fixture(scope="session")
def pages(site: Path) -> list[Path]:
    """Every page of the site."""
    found = sorted(site.rglob("*.html"))
    assert len(found) > 100
    return found
