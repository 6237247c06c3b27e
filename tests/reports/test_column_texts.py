"""Texts of a column, each made once."""

import datetime as dt

import pandas as pd
import pytest

from reports.column_texts import column_texts


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(["b", "a", None, "b", "é"], dtype="str"),
        pd.Series([200, 500, 200]),
        pd.Series([], dtype="str"),
        pd.to_datetime(pd.Series([dt.datetime(2026, 10, 30, tzinfo=dt.UTC), None] * 2), utc=True),
        pd.Series([True, False, True]),
    ],
    ids=lambda column: str(column.dtype),
)
def test_every_cell_has_its_text_and_it_is_made_once(column):
    asked = []

    def text(value):
        asked.append(value)
        return "none" if pd.isna(value) else f"<{value}>"

    assert list(column_texts(column, text)) == ["none" if pd.isna(value) else f"<{value}>" for value in column]
    assert len(asked) == column.nunique(dropna=False)
