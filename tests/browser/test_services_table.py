"""The services of a corridor in Chromium: sorted and filtered by mouse and by keys, whole without the script."""

from __future__ import annotations

import pytest

from tests.browser.opened import opened

pytestmark = pytest.mark.slow

TABLE = "table[data-sortable]"
ROWS = """() => [...document.querySelectorAll('table[data-sortable] tbody tr')].map(row => ({
  words: row.innerText.replace(/\\s+/g, ' '), shown: row.offsetParent !== null, data: {...row.dataset},
  cells: [...row.cells].map(cell => cell.dataset.v === undefined ? cell.textContent.trim() : cell.dataset.v)}))"""
HEADS = """() => [...document.querySelectorAll('table[data-sortable] thead th')].map((head, place) => ({
  place: place, sort: head.getAttribute('aria-sort')})).filter(head => head.sort !== null)"""


@pytest.fixture(scope="module")
def corridor(edition, all_pages):
    """The corridor page with the most services."""
    candidates = [page.path for page in all_pages if page.kind.startswith("corridors/*") and page.language == "en"]
    return max(candidates, key=lambda path: (edition / path).read_text("utf-8").count("data-payin"))


@pytest.fixture
def seen(browser, disk, corridor):
    with opened(browser, disk) as page:
        yield page.goto(corridor)
        assert page.faults == []


def column(rows, place):
    return [row["cells"][place] for row in rows]


def is_ordered(values, descending):
    """Whether a column of numbers is in order, what has none last; None for a column of words."""
    try:
        known = [float(value) for value in values if value]
    except ValueError:
        return None
    return known == sorted(known, reverse=descending) and not any(values[len(known) :])


@pytest.mark.parametrize("key", [None, "Enter", "Space"])
def test_every_head_sorts_up_and_down(seen, key):
    before = seen.ask(ROWS)
    heads = seen.ask(HEADS)
    assert len(before) > 5
    assert len(heads) >= 4
    for head in heads:
        button = seen.page.locator(f"{TABLE} thead th").nth(head["place"]).locator("button")
        for _ in range(2):
            (was,) = [one["sort"] for one in seen.ask(HEADS) if one["place"] == head["place"]]
            direction = "descending" if was == "ascending" else "ascending"
            if key is None:
                button.click()
            else:
                button.focus()
                seen.page.keyboard.press(key)
            rows, sorts = seen.ask(ROWS), {one["place"]: one["sort"] for one in seen.ask(HEADS)}
            assert sorts == {**dict.fromkeys(sorts, "none"), head["place"]: direction}
            assert sorted(row["words"] for row in rows) == sorted(row["words"] for row in before)
            ordered = is_ordered(column(rows, head["place"]), direction == "descending")
            if ordered is None:
                script = """([words, down]) => words.every((word, place) => place === 0 ||
                  (down ? -1 : 1) * words[place - 1].localeCompare(word, document.documentElement.lang) <= 0)"""
                ordered = seen.ask(script, [column(rows, head["place"]), direction == "descending"])
            assert ordered, (head, direction, column(rows, head["place"]))


def test_filters_show_exactly_the_rows_that_match_and_say_how_many(seen):
    everything = seen.ask(ROWS)
    assert all(row["shown"] for row in everything)
    status = seen.page.locator(".tools [role=status]")
    whole = status.inner_text()
    assert str(len(everything)) in whole
    for select in seen.page.locator("[data-filter]").all():
        name = select.get_attribute("data-filter")
        options = [option.get_attribute("value") for option in select.locator("option").all()]
        assert options[0] == ""
        assert len(options) > 1
        for option in options[1:]:
            select.select_option(option)
            rows = seen.ask(ROWS)
            assert [row["shown"] for row in rows] == [option in row["data"][name].split() for row in rows]
            assert str(sum(row["shown"] for row in rows)) in status.inner_text()
        select.select_option("")
    assert status.inner_text() == whole
    assert seen.ask(ROWS) == everything


def test_two_filters_and_a_sort_hold_together(seen):
    filters = seen.page.locator("[data-filter]").all()
    for select in filters:
        select.select_option(index=1)
    wanted = {select.get_attribute("data-filter"): select.input_value() for select in filters}
    seen.page.locator(f"{TABLE} thead th[aria-sort=none] button").first.click()
    rows = seen.ask(ROWS)
    for row in rows:
        assert row["shown"] == all(value in row["data"][name].split() for name, value in wanted.items())


def test_a_provider_is_found_by_a_part_of_its_name_and_filters_hold_with_it(seen):
    names = seen.page.locator(f"{TABLE} tbody th bdi").all_inner_texts()
    search, status = seen.page.locator("[data-search]"), seen.page.locator(".tools [role=status]")
    whole = status.inner_text()
    part = names[0].split()[0].upper()
    search.fill(part)
    wanted = [part in name.upper() for name in names]
    assert [row["shown"] for row in seen.ask(ROWS)] == wanted
    assert str(sum(wanted)) in status.inner_text()
    select = seen.page.locator("[data-filter]").first
    select.select_option(index=1)
    name, value = select.get_attribute("data-filter"), select.input_value()
    rows = seen.ask(ROWS)
    assert [row["shown"] for row in rows] == [
        found and value in row["data"][name].split() for found, row in zip(wanted, rows, strict=True)
    ]
    select.select_option("")
    search.fill("")
    assert status.inner_text() == whole


def test_the_way_to_folded_evidence_opens_it(seen):
    folded = seen.page.locator("#evidence details")
    assert folded.count() == 1
    last = seen.page.locator(f"{TABLE} tbody a[href^='#e']").last
    row = seen.page.locator(last.get_attribute("href"))
    assert not row.is_visible()
    last.click()
    assert row.is_visible()
    assert folded.get_attribute("open") is not None


def test_a_filter_is_set_by_keys(seen):
    select = seen.page.locator("[data-filter]").first
    select.focus()
    seen.page.keyboard.press("ArrowDown")
    value, name = select.input_value(), select.get_attribute("data-filter")
    assert value
    assert all(row["shown"] == (value in row["data"][name].split()) for row in seen.ask(ROWS))


def test_on_a_phone_the_order_is_picked_from_a_list(browser, disk, corridor):
    with opened(browser, disk, viewport={"width": 390, "height": 900}) as seen:
        seen.goto(corridor)
        pick = seen.page.locator("[data-sort]")
        assert pick.is_visible()
        for option in pick.locator("option").all():
            pick.select_option(option.get_attribute("value"))
            (head,) = [head for head in seen.ask(HEADS) if head["sort"] != "none"]
            assert str(head["place"]) == option.get_attribute("value")
            assert is_ordered(column(seen.ask(ROWS), head["place"]), False) in (True, None)
        assert seen.faults == []


def test_without_the_script_the_table_is_whole_and_in_order_of_cost(browser, disk, corridor):
    with opened(browser, disk, java_script_enabled=False) as plain, opened(browser, disk) as scripted:
        plain.goto(corridor)
        scripted.goto(corridor)
        bare = [row.inner_text() for row in plain.page.locator(f"{TABLE} tbody tr").all()]
        assert bare == [row.inner_text() for row in scripted.page.locator(f"{TABLE} tbody tr").all()]
        assert not plain.page.locator("[data-filter]").first.is_visible()
        assert not plain.page.locator(f"{TABLE} thead button").count()
        (first,) = [head for head in scripted.ask(HEADS) if head["sort"] == "ascending"]
        assert is_ordered(column(scripted.ask(ROWS), first["place"]), False)
