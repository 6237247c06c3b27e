"""Corrections: figures that were final and are not the same any more, and why; plainly none where there is none."""

import csv
import dataclasses
import datetime as dt
import io
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from remitwatch.errors import StorageError
from reports.corrected import corrections_csv, render_corrected
from reports.corrections import corrections, headline
from reports.inputs import DataChange, PreviousEdition
from reports.published import figures_file, numbered, published_figures, read_figures_file
from reports.site import make_site
from tests.reports.made_up import edition

KEPT = ("GBR-IND", "USA-MEX")


@pytest.fixture(scope="module")
def data():
    return edition(corridors=(*KEPT, "ESP-COL"), bases=("survey", "standard"))


def _previous(data, change=lambda figures: figures, as_of=dt.date(2026, 10, 29), changes=()):
    figures = change(published_figures(data.bases))
    return dataclasses.replace(data, previous=PreviousEdition("2026-10-29-1", as_of, lambda: figures, changes))


def _page(data):
    page = html.document_fromstring(render_corrected(make_site(data)))
    return " ".join(page.text_content().split())


def _where(figures, **wanted):
    chosen = figures["value"] != "?"
    for name, value in wanted.items():
        chosen &= figures[name] == value
    return chosen


AVERAGE = {"indicator": "average_total_cost", "scope": "corridor", "sender": "GBR", "receiver": "IND",
           "breakdown": "", "amount": "200"}  # fmt: skip


def test_no_edition_before_and_no_difference_are_said_plainly(data):
    assert "No edition came before this one: nothing to correct" in _page(data)
    same = _previous(data)
    assert corrections(same).rows == ()
    assert "No correction: every figure of 2026-10-29-1 still stands" in _page(same)
    assert corrections_csv(make_site(same)).count("\n") == 1


def test_a_final_figure_that_changed_is_told_with_its_values_and_its_reason(data):
    def change(figures):
        chosen = _where(figures, basis="survey", period="2024-Q3", **AVERAGE)
        assert chosen.sum() == 1
        return figures.assign(value=figures["value"].mask(chosen, "1.25"))

    quarter = (dt.date(2024, 7, 1), dt.date(2024, 9, 30))
    vintage = DataChange("vintage", {"source": "The <Survey>", "run": "7"}, "survey", *quarter)
    elsewhere = DataChange("reparsed", {"source": "Other", "run": "8"}, "standard", *quarter)
    made = _previous(data, change, changes=(vintage, elsewhere))
    found = corrections(made)
    (row,) = found.final
    now = next(
        one.value
        for one in data.bases[0].history.itertuples()
        if (one.indicator, one.scope, one.sender, one.receiver, one.period)
        == ("average_total_cost", "corridor", "GBR", "IND", "2024-Q3")
    )
    assert (row.what, row.subject, row.old, row.new, row.difference) == (
        "changed", "GBR-IND", Decimal("1.25"), now, now - Decimal("1.25"))  # fmt: skip
    assert row.reasons == (vintage,)
    page = _page(made)
    assert "1 figure of 2026-10-29-1 is corrected" in page
    assert "A newer file of The <Survey> is in force (run 7)." in page
    assert "United Kingdom → India" in page
    (line,) = csv.DictReader(io.StringIO(corrections_csv(make_site(made))))
    assert (line["old_value"], line["new_value"], line["reasons"]) == ("1.25", f"{now:f}", "vintage")
    assert line["data"] == "sandbox data, not real prices"


def test_without_a_recorded_change_the_reason_is_said_to_be_unknown(data):
    def change(figures):
        return figures.assign(value=figures["value"].mask(_where(figures, period="2024-Q3", **AVERAGE), "1"))

    assert "Not recorded." in _page(_previous(data, change))


def test_withdrawn_and_added_figures_of_past_periods(data):
    def change(figures):
        gone = _where(figures, basis="survey", period="2024-Q1", **AVERAGE)
        lost = figures[gone].assign(sender="KEN", receiver="UGA")  # it was published, and is not any more
        empty = figures["value"].mask(_where(figures, basis="survey", period="2023-Q4", **AVERAGE), "")
        import pandas as pd

        return pd.concat([figures.assign(value=empty)[~gone], lost])

    found = corrections(_previous(data, change))
    assert sorted((row.what, row.subject, row.period) for row in found.final) == [
        ("added", "GBR-IND", "2023-Q4"), ("added", "GBR-IND", "2024-Q1"), ("withdrawn", "KEN-UGA", "2024-Q1"),
    ]  # fmt: skip


def test_what_only_one_edition_speaks_of_is_no_correction(data):
    def change(figures):
        medians = figures[_where(figures, period="2024-Q3", **AVERAGE)].assign(indicator="median_total_cost")
        import pandas as pd

        return pd.concat([figures[figures["period"] != "2023-Q4"], medians])

    assert corrections(_previous(data, change)).rows == ()


def test_changes_of_a_period_that_was_not_over_are_counted_apart(data):
    def change(figures):
        return figures.assign(value=figures["value"].mask(_where(figures, period="2026-Q3", **AVERAGE), "1.5"))

    made = _previous(data, change, as_of=dt.date(2026, 9, 30))
    found = corrections(made)
    assert (len(found.final), len(found.provisional)) == (0, 1)
    page = _page(made)
    assert "No correction" in page
    assert "1 figure of a period that was not over at the time of 2026-10-29-1 was provisional" in page
    (line,) = csv.DictReader(io.StringIO(corrections_csv(make_site(made))))
    assert line["provisional"] == "true"


def test_a_basis_that_is_gone_is_named(data):
    made = dataclasses.replace(_previous(data), bases=data.bases[:1])
    found = corrections(made)
    assert (found.gone, found.rows) == (("standard",), ())
    assert "this edition has none of them" in _page(made)


def test_the_figures_file_is_read_back_as_it_was_and_is_the_same_bytes_again(data, tmp_path):
    figures = published_figures(data.bases)
    path = tmp_path / "figures.csv.gz"
    path.write_bytes(figures_file([figures]))
    assert read_figures_file(path).equals(figures)
    assert figures_file([read_figures_file(path)]) == path.read_bytes()
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(StorageError, match="restore the edition"):
        read_figures_file(path)


def test_the_headline_counts():
    assert headline(None) == "No edition came before this one: nothing to correct"


@given(
    rows=st.lists(st.tuples(*[st.sampled_from(["", "a", "b", "a\x1fb"])] * 3), max_size=20),
    others=st.lists(st.tuples(*[st.sampled_from(["", "a", "b", "c"])] * 3), max_size=20),
)
def test_rows_have_the_same_number_where_they_say_the_same(rows, others):
    columns = ["basis", "scope", "period"]
    numbers = numbered(pd.DataFrame(rows, columns=columns), pd.DataFrame(others, columns=columns), columns)
    found = [*numbers[0].tolist(), *numbers[1].tolist()]
    both = [*rows, *others]
    assert all((found[i] == found[j]) == (both[i] == both[j]) for i in range(len(both)) for j in range(i))
