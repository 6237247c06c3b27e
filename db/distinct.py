"""The different values of the first columns of an index, found by the index, not by reading the rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CTE, Column, Label, func, select


def distinct_values(*columns: Column[Any]) -> CTE:
    """The different values that rows of a table have together in these columns, which begin an index of it in this
    order. Rows without a value in one of them are left out; where the search for the next one ended stands a line with
    NULL in the last column."""
    known: CTE | None = None
    for number, column in enumerate(columns):
        known = _with(known, columns[:number], column)
    assert known is not None, "at least one column"
    return known


def _with(known: CTE | None, before: tuple[Column[Any], ...], column: Column[Any]) -> CTE:
    """The values known of the columns before, each with every value of this one: the least, then the next greater."""
    least = (
        select(_least(column)) if known is None else select(*_of(known, before), _least(column, *_same(known, before)))
    )
    each = least.cte(f"each_{column.name}", recursive=True)
    following = _least(column, *_same(each, before), column > each.c[column.name])
    return each.union_all(select(*_of(each, before), following).where(each.c[column.name].is_not(None)))


def _least(column: Column[Any], *conditions: Any) -> Label[Any]:
    return select(func.min(column)).where(*conditions).scalar_subquery().label(column.name)


def _of(known: CTE, columns: tuple[Column[Any], ...]) -> list[Any]:
    return [known.c[column.name] for column in columns]


def _same(known: CTE, columns: tuple[Column[Any], ...]) -> list[Any]:
    return [column == known.c[column.name] for column in columns]
