"""The rows of a month of collected prices that a log of later changes rests on: a tenth of the month, the same log.

A log tells of the changes of its own days. From the days before them it takes what each service last cost, on which
days a source answered for a corridor, which services are private, and which prices waited in quarantine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from remitwatch.indicators import Columns, Observations
from remitwatch.indicators.exact import IntArray
from remitwatch.indicators.panel import QUARANTINED, Panel
from remitwatch.quotes import Basis

COLUMNS = (
    "quote_id", "tier", "basis", "source", "service", "day", "quoted_at", "fetched_at", "flags", "transparent",
    "private", "fee_e8", "margin_e8", "total_e8", "provider", "provider_name", "provider_type", "payment_instrument",
    "access_point", "pickup_method", "corridor",
)  # fmt: skip
"""The columns that a log is made from."""


def thinned(held: Observations, basis: Basis) -> Columns:
    """Of a basis at USD 200: each service's last price, last disclosed price and last private one, one public price of
    each corridor, source and day, and every price in quarantine."""
    panel = held.panel(basis, 200)
    service = panel.labels("service").codes
    hidden = np.bincount(service[panel.private], minlength=len(panel.labels("service").names)) > 0
    disclosed = np.flatnonzero(~panel.private & panel.disclosed)
    shown = disclosed[~hidden[service[disclosed]]]
    kept = [
        _last(service, np.arange(len(panel))),
        _last(service, disclosed),
        _last(service, np.flatnonzero(panel.private)),
        shown[np.unique(_answers(panel)[shown], return_index=True)[1]],
    ]
    columns = held.columns
    flags, bases = columns.labels("flags"), columns.labels("basis")
    waits = np.array([QUARANTINED in name.split("+") for name in flags.names], dtype=bool)[flags.codes]
    waits &= (bases.codes == bases.code(basis.value)) & (columns.whole("tier") == 200)
    return Columns.joined([
        panel.columns.taking(np.unique(np.concatenate(kept))),
        columns.taking(np.flatnonzero(waits)),
    ])  # fmt: skip


def rows_of_log(whole: Sequence[Columns], thin: Sequence[tuple[Columns, Callable[[], Sequence[Columns]]]]) -> Columns:
    """The rows of a log: those of `whole`, and of each other month its thinned rows where they do, else all that the
    function beside them gives.

    Of a service with a private row on any day a log counts no answer at all. Thinned rows may stand for an answer by a
    price of a service that is private in another month only: then they do not.
    """
    private: set[str] = set().union(*map(_private_services, (*whole, *(rows for rows, _ in thin))))
    parts = list(whole)
    for rows, every in thin:
        parts += [rows] if _is_enough(rows, private) else every()
    return Columns.joined(parts)


def _private_services(columns: Columns) -> set[str]:
    services = columns.labels("service")
    return {services.names[code] for code in np.unique(services.codes[columns.yes_no("private")])}


def _is_enough(thin: Columns, private: set[str]) -> bool:
    """Whether every service with a price here that is private on any day is so in this month, too."""
    services = thin.labels("service")
    wanted = np.array([name in private for name in services.names], dtype=bool)[services.codes]
    of_private = thin.yes_no("private")
    return set(services.codes[wanted & ~of_private]) <= set(services.codes[of_private])


def _last(service: IntArray, rows: IntArray) -> IntArray:
    """The last of these rows of each service; the panel is in the order of service and day."""
    last = np.ones(len(rows), dtype=bool)
    last[:-1] = service[rows[1:]] != service[rows[:-1]]
    return rows[last]


def _answers(panel: Panel) -> IntArray:
    """By row a number of its corridor, source and day."""
    sources, day = panel.labels("source"), panel.days - panel.days.min(initial=0)
    group = panel.labels("corridor").codes * max(len(sources.names), 1) + sources.codes
    found: IntArray = group * (int(day.max(initial=0)) + 1) + day
    return found
