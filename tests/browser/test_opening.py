"""Pages in Chromium: nothing fails, nothing is asked elsewhere, nothing runs over the edge, axe finds nothing."""

from __future__ import annotations

import pytest

from tests.browser.opened import WIDTHS, opened, violations

pytestmark = pytest.mark.slow

SCREENS = [(1280, "light"), (320, "dark"), (1280, "dark"), (320, "light")]
OVER_THE_EDGE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const wide = [...document.querySelectorAll('body *')].filter(e =>
    !e.closest('.scroll, .vh, .skip') && e.getBoundingClientRect().width > 0 &&
    (e.getBoundingClientRect().right > width + 1 || e.getBoundingClientRect().left < -1));
  return wide.slice(0, 5).map(e => e.tagName + '.' + (e.getAttribute('class') || '') + ' ' +
    e.textContent.trim().slice(0, 60)).concat(['page ' + document.documentElement.scrollWidth + ' in ' + width]);
}"""


def test_pages_open_from_disk_and_served_without_a_fault(browser, disk, served, some_pages):
    found = []
    for root in (disk, served):
        with opened(browser, root) as seen:
            for page in some_pages:
                seen.goto(page.path)
                found.extend(f"{page.path}: {fault}" for fault in seen.faults)
                seen.faults.clear()
    assert not found, "\n".join(found)


def test_no_page_scrolls_sideways(browser, disk, some_pages):
    found = []
    with opened(browser, disk) as seen:
        for page in some_pages:
            seen.goto(page.path)
            for width in WIDTHS:
                seen.page.set_viewport_size({"width": width, "height": 900})
                found.extend(f"{page.path} at {width}: {fault}" for fault in seen.ask(OVER_THE_EDGE))
            seen.page.set_viewport_size({"width": 1280, "height": 900})
            seen.ask("() => { document.documentElement.style.fontSize = '200%'; }")
            found.extend(f"{page.path} at 200 % text: {fault}" for fault in seen.ask(OVER_THE_EDGE))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: f"{screen[0]}-{screen[1]}")
def test_axe_finds_nothing(browser, disk, some_pages, screen):
    # Every page on one of the screens by turns; the largest of each kind on a wide light and a narrow dark one as well.
    turn = SCREENS.index(screen)
    largest = {
        page.kind: page for page in some_pages if page.language == some_pages[0].language and "." not in page.kind
    }.values()
    chosen = [
        page for place, page in enumerate(some_pages) if place % len(SCREENS) == turn or (turn < 2 and page in largest)
    ]
    width, scheme = screen
    found = []
    with opened(browser, disk, color_scheme=scheme, viewport={"width": width, "height": 900}) as seen:
        for page in chosen:
            seen.goto(page.path)
            seen.ask("() => document.querySelectorAll('details').forEach(one => { one.open = true; })")
            found.extend(f"{page.path}: {fault}" for fault in violations(seen))
    assert not found, "\n".join(found)


def test_the_archive_of_editions_is_held_to_the_same(browser, edition):
    if not (edition.parent / "feed.xml").is_file():
        pytest.skip("the edition stands alone, without an archive")
    found = []
    for width, scheme in SCREENS:
        screen = {"color_scheme": scheme, "viewport": {"width": width, "height": 900}}
        with opened(browser, edition.parent.as_uri() + "/", **screen) as seen:
            for page in sorted(edition.parent.glob("index*.html")):
                seen.goto(page.name)
                found.extend([*seen.faults, *seen.ask(OVER_THE_EDGE), *violations(seen)])
                seen.page.locator(f"main a[href^='{edition.name}/']").first.click()
                assert seen.page.url.startswith(edition.as_uri())
    assert not found, "\n".join(found)
