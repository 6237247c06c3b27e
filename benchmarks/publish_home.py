"""A made-up home to publish from: a whole survey and a year of daily prices, written straight into its database.

Nothing here is a real price. The same arguments give the same rows, so that what is published can be compared.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.observation_rows import CORRIDORS, DAYS, SERVICES, corridors
from benchmarks.processes import REMITWATCH, measure
from db.bulk import insert_plain
from db.engine import open_engine, touches_days, writing
from db.tables import ObservationRow, QuoteRow, RunRow, SnapshotRow, table
from remitwatch.countries import countries
from remitwatch.method import METHOD

QUARTERS = 60
LAST_QUARTER = (2026, 3)
LAST_DAY = dt.date(2026, 10, 31)
SURVEY, DAILY = "worldbank_survey", "hand_in"
_SEED = 20261126
_MISSING = 0.01
_UNDISCLOSED = 0.03
_RUN, _SNAPSHOT, _QUOTE, _OBSERVATION = (table(row) for row in (RunRow, SnapshotRow, QuoteRow, ObservationRow))
_SNAPSHOT_ID = "0" * 24
_TYPES = ("bank", "money_transfer_operator", "mobile_operator", "post_office", "non_bank_fi", "credit_union")
_INSTRUMENTS = ("cash", "bank_account", "debit_card", "credit_card", "mobile_money")
_ACCESS = ("internet", "agent", "bank_branch", "call_center", "mobile_phone")
_PICKUP = ("cash", "bank_account", "partner_bank_account", "mobile_wallet")
_SPEEDS = ("within_hour", "same_day", "next_day", "two_days", "three_to_five_days", "six_days_or_more")

Numbers = NDArray[np.int64]
Rows = Iterator[tuple[Any, ...]]


@dataclass(frozen=True)
class Services:
    """The services of the made-up market: the cells of a quote that say which one it is, and its level of cost."""

    cells: list[tuple[Any, ...]]
    fee_e6: Numbers
    margin_e6: Numbers


def services(corridor_count: int, per_corridor: int) -> Services:
    """So many services in each of so many corridors, each of a provider of its own there."""
    draw = np.random.default_rng(_SEED)
    cells: list[tuple[Any, ...]] = []
    for lane in corridors(corridor_count):
        sender, receiver = lane.split("-")
        pair = (countries()[sender].currency, countries()[receiver].currency)
        for number in range(per_corridor):
            firm = (number * 37 + len(cells)) % 997
            pay, access, pickup = (names[int(draw.integers(len(names)))] for names in (_INSTRUMENTS, _ACCESS, _PICKUP))
            key = f"firm_{firm:03}:{lane}:{pair[0]}-{pair[1]}:{pay}:{access}:{pickup}:{number}"
            cells.append((
                sender, receiver, *pair, f"firm_{firm:03}", f"Firm {firm} Ltd", _TYPES[firm % len(_TYPES)], pay, access,
                pickup, str(number), key, _SPEEDS[int(draw.integers(len(_SPEEDS)))],
            ))  # fmt: skip
    size = len(cells)
    fee = np.rint(draw.gamma(3.0, 1.0, size) * 1e4).astype(np.int64) * 100
    return Services(cells, fee, np.rint(draw.normal(2.0, 1.2, size) * 1e4).astype(np.int64) * 100)


_OF_SERVICE = (
    "sender", "receiver", "send_currency", "receive_currency", "provider", "provider_name", "provider_type",
    "payment_instrument", "access_point", "pickup_method", "product", "service", "speed",
)  # fmt: skip
_OF_QUOTE = (
    "id", "key", "run_id", "tier", "send_amount", "fee", "rate", "reference_rate", "transparent", "day",
    "survey_period", "survey_row", "published_margin", "published_total", "source", "basis", "fetched_at",
)  # fmt: skip
_FIXED: dict[str, Any] = {
    "snapshot_id": _SNAPSHOT_ID, "coverage": "high", "fee_model": "added", "private": False, "note": "",
}  # fmt: skip


def _counted(database: Path) -> tuple[int, int]:
    """How many quotes and runs a database holds already."""
    if not database.exists():
        return 0, 0
    with closing(sqlite3.connect(database)) as connection:
        quotes, runs = (
            connection.execute(f"SELECT coalesce(max(id), 0) FROM {kind.name}").fetchone()[0]  # noqa: S608
            for kind in (_QUOTE, _RUN)
        )
    return int(quotes), int(runs)


class Home:
    """The home in the making; `remitwatch` reads and publishes it like any other."""

    def __init__(self, root: Path, corridor_count: int = CORRIDORS, per_corridor: int = SERVICES) -> None:
        self.root = root
        self._services = services(corridor_count, per_corridor)
        self._quotes, self._runs = _counted(root / "remitwatch.sqlite")

    def make(self, quarters: int = QUARTERS, days: int = DAYS) -> int:
        """Write everything up to `LAST_DAY`; how many quotes. Raises RuntimeError when the home cannot be made."""
        done = measure([*REMITWATCH, "--home", self.root, "init", "--sandbox"])
        if done.code:
            raise RuntimeError(done.err)
        year, number = LAST_QUARTER
        first = year * 4 + number - quarters
        names = [(at // 4, at % 4 + 1) for at in range(first, first + quarters)]
        for place, (year, number) in enumerate(names):
            self._survey(f"{year}-Q{number}", dt.date(year, 3 * number - 1, 15), place)
        for back in range(days - 1, -1, -1):
            self.add_day(LAST_DAY - dt.timedelta(days=back))
        return self._quotes

    def add_day(self, day: dt.date) -> None:
        """The daily prices of one day."""
        draw = np.random.default_rng([_SEED, day.toordinal()])
        drift = round(draw.normal(0, 0.02), 3)
        there = np.flatnonzero(draw.random(len(self._services.cells)) >= _MISSING)
        self._run(DAILY, day, "standard", None, there, draw, drift)

    def _survey(self, quarter: str, day: dt.date, place: int) -> None:
        draw = np.random.default_rng([_SEED, place])
        there = np.flatnonzero(draw.random(len(self._services.cells)) >= _MISSING)
        self._run(SURVEY, day, "survey", quarter, there, draw, 1.5 - 0.02 * place)

    def _run(
        self, source: str, day: dt.date, basis: str, quarter: str | None, there: Numbers, draw: Any, drift: float
    ) -> None:
        """One accepted run with a quote and an observation of each of these services at both amounts."""
        self._runs += 1
        time = f"{max(day, LAST_DAY if quarter else day)}T05:00:00.000000+00:00"
        engine = open_engine(f"sqlite:///{self.root / 'remitwatch.sqlite'}")
        size = len(there)
        wobble = np.rint(draw.normal(drift, 0.1, size) * 1e4).astype(np.int64) * 100
        discloses = draw.random(size) >= _UNDISCLOSED
        with writing(engine) as connection:
            if quarter is None:
                touches_days(connection, [day])
            insert_plain(connection, _RUN, [_RUN.c[name] for name in _RUN_CELLS], [(
                self._runs, source, str(day), 1, "import" if quarter else "collect", "ok", "", True, False, time, time,
                time, 1, 1, 2 * size, 0, 0, 0, 0, 0, 2 * size, "{}", "{}",
            )])  # fmt: skip
            insert_plain(connection, _SNAPSHOT, [_SNAPSHOT.c[name] for name in _SNAPSHOT_CELLS], [
                (self._runs, _SNAPSHOT_ID, source, "GET", "http://127.0.0.1/", "", "[]", 200, "{}", time, "0" * 64, 1,
                 1),
            ])  # fmt: skip
            quotes, observed = [], []
            for tier, share in ((200, 1.0), (500, 0.6)):
                fee = np.rint(self._services.fee_e6[there] * share / 100).astype(np.int64) * 100
                margin = self._services.margin_e6[there] + wobble
                for service, fee_e6, margin_e6, open_ in zip(
                    there.tolist(), fee.tolist(), margin.tolist(), discloses.tolist(), strict=True
                ):
                    self._quotes += 1
                    total = (fee_e6 + margin_e6) * 100 if open_ else None
                    quotes.append((
                        self._quotes, str(self._quotes), self._runs, tier, str(tier), f"{fee_e6 * tier / 1e8:.4f}",
                        f"{100 - margin_e6 / 1e6:.4f}" if open_ else None, "100", open_, str(day), quarter,
                        f"{quarter}-{service}" if quarter else None,
                        f"{margin_e6 / 1e6:.4f}" if open_ and quarter else None,
                        f"{(fee_e6 + margin_e6) / 1e6:.4f}" if open_ and quarter else None,
                        source, basis, time, *self._services.cells[service],
                    ))  # fmt: skip
                    observed.append((
                        self._quotes, fee_e6 * 100, margin_e6 * 100 if open_ else None, total,
                        source if quarter else "ecb", str(day), "100", False, source, "", METHOD,
                    ))  # fmt: skip
            names = (*_OF_QUOTE, *_OF_SERVICE)
            insert_plain(connection, _QUOTE, [_QUOTE.c[name] for name in names], quotes, **_FIXED)
            insert_plain(connection, _OBSERVATION, [_OBSERVATION.c[name] for name in _OBSERVED_CELLS], observed)
        engine.dispose()


_RUN_CELLS = (
    "id", "source", "logical_date", "attempt", "kind", "status", "reason", "accepted", "trial", "started_at",
    "finished_at", "in_force_since", "requests", "answered", "quotes", "not_offered", "rates", "benchmarks",
    "refused", "duplicates", "rows_read", "failures", "repairs",
)  # fmt: skip
_SNAPSHOT_CELLS = (
    "run_id", "id", "source", "method", "url", "request_body", "inquiries", "status", "headers", "fetched_at",
    "body_sha256", "body_size", "attempts",
)  # fmt: skip
_OBSERVED_CELLS = (
    "quote_id", "fee_e8", "margin_e8", "total_e8", "reference_source", "reference_date", "reference_rate",
    "reference_derived", "reference_how", "flags", "method",
)  # fmt: skip
