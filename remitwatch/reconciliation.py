"""What a survey file held and what became of it: its rows, repairs and identities, in all and by quarter.

The account that an import prints and keeps, so that every row of the file can be found again: stored, refused, without
a price, or under an id that its quarter had already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from remitwatch.fields import ExactDecimal, Value
from remitwatch.firms import near_matches
from remitwatch.survey import Account, SurveyTable
from remitwatch.survey_identity import APART, NEAR, Agreement, Classes, Identities, agreement, gap, identities

MOST_LISTED = 1000
"""So many rows are listed of those refused (of each sheet) and of those that miss each identity; all are counted."""
MOST_NEAR = 200
_GAP = Decimal("0.0001")


class Rows(Value):
    """The rows of a file, or of one of its quarters.

    `read` = `stored` + `refused` - `partly_refused` + `without_price` + `id_repeated`: a row of which one price was
    stored and the other refused is `partly_refused`, and both of the first two; of `id_repeated` the quarter had the id
    already. `repaired` counts repairs by kind. `undisclosed` are stored rows whose rate is not disclosed. `total`: fee
    and published margin make the published total; `margin`: the published margin follows from the two rates.
    """

    read: int
    stored: int
    refused: int
    partly_refused: int
    without_price: int
    id_repeated: int
    repaired: dict[str, int]
    undisclosed: int
    total: Agreement
    margin: Agreement


class Quarter(Rows):
    """The rows of one quarter; `period` is '' for rows that do not say theirs."""

    period: str


class Apart(Value):
    """A stored row whose published figure misses the computed one: by how many percentage points at the worse of its
    two amounts (4 decimals), and whether that is over 0.05."""

    period: str
    row: str
    gap: ExactDecimal
    over_0_05: bool


class NearMatch(Value):
    """Two firms that may be one under two spellings, by key and name as published. `held`: the second is not in the
    file but among those held before."""

    firm: str
    name: str
    like: str
    like_name: str
    held: bool


class UnknownLabel(Value):
    """A label that no vocabulary has: where it stands, and in how many rows, of which the first are named. Such a row
    counts in the whole and in no group of a breakdown by this column."""

    sheet: str
    column: str
    label: str
    count: int
    first_rows: tuple[int, ...]


class Reconciliation(Rows):
    """The whole of it. `refused_rows` are their numbers by sheet; `total_apart` and `margin_apart` list rows that miss
    an identity by over 0.01 points, the worst class first; each list holds at most MOST_LISTED."""

    refused_rows: dict[str, tuple[int, ...]]
    unknown_labels: tuple[UnknownLabel, ...] = ()
    total_apart: tuple[Apart, ...]
    margin_apart: tuple[Apart, ...]
    near_matches: Annotated[tuple[NearMatch, ...], Field(max_length=MOST_NEAR)]
    quarters: tuple[Quarter, ...]


def reconcile(table: SurveyTable, held: Mapping[str, str]) -> Reconciliation:
    """The account of a table as it was read; `held` are the firms known before, key and name."""
    account, found = table.account, identities(table)
    names = table.columns["period"].values
    stored = table.rows_by_period()
    quarters = tuple(
        Quarter(period=name, **_rows(account, [name], stored, found, _of_period(found, names, name)))
        for name in sorted(account.rows)
    )
    everything = np.ones(len(found.period), bool)
    return Reconciliation(
        **_rows(account, sorted(account.rows), stored, found, everything),
        refused_rows={sheet: tuple(numbers[:MOST_LISTED]) for sheet, numbers in account.refused.items()},
        unknown_labels=tuple(
            UnknownLabel(sheet=sheet, column=column, label=label[:200], count=len(rows), first_rows=tuple(rows[:5]))
            for (sheet, column, label), rows in sorted(account.unknown_labels.items())[:MOST_LISTED]
        ),
        total_apart=_apart(table, found, found.total, "total"),
        margin_apart=_apart(table, found, found.margin, "margin"),
        near_matches=tuple(_near(table, held)[:MOST_NEAR]),
        quarters=quarters,
    )


def _of_period(found: Identities, names: Sequence[str], name: str) -> NDArray[np.bool_]:
    of: NDArray[np.bool_] = found.period == (names.index(name) if name in names else -1)
    return of


def _rows(
    account: Account, periods: Sequence[str], stored: Mapping[str, int], found: Identities, of: NDArray[np.bool_]
) -> dict[str, object]:
    """The fields of Rows for some quarters, whose stored rows are `of`."""
    repaired: dict[str, int] = {}
    for period in periods:
        for kind, count in sorted(account.repairs.get(period, {}).items()):
            repaired[kind] = repaired.get(kind, 0) + count

    def summed(counts: Mapping[str, int]) -> int:
        return sum(counts.get(period, 0) for period in periods)

    read, kept, refused = summed(account.rows), summed(stored), summed(account.refused_rows)
    partly, without = summed(account.partly_refused), summed(account.without_price)
    return {
        "read": read,
        "stored": kept,
        "refused": refused,
        "partly_refused": partly,
        "without_price": without,
        "id_repeated": read - kept - (refused - partly) - without,
        "repaired": dict(sorted(repaired.items())),
        "undisclosed": int((~found.disclosed[of]).sum()),
        "total": agreement(found.total[of]),
        "margin": agreement(found.margin[of]),
    }


def _apart(table: SurveyTable, found: Identities, classes: Classes, what: str) -> tuple[Apart, ...]:
    """The rows that miss an identity, the worst class first, then in the order of quarter and file."""
    period, row = table.columns["period"], table.columns["row"]
    order = np.argsort(np.array(period.values, dtype=str), kind="stable").argsort() if period.values else np.empty(0)
    listed: list[int] = []
    for one in (APART, NEAR):
        places = np.flatnonzero(classes == one)
        listed += places[np.lexsort((found.row[places], order[found.period[places]]))].tolist()
        del listed[MOST_LISTED:]
    gaps = _gaps(table, [(int(found.period[place]), int(found.row[place])) for place in listed], what)
    return tuple(
        Apart(
            period=period.values[found.period[place]],
            row=row.values[found.row[place]],
            gap=one.quantize(_GAP),
            over_0_05=bool(classes[place] == APART),
        )
        for place, one in zip(listed, gaps, strict=True)
    )


def _gaps(table: SurveyTable, rows: Sequence[tuple[int, int]], what: str) -> list[Decimal]:
    """The greater gap of the prices of each row, exactly."""
    key = table.columns["period"].codes.astype(np.int64) << 32 | table.columns["row"].codes
    wanted = {period << 32 | row: Decimal(-1) for period, row in rows}
    for place in np.flatnonzero(np.isin(key, list(wanted))).tolist():
        one = gap(table, place, what)
        if one is not None:
            wanted[int(key[place])] = max(wanted[int(key[place])], one)
    return [wanted[period << 32 | row] for period, row in rows]


def _near(table: SurveyTable, held: Mapping[str, str]) -> list[NearMatch]:
    keys, names = table.columns["provider"], table.columns["provider_name"]
    pairs = np.unique(keys.codes.astype(np.int64) << 32 | names.codes)
    here = {keys.values[pair >> 32]: names.values[pair & 0xFFFFFFFF] for pair in pairs.tolist()}
    pairs_of_firms = near_matches({**held, **here})
    return [_match(first, second, here, held) for first, second in pairs_of_firms if first in here or second in here]


def _match(first: str, second: str, here: Mapping[str, str], held: Mapping[str, str]) -> NearMatch:
    if first not in here:
        first, second = second, first
    known = second not in here
    return NearMatch(
        firm=first, name=here[first], like=second, like_name=held[second] if known else here[second], held=known
    )
