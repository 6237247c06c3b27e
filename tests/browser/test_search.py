"""The search of every page and the finder of corridors in Chromium: by mouse, by keys, without the script a list."""

from __future__ import annotations

import json

import pytest

from tests.browser.opened import opened, violations

pytestmark = pytest.mark.slow

FIND = "header [data-find] input"
OPTIONS = "header [data-find] [role=option]"


@pytest.fixture
def seen(browser, disk):
    with opened(browser, disk) as page:
        yield page.goto("index.html")
        assert page.faults == []


def typed(seen, text):
    """Type into the search and wait for what it says."""
    seen.page.locator(FIND).press_sequentially(text)
    seen.page.locator("header [data-find] [role=status]:not(:empty)").wait_for(state="attached")
    return [" ".join(option.split()) for option in seen.page.locator(OPTIONS).all_inner_texts()]


def test_everything_in_the_index_has_its_page(edition):
    for file in sorted(edition.glob("search-index.*.js")):
        language = file.name.split(".")[1]
        folder = edition / language if (edition / language).is_dir() else edition
        index = json.loads(file.read_text("ascii").removeprefix("window.remitwatchIndex=").rstrip().removesuffix(";"))
        paths = [
            *(f"countries/{code}.html" for code, _, _, page in index["countries"] if page),
            *(f"corridors/{key}.html" for key in index["corridors"].split()),
            *(path for _, path in index["providers"]),
        ]
        assert len(paths) > 10
        assert [path for path in paths if not (folder / path).is_file()] == []


@pytest.mark.parametrize("start", ["index.html", "corridors/GBR-IND.html"])
def test_a_country_is_found_and_opened_by_keys(browser, disk, start):
    with opened(browser, disk) as seen:
        seen.goto(start)
        options = typed(seen, "kEny")
        assert options[0] == "Kenya Country"
        assert any("Kenya → " in option for option in options[1:])
        seen.page.keyboard.press("ArrowDown")
        active = seen.page.locator(FIND).get_attribute("aria-activedescendant")
        assert seen.page.locator(f"#{active}").get_attribute("aria-selected") == "true"
        seen.page.keyboard.press("Enter")
        seen.page.wait_for_url(disk + "countries/KEN.html")


def test_a_corridor_is_found_by_both_its_ends_and_opened_by_mouse(seen, disk):
    options = typed(seen, "india united k")
    assert options == ["United Kingdom → India Corridor"]
    seen.page.locator(OPTIONS).click()
    seen.page.wait_for_url(disk + "corridors/GBR-IND.html")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_open_search(browser, disk, scheme):
    with opened(browser, disk, color_scheme=scheme, viewport={"width": 390, "height": 900}) as seen:
        typed(seen.goto("about.html"), "india")
        seen.page.keyboard.press("ArrowDown")
        assert violations(seen) == []


def test_nothing_found_is_said_and_escape_closes(seen):
    typed(seen, "zzzz")
    said = seen.page.locator("header [data-find] [role=status]").inner_text()
    assert said == seen.page.locator("header [data-find]").get_attribute("data-none")
    seen.page.keyboard.press("Escape")
    assert seen.page.locator(FIND).get_attribute("aria-expanded") == "false"
    assert not seen.page.locator("header [data-find] [role=listbox]").is_visible()


def test_without_the_script_the_search_is_a_link_to_the_list(browser, disk):
    with opened(browser, disk, java_script_enabled=False) as plain:
        plain.goto("index.html").page.locator("header [data-find] a").click()
        assert plain.page.url == disk + "corridors.html"


def test_the_finder_leads_from_two_countries_to_their_corridor(browser, disk):
    with opened(browser, disk) as seen:
        seen.goto("corridors.html")
        finder = seen.page.locator("[data-corridors]")
        finder.locator("[data-from]").select_option("GBR")
        receivers = finder.locator("[data-to] option").evaluate_all("all => all.map(one => one.value)")
        assert "IND" in receivers
        assert "GBR" not in receivers
        finder.locator("[data-to]").select_option("IND")
        finder.locator("[data-go]").press("Enter")
        seen.page.wait_for_url(disk + "corridors/GBR-IND.html")
        assert seen.faults == []
