"""Chromium, and a page opened in it with everything written down that went wrong."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from playwright.sync_api import Browser, Page, Playwright, Request

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "no Chromium on this machine: apt-get install chromium"
WIDTHS = (1280, 390, 320)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
"""WCAG 2.2 AA, as axe-core names it."""
_AXE = """async (options) => (await axe.run(document, options)).violations.flatMap(rule =>
  rule.nodes.slice(0, 3).map(node => rule.id + ': ' + node.html.slice(0, 160) + ' | ' +
    node.any.concat(node.all, node.none).map(check => check.message).join('; ').slice(0, 200)))"""


def chromium() -> str | None:
    """Where the system's Chromium is."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


def launched(playwright: Playwright, path: str) -> Browser:
    """The system's Chromium, without a window. It resolves no name: what lies outside this machine is not found."""
    options = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--no-sandbox")  # Chromium refuses to start as root with it
    return playwright.chromium.launch(executable_path=path, args=options)


@dataclass
class Opened:
    """A page in the browser and its faults: what the console says, what failed, what was asked elsewhere."""

    page: Page
    root: str
    faults: list[str] = field(default_factory=list)

    def goto(self, path: str) -> Opened:
        """Open a page of the edition."""
        self.page.goto(self.root + path)
        return self

    def ask(self, script: str, *arguments: Any) -> Any:
        """The value of a JavaScript function in the page."""
        return self.page.evaluate(script, *arguments)


@contextmanager
def opened(browser: Browser, root: str, **options: Any) -> Iterator[Opened]:
    """A new page; `root` is where the edition begins, `options` are those of a browser context."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
    page = context.new_page()
    page.set_default_timeout(10_000)
    seen = Opened(page, root)

    def asked(url: str) -> None:
        if not url.startswith(root):
            seen.faults.append(f"asked for {url}")

    def failed(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the icon of a page that was left before it came
            seen.faults.append(f"failed: {request.url} {request.failure}")

    page.on("console", lambda message: seen.faults.append(f"console {message.type}: {message.text}"))
    page.on("pageerror", lambda error: seen.faults.append(f"script: {error}"))
    page.on("requestfailed", failed)
    page.on("request", lambda request: asked(request.url))
    page.on(
        "response",
        lambda answer: seen.faults.append(f"status {answer.status}: {answer.url}") if answer.status >= 400 else None,
    )
    try:
        yield seen
    finally:
        context.close()


def violations(seen: Opened) -> list[str]:
    """What axe-core finds in the page as it is now."""
    seen.ask(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"], "preload": False}
    found: list[str] = seen.ask(_AXE, options)
    return found
