"""Corrections: which figures of the edition before are not the same any more, and why, as far as it is known.

A figure is corrected when its period was over at the time of the edition before: such a figure was published as final.
One whose period was still running was provisional; its changes are counted and kept in the csv table, but they are no
corrections. Only figures that both editions speak of are compared: an edition of another period shows fewer indicators
of the past.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from reports import names, numbers, wording
from reports.indicator_names import group_name, indicator_name
from reports.inputs import DataChange, EditionInput, PreviousEdition
from reports.language import N_, Words, _, ngettext
from reports.published import numbered, published_figures

CHANGED, WITHDRAWN, ADDED = "changed", "withdrawn", "added"
_SCOPES = ("world", "region", "sender", "receiver", "corridor")
_CLASS = ("basis", "indicator", "scope", "breakdown", "period", "amount")
"""Figures of one class stand or fall together: an edition has all of them or speaks of none."""


@dataclass(frozen=True)
class Correction:
    """A figure that changed. `old` and `new` in per cent, None where it had or has no value. `reasons` are the changes
    of data that touch it. `provisional`: its period was not over when it was published before."""

    what: str
    basis: str
    indicator: str
    scope: str
    subject: str
    breakdown: str
    group: str
    period: str
    amount: int
    old: Decimal | None
    new: Decimal | None
    reasons: tuple[DataChange, ...]
    provisional: bool

    @property
    def difference(self) -> Decimal | None:
        """In points; None where there is no old or no new value."""
        return None if self.old is None or self.new is None else self.new - self.old


@dataclass(frozen=True)
class Corrections:
    """All of an edition, the world's first, then the largest. `gone`: bases that the edition before had."""

    since: str
    rows: tuple[Correction, ...]
    gone: tuple[str, ...]
    compared: int

    @property
    def final(self) -> list[Correction]:
        """Those of figures that were final."""
        return [row for row in self.rows if not row.provisional]

    @property
    def provisional(self) -> list[Correction]:
        """Changes of figures that were provisional."""
        return [row for row in self.rows if row.provisional]

    def count(self, what: str) -> int:
        """How many final figures changed, were withdrawn or were added."""
        return sum(row.what == what for row in self.final)


def corrections(data: EditionInput) -> Corrections | None:
    """What changed since the edition before; None where there is none. Raises StorageError when its figures are not
    readable."""
    if data.previous is None:
        return None
    return compared(data.previous, published_figures(data.bases))


def compared(previous: PreviousEdition, now: pd.DataFrame) -> Corrections:
    """The figures of the edition before (`previous.figures`) against those of now. Raises StorageError when they are
    not readable."""
    before = previous.figures()
    gone = sorted(set(before["basis"]) - set(now["basis"]))
    of_before, of_now = numbered(before, now, _CLASS)
    before, now = before[np.isin(of_before, of_now)], now[np.isin(of_now, of_before)]
    key_before, key_now = numbered(before, now)
    before, now = before.assign(key=key_before), now.assign(key=key_now)
    both = before.merge(now[["key", "value"]], on="key", how="outer", suffixes=("_old", "_new"), indicator=True)
    both = both[(both["_merge"] != "both") | (both["value_old"] != both["value_new"])]
    added = both["_merge"] == "right_only"
    if added.any():  # their columns come from the frame of now
        both = pd.concat([both[~added], _of_now(now, both.loc[added, "key"])])
    ends = {period: numbers.period_days(period)[1] for period in both["period"].unique()}
    rows = [_correction(row, previous, ends[row["period"]]) for row in both.to_dict("records")]
    rows.sort(key=_order)
    return Corrections(previous.label, tuple(rows), tuple(gone), len(before))


def _of_now(now: pd.DataFrame, wanted: pd.Series) -> pd.DataFrame:
    rows = now[now["key"].isin(set(wanted))]
    return rows.assign(value_old=None, value_new=rows["value"], _merge="right_only")


def _correction(row: Mapping[Any, Any], previous: PreviousEdition, end: dt.date) -> Correction:
    old, new = (numbers.decimal_of(row[name] or None) for name in ("value_old", "value_new"))
    what = CHANGED
    if row["_merge"] == "left_only" or (old is not None and new is None):
        what = WITHDRAWN
    elif row["_merge"] == "right_only" or (old is None and new is not None):
        what = ADDED
    days = numbers.period_days(row["period"])
    subject = row["sender"] or row["receiver"] or row["region"] or "world"
    return Correction(
        what=what,
        basis=row["basis"],
        indicator=row["indicator"],
        scope=row["scope"],
        subject=f"{row['sender']}-{row['receiver']}" if row["scope"] == "corridor" else subject,
        breakdown=row["breakdown"],
        group=row["group"],
        period=row["period"],
        amount=int(row["amount"]),
        old=old,
        new=new,
        reasons=tuple(change for change in previous.changes if change.touches(row["basis"], row["indicator"], days)),
        provisional=end >= previous.as_of,
    )


def _order(row: Correction) -> tuple[Any, ...]:
    size = abs(row.difference) if row.difference is not None else Decimal(10**6)
    place = _SCOPES.index(row.scope)
    return (place, -size, row.basis, row.period, row.indicator, row.subject, row.breakdown, row.group, row.amount)


_REASONS = Words({
    "vintage": N_("A newer file of {source} is in force (run {run})."),
    "late": N_("Prices of {source} came in later (run {run})."),
    "reparsed": N_("The archived answers of {source} were read again (run {run})."),
    "decision": N_("A person decided on prices of {source} (run {run})."),
    "confirmed": N_("Prices of {source} left quarantine: the next prices confirmed them (run {run})."),
    "removed": N_("A person took a run of {source} out of the figures (run {run})."),
    "flows": N_("Newer flows weigh the corridors (run {run})."),
    "method": N_("The method version is {new}; it was {old}."),
    "program": N_("The program’s version is {new}; it was {old}."),
})  # fmt: skip


def reason_words(row: Correction) -> str:
    """Why a figure changed, in sentences; that it is not known where nothing recorded touches it."""
    if not row.reasons:
        return _("Not recorded.")
    sentences = [_REASONS[change.kind].format(**change.values) for change in row.reasons]
    return " ".join(dict.fromkeys(sentences))


def figure_words(row: Correction) -> str:
    """What a figure is: `Average total cost, USD 200`, with its group where it is of one."""
    name = indicator_name(row.indicator)
    sized = _("{indicator}, USD {amount}", indicator=name, amount=numbers.count(row.amount))
    return _("{figure}: {group}", figure=sized, group=group_name(row.breakdown, row.group)) if row.group else sized


def subject_words(row: Correction) -> str:
    """Whom a figure is about."""
    match row.scope:
        case "corridor":
            return wording.corridor_name(row.subject)
        case "sender":
            return _("From {country}", country=names.country(row.subject))
        case "receiver":
            return _("To {country}", country=names.country(row.subject))
        case "region":
            return names.region(row.subject)
        case _:
            return _("World")


def headline(found: Corrections | None) -> str:
    """What the page says first."""
    if found is None:
        return _("No edition came before this one: nothing to correct")
    number = len(found.final)
    if not number:
        return _("No correction: every figure of {edition} still stands", edition=found.since)
    return ngettext(
        "{n} figure of {edition} is corrected", "{n} figures of {edition} are corrected", number, edition=found.since
    )
