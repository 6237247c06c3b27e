"""Pages used with keys only, without script, with less motion, on paper and with the reader's own colours."""

from __future__ import annotations

import pytest
from babel import Locale

from tests.browser.opened import opened

pytestmark = pytest.mark.slow

CONTROLS = """() => [...document.querySelectorAll('a[href], button, select, input, summary, [tabindex="0"]')]
  .filter(one => one.checkVisibility({visibilityProperty: true}) && !one.disabled)
  .map((one, place) => { one.dataset.place = place; return place; })"""
FOCUSED = """() => {
  const one = document.activeElement, style = getComputedStyle(one), box = one.getClientRects()[0];
  const left = Math.max(box.left, 0), right = Math.min(box.right, innerWidth);
  const top = Math.max(box.top, 0), bottom = Math.min(box.bottom, innerHeight);
  const above = left < right && top < bottom ? document.elementFromPoint((left + right) / 2, (top + bottom) / 2) : null;
  return {place: one.dataset.place === undefined ? null : +one.dataset.place, what: one.outerHTML.slice(0, 120),
    ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2, seen: one.contains(above)}; }"""
MOVING = """() => [...document.querySelectorAll('*')].filter(one => { const style = getComputedStyle(one);
  return style.animationName !== 'none' || style.transitionDuration.split(',').some(time => parseFloat(time) > 0) ||
    style.scrollBehavior === 'smooth'; }).map(one => one.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="module")
def kinds(some_pages):
    """The largest page of every kind, in the first language and in one that is written from right to left."""
    first = some_pages[0].language
    from_right = {
        page.language for page in some_pages if Locale.parse(page.language).character_order != "left-to-right"
    }
    chosen = {first, *sorted(from_right)[:1]}
    kept = [page for page in some_pages if page.language in chosen and "." not in page.kind]
    return list({(page.language, page.kind): page for page in kept}.values())


def test_the_first_key_leads_past_the_head_of_the_page(browser, disk, kinds):
    with opened(browser, disk) as seen:
        for page in kinds:
            seen.goto(page.path).page.keyboard.press("Tab")
            assert seen.ask("() => document.activeElement.className") == "skip", page.path
            assert seen.ask(FOCUSED)["seen"], page.path
            seen.page.keyboard.press("Enter")
            seen.page.keyboard.press("Tab")
            inside = "() => document.querySelector('main').contains(document.activeElement) || " + (
                "!document.querySelector('main').querySelector('a[href], button, select, summary, [tabindex]')"
            )
            assert seen.ask(inside), page.path


def test_every_control_is_reached_in_order_and_shows_its_focus(browser, disk, kinds):
    found = []
    with opened(browser, disk) as seen:
        for page in kinds:
            seen.goto(page.path)
            expected = seen.ask(CONTROLS)[:150]
            reached = []
            for _ in expected:
                seen.page.keyboard.press("Tab")
                focus = seen.ask(FOCUSED)
                reached.append(focus["place"])
                if not (focus["ring"] and focus["seen"]):
                    found.append(f"{page.path}: {focus}")
            if reached != expected:
                found.append(f"{page.path}: reached {reached}")
    assert not found, "\n".join(found)


def test_without_script_a_page_says_the_same(browser, disk, kinds):
    found = []
    with opened(browser, disk, java_script_enabled=False) as plain, opened(browser, disk) as scripted:
        for page in kinds:
            words = []
            for seen in (plain, scripted):
                parts = seen.goto(page.path).page.locator("main :is(h1, h2, h3, p, li, td, dd, th):not([role=status])")
                words.append([part for part in parts.all_inner_texts() if part.strip()])
            missing = [word for word in words[1] if word not in words[0]]
            found.extend(f"{page.path}: {word}" for word in missing)
    assert not found, "\n".join(found)


def test_nothing_moves(browser, disk, kinds):
    with opened(browser, disk, reduced_motion="reduce") as seen:
        for page in kinds:
            assert seen.goto(page.path).ask(MOVING) == [], page.path


def test_paper_is_white_whatever_the_screen(browser, disk, kinds):
    shade = "() => getComputedStyle(document.documentElement).backgroundColor"
    ink = "() => getComputedStyle(document.body).color"
    with opened(browser, disk, color_scheme="dark") as seen:
        for page in kinds:
            seen.goto(page.path)
            seen.page.emulate_media(media="screen", color_scheme="dark")
            assert seen.ask(shade) == "rgb(17, 24, 30)", page.path
            seen.page.emulate_media(media="print", color_scheme="dark")
            assert (seen.ask(shade), seen.ask(ink)) == ("rgb(255, 255, 255)", "rgb(22, 32, 42)"), page.path
            assert not seen.page.locator("header nav").first.is_visible(), page.path
            assert not seen.page.locator("[data-filter]:visible").count(), page.path


def test_charts_stay_dark_on_white_with_the_readers_own_colours(browser, disk, kinds):
    script = """() => [...document.querySelectorAll('svg:is(.chart, .bar, .spark)')].map(one => {
      const style = getComputedStyle(one);
      return [style.forcedColorAdjust, style.backgroundColor, style.getPropertyValue('--ink')].join(); })"""
    with opened(browser, disk, forced_colors="active", color_scheme="dark") as seen:
        for page in kinds:
            drawn = seen.goto(page.path).ask(script)
            assert set(drawn) <= {"none,rgb(255, 255, 255),#16202a"}, page.path
