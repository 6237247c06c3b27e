"""Pictures of pages for people to look at: `python -m tests.browser.pictures EDITION OUT [PAGE ...]`.

PAGE is a path within the edition (`corridors/GBR-IND.html`); without any, it is the largest page of every kind and
language. Each is drawn at 1280 and 390 pixels, in light and dark, whole: `OUT/corridors-GBR-IND-1280-dark.png`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.opened import MISSING, chromium, launched, opened
from tests.browser.tree import pages, sampled


def main() -> int:
    """Draw the pictures and print the path of each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("edition", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("page", nargs="*")
    parser.add_argument("--width", type=int, action="append", help="pixels (1280 and 390)")
    parser.add_argument("--scheme", choices=["light", "dark"], action="append", help="light, dark (both)")
    given = parser.parse_args()
    edition = given.edition.resolve()
    missing = [page for page in given.page if not (edition / page).is_file()]
    program = chromium()
    if missing or program is None:
        print(f"{missing[0]}: no such page in {edition}" if missing else MISSING, file=sys.stderr)
        return 2
    largest = {(page.language, page.kind): page.path for page in sampled(edition, pages(edition))}
    given.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = launched(playwright, program)
        for width in given.width or (1280, 390):
            for scheme in given.scheme or ("light", "dark"):
                screen = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
                with opened(browser, edition.as_uri() + "/", **screen) as seen:
                    for page in given.page or largest.values():
                        name = page.removesuffix(".html").replace("/", "-")
                        picture = given.out / f"{name}-{width}-{scheme}.png"
                        seen.goto(page).page.screenshot(path=picture, full_page=True)
                        print(picture)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
