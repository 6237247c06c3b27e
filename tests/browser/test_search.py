"""The search of every page and the corridor finder of the overview, by keys, from disk."""

from __future__ import annotations

import pytest

from tests.browser.opened import opened

pytestmark = pytest.mark.slow

STATE = """() => { const box = document.querySelector('[data-find]'), input = box.querySelector('input');
  const active = document.getElementById(input.getAttribute('aria-activedescendant') || '');
  return {open: input.getAttribute('aria-expanded'), shown: !box.querySelector('ul').hidden,
    active: active && active.querySelector('bdi').textContent,
    found: [...box.querySelectorAll('[role=option] bdi')].map(one => one.textContent),
    said: box.querySelector('[role=status]').textContent}; }"""


def typed(seen, words):
    box = seen.page.get_by_role("combobox", name="Find a country, corridor or provider")
    box.focus()
    seen.page.wait_for_function("() => window.remitwatchIndex")
    box.fill(words)
    return seen.ask(STATE)


def test_a_country_is_found_by_its_name_or_code_and_opened_by_keys(browser, disk):
    with opened(browser, disk) as seen:
        seen.goto("index.html")
        first = typed(seen, "united k")
        assert (first["open"], first["shown"], first["active"]) == ("true", True, None)
        assert first["found"][0] == "United Kingdom"
        assert typed(seen, "gb")["found"][0] == "United Kingdom"
        seen.page.keyboard.press("ArrowDown")
        assert seen.ask(STATE)["active"] == "United Kingdom"
        seen.page.keyboard.press("ArrowUp")
        assert seen.ask(STATE)["active"] != "United Kingdom"
        seen.page.keyboard.press("ArrowDown")
        seen.page.keyboard.press("Enter")
        seen.page.wait_for_url("**/countries/GBR.html")
        assert not seen.faults


def test_a_corridor_is_found_by_both_its_ends_from_a_page_in_a_folder(browser, disk, all_pages):
    page = next(one for one in all_pages if one.path.startswith("corridors/"))
    with opened(browser, disk) as seen:
        seen.goto(page.path)
        found = typed(seen, "kingd ind")["found"]
        assert found == ["United Kingdom → India"]
        seen.page.get_by_role("option").first.click()
        seen.page.wait_for_url("**/corridors/GBR-IND.html")
        assert not seen.faults


def test_nothing_found_is_said_and_escape_closes(browser, disk):
    with opened(browser, disk) as seen:
        seen.goto("index.html")
        state = typed(seen, "zzzz")
        assert (state["found"], state["said"]) == ([], "Nothing found")
        assert typed(seen, "a")["said"].startswith("Found: ")
        seen.page.keyboard.press("Escape")
        assert seen.ask(STATE)["open"] == "false"
        seen.page.keyboard.press("Escape")
        assert seen.page.get_by_role("combobox").first.input_value() == ""


def test_the_finder_offers_only_corridors_that_have_a_page(browser, disk, all_pages):
    paths = {page.path for page in all_pages}
    with opened(browser, disk) as seen:
        seen.goto("index.html")
        senders = seen.ask("() => [...document.querySelector('[data-from]').options].map(one => one.value)")
        assert len(senders) == len(set(senders)) > 1
        for sender in senders:
            seen.page.locator("[data-from]").select_option(sender)
            receivers = seen.ask("() => [...document.querySelector('[data-to]').options].map(one => one.value)")
            assert receivers
            assert {f"corridors/{sender}-{receiver}.html" for receiver in receivers} <= paths
        seen.page.get_by_role("button", name="Show the corridor").click()
        seen.page.wait_for_url("**/corridors/*.html")
        assert not seen.faults


def test_without_script_the_search_is_a_link_to_the_list(browser, disk):
    with opened(browser, disk, java_script_enabled=False) as seen:
        seen.goto("index.html")
        assert seen.page.get_by_role("link", name="Find a corridor").is_visible()
        assert not seen.page.get_by_role("button", name="Show the corridor").is_visible()
