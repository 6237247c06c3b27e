"""Policy measures: those shipped, a home's own, and every way in which a row can be wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from remitwatch.countries import countries, neighbours
from remitwatch.errors import InputError
from remitwatch.events import COLUMNS, Event, events_of, own_events, shipped_events

HEAD = ",".join(COLUMNS) + "\n"
GOOD = "KEN+uga,2018-07,Duty on fees,tax,Finance Act,yes\n"


def test_shipped_measures_name_their_source_and_say_that_nobody_looked_it_up() -> None:
    shipped = shipped_events()
    assert len(shipped) > 30
    assert not any(event.verified or event.own for event in shipped)
    assert all(event.source and event.day.year >= 2009 for event in shipped)
    keys = [(event.countries, event.date, event.title) for event in shipped]
    assert keys == sorted(set(keys))


def test_a_homes_own_file_is_read_with_its_comments_left_out(tmp_path: Path) -> None:
    assert own_events(tmp_path / "events.csv") == ()
    path = tmp_path / "events.csv"
    path.write_text("\ufeff# ours\n" + HEAD + "\n" + GOOD + "KEN,2018-07-15,Second,other,Gazette,no\n", "utf-8")
    first, second = own_events(path)
    assert first == Event(("KEN", "UGA"), "2018-07", "Duty on fees", "tax", "Finance Act", True, own=True)
    assert (first.day.isoformat(), second.day.isoformat()) == ("2018-07-01", "2018-07-15")
    assert events_of([second, first], "KEN") == [first, second]
    assert events_of([second, first], "UGA") == [first]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("country,date\nKEN,2018\n", "columns 'country,date': expected countries,date,title,kind,source,verified"),
        (HEAD + GOOD + "KEN,2018-13,Title,tax,Act,no\n",
         "row 2, column date: '2018-13': expected a day 2018-07-01 or a month 2018-07"),
        (HEAD + "KEN,1918-01,Title,tax,Act,no\n", "row 1, column date: '1918-01': expected"),
        (HEAD + "KEN+XXX,2018-07,Title,tax,Act,no\n", "row 1, column countries: unknown country 'XXX'"),
        (HEAD + ",2018-07,Title,tax,Act,no\n", "row 1, column countries: '': expected codes such as KEN or KEN+UGA"),
        (HEAD + "KEN,2018-07,Title,levy,Act,no\n", "row 1, column kind: 'levy': expected one of licensing, tax,"),
        (HEAD + f"KEN,2018-07,{'x' * 101},tax,Act,no\n", "row 1, column title: 101 characters: expected 1 to 100"),
        (HEAD + "KEN,2018-07,Title,tax,,no\n", "row 1, column source: 0 characters: expected 1 to 300"),
        (HEAD + "KEN,2018-07,Title,tax,Act,maybe\n", "row 1, column verified: 'maybe': expected yes or no"),
        (HEAD + "KEN,2018-07,Title,tax,Act,no,more\n", "row 1: expected 6 cells"),
        (HEAD + "KEN,2018-07,Title\n", "row 1: expected 6 cells"),
        ("", "columns ''"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_one_clear_line(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "events.csv"
    path.write_text(content, "utf-8")
    with pytest.raises(InputError) as raised:
        own_events(path)
    assert str(raised.value).startswith(str(path))
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes(b"\xff\xfe\x00k")
    with pytest.raises(InputError, match="not readable as UTF-8 text"):
        own_events(path)


def test_land_borders_go_both_ways_and_islands_have_none() -> None:
    assert neighbours("KEN") == ("ETH", "SOM", "SSD", "TZA", "UGA")
    assert neighbours("PHL") == ()
    assert neighbours("LSO") == ("ZAF",)
    assert neighbours("GBR") == ("IRL",)
    for code in countries():
        for other in neighbours(code):
            assert code in neighbours(other)
            assert other in countries()
            assert other != code
