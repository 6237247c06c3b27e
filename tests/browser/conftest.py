"""A small demo edition, made through the public door, and headless Chromium to look at it.

The browser is the system's own (Debian: `apt-get install chromium`): none is downloaded.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.opened import MISSING, chromium, launched
from tests.browser.tree import Page, pages, sampled


@pytest.fixture(scope="session")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The edition of a demo of a few days, or the one that the variable EDITION names."""
    if "EDITION" in os.environ:
        return Path(os.environ["EDITION"]).resolve()
    home = tmp_path_factory.mktemp("browser")
    done = subprocess.run(
        [Path(sys.executable).with_name("remitwatch"), "--home", home, "demo", "--days", "5"],
        env={name: value for name, value in os.environ.items() if not name.startswith("REMITWATCH_")},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return (home / "demo" / "editions" / "latest").resolve()


@pytest.fixture(scope="session")
def all_pages(edition: Path) -> list[Page]:
    """Every page of the edition."""
    return pages(edition)


@pytest.fixture(scope="session")
def some_pages(edition: Path, all_pages: list[Page]) -> list[Page]:
    """A few pages of every kind and language."""
    return sampled(edition, all_pages)


@pytest.fixture(scope="session")
def disk(edition: Path) -> str:
    """Where the edition begins when it is opened from disk."""
    return edition.as_uri() + "/"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing is printed."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that leaves a page hangs up on what it asked for."""


@pytest.fixture(scope="session")
def served(edition: Path) -> Iterator[str]:
    """Where the edition begins when it is served on this machine's own address."""
    with _Server(("127.0.0.1", 0), partial(_Quiet, directory=str(edition))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    path = chromium()
    if path is None:
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        running = launched(playwright, path)
        yield running
        running.close()
