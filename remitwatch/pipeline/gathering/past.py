"""The figures of past periods, computed once and kept: of the survey all its periods together, of collected prices each
week, month, quarter or year by itself.

What is kept of a period is named by the key of the rows that it rests on, by the code, and by the flows that weigh: a
price of it that is written, decided on or read again gives it another name. A file that is not whole is made anew.
"""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from db.frames import Need
from db.sidecar import Sidecar
from remitwatch.flows import FlowTable
from remitwatch.indicators import Columns, Observations, periods_present
from remitwatch.indicators.columns import FIGURES
from remitwatch.indicators.frames import FigureColumns, figure_cells, figure_columns, joined, objects
from remitwatch.periods import Period, PeriodKind, parse_period, period_of
from remitwatch.pipeline.gathering.thinned import COLUMNS, rows_of_log, thinned
from remitwatch.pipeline.gathering.written import read_figures, written_figures
from remitwatch.pipeline.looking import prepared
from remitwatch.pipeline.workspace import Workspace
from remitwatch.quotes import Basis, Tier
from scrapers import registry

AMOUNTS: tuple[Tier, ...] = (200, 500)
PARTS = ("average_total_cost", "average_fee", "average_fx_margin")
"""An average and its parts."""
HISTORY: tuple[tuple[tuple[str, ...], tuple[str, ...] | None, tuple[Tier, ...]], ...] = (
    (("world",), None, AMOUNTS),
    (("region", "corridor"), (*PARTS, "smart"), (200,)),
    (("sender", "receiver"), PARTS, (200,)),
)
"""Scopes, indicators (None: every one) and amounts of which earlier periods are shown."""
ANNUAL = ((("world", "sender", "receiver", "corridor"), ("average_total_cost",)), (("corridor",), ("smart",)))
"""Scopes and indicators of the annual figures (METHODOLOGY section 3), at USD 200."""
COLLECTED = (Basis.STANDARD, Basis.ESTIMATE, Basis.PROMOTIONAL)
LONGEST = dt.timedelta(days=8000)
"""Further back no period is shown."""
KEPT_DAYS = 124
"""The columns of so many days are kept by themselves, so that a new day is the only one that is read: those of a log of
changes (90 days) back to the first of a month."""
_KEPT_FILES = 2000
_KEPT_MONTHS = 8
"""Whole months of a log: large files, of which one log takes four."""
_EVERY = tuple((scopes, codes, amount) for scopes, codes, amounts in HISTORY for amount in amounts)


@dataclass(frozen=True)
class Newest:
    """The newest quote of each service of a basis and amount in a period: a hash of the service, and the quote."""

    services: NDArray[np.uint64]
    quotes: NDArray[np.int64]


@dataclass(frozen=True)
class Kept:
    """What is kept of a period: its figures by basis, in the order of HISTORY; the periods of the survey, or the days
    that have prices at USD 200, by basis; the newest quotes, by basis and amount; of annual figures the sources that
    they rest on, by basis and period."""

    figures: dict[Basis, FigureColumns]
    periods: tuple[str, ...] = ()
    days: dict[Basis, tuple[dt.date, ...]] = field(default_factory=dict)
    newest: dict[tuple[Basis, Tier], Newest] = field(default_factory=dict)
    sources: dict[Basis, dict[str, str]] = field(default_factory=dict)


class Past:
    """The past figures of a home as of a time."""

    def __init__(self, workspace: Workspace, as_of: dt.datetime, flows: FlowTable | None) -> None:
        self._workspace = workspace
        self._as_of = as_of
        self._flows = flows
        self._folder = workspace.home.cache / "past"
        self._keys: dict[Need, str | None] = {}
        self._kept: dict[str, Kept] = {}
        self._begun: dict[tuple[dt.date, dt.date], Observations] = {}

    def quarters(self) -> tuple[Period, ...]:
        """The quarters of the survey, the oldest first."""
        return tuple(map(parse_period, self._survey(PeriodKind.QUARTER).periods))

    def figures(self, basis: Basis, kind: PeriodKind, until: dt.date) -> FigureColumns:
        """The figures of every period of this kind that ends by then, in the order of HISTORY and of the periods."""
        if basis is Basis.SURVEY:
            kept = self._survey(kind)
            ends = {key: parse_period(key).last_day or until for key in kept.periods}
            shown = {key for key, end in ends.items() if until - LONGEST <= end <= until}
            found = [_of_periods(one, shown) for one in _of_basis([kept], basis)]
        else:
            found = _of_basis([self._collected(period) for period in self._periods(kind, until)], basis)
        together = joined(found)
        group = {(scope, amount): at for at, (scopes, _, amount) in enumerate(_EVERY) for scope in scopes}
        places = [group[key] for key in zip(together["scope"], together["amount"], strict=True)]
        order = np.argsort(np.array(places, dtype=np.int64), kind="stable")
        return {name: cells[order] for name, cells in together.items()}

    def days(self, basis: Basis, kind: PeriodKind, until: dt.date) -> set[dt.date]:
        """The days up to then that have prices."""
        whole = {day for period in self._periods(kind, until) for day in self._collected(period).days.get(basis, ())}
        running = period_of(until, kind)
        if running.first_day is None or running.last_day == until:
            return whole
        held = self._running(running.first_day, until)
        return whole | set(held.panel(basis, 200).dates())

    def older(self, known: Sequence[Newest | None], of: tuple[Basis, Tier], until: dt.date) -> list[int]:
        """The newest quotes of the services of a basis and amount that are not among the known ones."""
        seen = np.unique(np.concatenate([np.zeros(0, np.uint64), *(one.services for one in known if one is not None)]))
        found: list[int] = []
        for period in reversed(self._periods(PeriodKind.WEEK, until)):
            newest = self._collected(period).newest.get(of)
            if newest is None:
                continue
            new = ~np.isin(newest.services, seen)
            found += newest.quotes[new].tolist()
            seen = np.unique(np.concatenate([seen, newest.services[new]]))
        return found

    def columns(self, first: dt.date, last: dt.date, keep: bool) -> list[Columns]:
        """The columns that figures of collected prices of these days are computed from. `keep`: for the next time,
        those of long ago, too."""
        return list(self._parts(first, last, self._sidecar if keep else None))

    def _parts(
        self, first: dt.date, last: dt.date, sidecar: Sidecar | None = None, names: Sequence[str] = FIGURES
    ) -> Iterator[Columns]:
        """The columns of these days, one part after the other: of lately by days, of long ago all at once, found in or
        kept in `sidecar`."""
        find = self._workspace.queries.figure_columns
        if first < self._as_of.date() - dt.timedelta(days=KEPT_DAYS):
            yield find(Need(survey=False, quarters=(), since=first, until=last), self._as_of, sidecar, names)
            return
        for day in self._days:
            if first <= day <= last:
                need = Need(survey=False, quarters=(), since=day, until=day)
                yield find(need, self._as_of, self._of_days, names)

    def _running(self, first: dt.date, until: dt.date) -> Observations:
        """The prices of a period that is not over."""
        if (first, until) not in self._begun:
            self._begun[first, until] = prepared(Columns.joined(self.columns(first, until, keep=True)))
        return self._begun[first, until]

    @property
    def _sidecar(self) -> Sidecar:
        return Sidecar(self._workspace.home.cache)

    def surveys(self) -> Columns:
        """The columns that figures of the whole survey are computed from."""
        need = Need(survey=True, quarters=None, collected=False)
        return self._workspace.queries.figure_columns(need, self._as_of, self._sidecar)

    def collected(self, since: dt.date = dt.date.min) -> list[Columns]:
        """Those of all collected prices, or at least of those from `since` on: each month by itself that is over long
        since, and each day after them. So a new day is the only one that is read."""
        recent = self._as_of.date() - dt.timedelta(days=KEPT_DAYS)
        spans = (period_of(day, PeriodKind.MONTH) for day in self._days if day >= since)
        months = {month.key: month for month in spans}
        over = [one for one in months.values() if one.last_day is not None and one.last_day < recent]
        ended = max((one.last_day for one in over if one.last_day is not None), default=dt.date.min)
        needs = [Need(survey=False, quarters=(), since=one.first_day, until=one.last_day) for one in over]
        later = [day for day in self._days if day > ended and day >= since]
        days = [Need(survey=False, quarters=(), since=day, until=day) for day in later]
        find = self._workspace.queries.figure_columns_of
        of_months = Sidecar(self._workspace.home.cache / "months", kept=_KEPT_FILES)
        return [*find(needs, self._as_of, of_months), *find(days, self._as_of, self._of_days)]

    @property
    def _of_days(self) -> Sidecar:
        return Sidecar(self._workspace.home.cache / "days", kept=KEPT_DAYS + 40)

    @cached_property
    def _days(self) -> list[dt.date]:
        return self._workspace.queries.days()

    def _periods(self, kind: PeriodKind, until: dt.date) -> list[Period]:
        """The periods that may have collected prices and end by then, the oldest first."""
        found = {period_of(day, kind).key: period_of(day, kind) for day in self._days if day >= until - LONGEST}
        ended = [period for period in found.values() if period.last_day is not None and period.last_day <= until]
        self._ask_keys(map(_of_days, ended))
        return sorted(ended, key=lambda period: period.first_day or dt.date.min)

    def _survey(self, kind: PeriodKind) -> Kept:
        need = Need(survey=True, quarters=None, collected=False)
        return self._found(f"survey-{kind.value}", need, lambda: self._compute_survey(kind))

    def _compute_survey(self, kind: PeriodKind) -> Kept:
        held = prepared(self.surveys(), self._flows)
        periods = periods_present(held, basis=Basis.SURVEY, kind=kind)
        figures: dict[Basis, FigureColumns] = {}
        if periods:
            figures[Basis.SURVEY] = _history(held, Basis.SURVEY, periods, self._as_of)
        return Kept(figures, tuple(one.key for one in periods))

    def _collected(self, period: Period) -> Kept:
        name = f"{period.kind.value}-{period.key}"
        return self._found(name, _of_days(period), lambda: self._compute_collected(period))

    def _compute_collected(self, period: Period) -> Kept:
        assert period.first_day is not None
        assert period.last_day is not None
        held = prepared(Columns.joined(self.columns(period.first_day, period.last_day, keep=False)), self._flows)
        end = dt.datetime.combine(period.last_day, dt.time(), tzinfo=dt.UTC)
        figures: dict[Basis, FigureColumns] = {}
        days: dict[Basis, tuple[dt.date, ...]] = {}
        newest: dict[tuple[Basis, Tier], Newest] = {}
        for basis in COLLECTED:
            for amount in AMOUNTS:
                if basis in held.bases(amount):
                    newest[basis, amount] = newest_quotes(held, basis, amount, end)
            if basis in held.bases(200):
                days[basis] = tuple(held.panel(basis, 200).dates())
                if basis is not Basis.PROMOTIONAL:
                    figures[basis] = _history(held, basis, (period,), self._as_of)
        return Kept(figures, days=days, newest=newest)

    def annual(self, basis: Basis, last: dt.date) -> FigureColumns:
        """The annual figures (ANNUAL) of every third quarter that had begun by then, the oldest first, with a column of
        the sources of the prices that each rests on."""
        if basis is Basis.SURVEY:
            need = Need(survey=True, quarters=None, collected=False)
            made = [self._found("annual-survey", need, self._compute_annual_survey)]
        else:
            quarters = {quarter.key: quarter for quarter in (period_of(day, PeriodKind.QUARTER) for day in self._days)}
            made = [self._annual_collected(quarter) for key, quarter in quarters.items() if key.endswith("Q3")]
        figures = joined(_of_basis(made, basis))
        sources = {period: names for kept in made for period, names in kept.sources.get(basis, {}).items()}
        begun = {period for period in sources if (parse_period(period).first_day or last) <= last}
        told = objects([sources[period] for period in figures["period"]])
        return _of_periods({**figures, "sources": told}, begun)

    def _compute_annual_survey(self) -> Kept:
        held = prepared(self.surveys())
        periods = periods_present(held, basis=Basis.SURVEY, kind=PeriodKind.QUARTER)
        return _annual({Basis.SURVEY: held}, [one for one in periods if one.key.endswith("Q3")], self._as_of)

    def _annual_collected(self, quarter: Period) -> Kept:
        first, last = quarter.first_day, quarter.last_day
        assert first is not None
        assert last is not None

        def compute() -> Kept:
            bases: list[Basis] = [basis for basis in COLLECTED if basis is not Basis.PROMOTIONAL]
            held = {basis: prepared(Columns.joined(self._at_200(basis, first, last, FIGURES))) for basis in bases}
            return _annual(held, [quarter], self._as_of)

        return self._found(f"annual-{quarter.key}", _of_days(quarter), compute)

    def for_log(self, basis: Basis, first: dt.date, last: dt.date) -> Columns:
        """The prices that a log of the changes of these days is made from (`thinned.COLUMNS`): all of the months that
        the days are in and of the one that is not over, of the others what the log takes from them."""
        whole: list[Columns] = []
        thin: list[tuple[Columns, Callable[[], list[Columns]]]] = []
        months = {month.key: month for month in (period_of(day, PeriodKind.MONTH) for day in self._days)}
        self._ask_keys(map(_of_days, months.values()))
        for month in months.values():
            begins, ends = month.first_day, month.last_day
            assert begins is not None
            assert ends is not None
            every = partial(self._at_200, basis, begins, ends, COLUMNS)
            if ends >= self._as_of.date():
                whole += every()
            elif ends < first or begins > last:
                thin.append((self._of_month("thinned", basis, month, partial(_thinned, basis)), every))
            else:
                whole.append(self._of_month("logged", basis, month, Columns.joined))
        return rows_of_log(whole, thin)

    def _of_month(
        self, folder: str, basis: Basis, month: Period, make: Callable[[Sequence[Columns]], Columns]
    ) -> Columns:
        """What is made for a log of the prices of a month that is over: found in, or kept in, a folder of the cache."""
        first, last = month.first_day, month.last_day
        assert first is not None
        assert last is not None
        need = _of_days(month)
        state = self._key(need)
        key = None if state is None else _digest(state, _code(), self._hidden)
        kept = _KEPT_FILES if folder == "thinned" else _KEPT_MONTHS
        sidecar = Sidecar(self._workspace.home.cache / folder / basis.value, kept)
        held = sidecar.load(need, key, COLUMNS)
        if held is None:
            held = make(self._at_200(basis, first, last, FIGURES))
            sidecar.save(need, key, held)
        return held

    def _at_200(self, basis: Basis, first: dt.date, last: dt.date, names: Sequence[str]) -> list[Columns]:
        """The prices of a basis at USD 200 of these days, of these columns."""
        return [_of_basis_at_200(part, basis, names) for part in self._parts(first, last, names=names)]

    def _found(self, name: str, need: Need, compute: Any) -> Kept:
        """What is kept of a period, else computed and kept."""
        if name in self._kept:
            return self._kept[name]
        key = self._key(need)
        path = (
            None if key is None else self._folder / f"{name}-{_digest(key, _code(), self._hidden, self._weights)}.json"
        )
        found = None if path is None else _read(path, self._as_of)
        if found is None:
            made: Kept = compute()
            found = made
            if path is not None:
                _write(path, name, made)
        self._kept[name] = found
        return found

    def _key(self, need: Need) -> str | None:
        """What the rows of a need are known by (`Queries.key_of`)."""
        self._ask_keys([need])
        return self._keys[need]

    def _ask_keys(self, needs: Iterable[Need]) -> None:
        """Ask the database for the keys of needs all at once, those that are not known yet."""
        if new := [need for need in needs if need not in self._keys]:
            self._keys |= zip(new, self._workspace.queries.keys_of(new, self._as_of), strict=True)

    @cached_property
    def _weights(self) -> str:
        return repr(self._flows)

    @cached_property
    def _hidden(self) -> str:
        """Which sources are in no figure."""
        known = registry.definitions()
        return "+".join(sorted(key for key, one in known.items() if one.terms.redistribution == "none"))


def _of_days(period: Period) -> Need:
    """The collected prices of a period."""
    return Need(survey=False, quarters=(), since=period.first_day, until=period.last_day)


def _thinned(basis: Basis, parts: Sequence[Columns]) -> Columns:
    return thinned(prepared(Columns.joined(parts)), basis)


def _of_basis_at_200(part: Columns, basis: Basis, names: Sequence[str]) -> Columns:
    bases = part.labels("basis")
    wanted = (bases.codes == bases.code(basis.value)) & (part.whole("tier") == 200)
    return part.only(np.flatnonzero(wanted), names)


def _annual(held: Mapping[Basis, Observations], periods: Sequence[Period], as_of: dt.datetime) -> Kept:
    """The annual figures of third quarters, with the sources of their prices but for those that are private."""
    figures: dict[Basis, FigureColumns] = {}
    sources: dict[Basis, dict[str, str]] = {}
    for basis, observations in held.items():
        if basis not in observations.bases(200):
            continue
        found = [
            figure_cells(
                observations, basis=basis, amount=200, periods=[period], scopes=scopes, codes=codes, as_of=as_of
            )
            for period in periods
            for scopes, codes in ANNUAL
        ]
        figures[basis] = figure_columns([row for some in found for row in some])
        sources[basis] = {period.key: _sources(observations, basis, period, as_of) for period in periods}
    return Kept(figures, sources=sources)


def _sources(held: Observations, basis: Basis, period: Period, as_of: dt.datetime) -> str:
    units = held.units(basis, 200, period, as_of)
    source = units.labels("source")
    used = np.unique(source.codes[~units.private])
    return "+".join(sorted(source.names[int(code)] for code in used))


def newest_quotes(held: Observations, basis: Basis, amount: Tier, as_of: dt.datetime) -> Newest:
    """The newest quote of each service of a basis and amount."""
    panel = held.panel(basis, amount)
    at = panel.newest(as_of)
    services = panel.labels("service")
    hashes = pd.util.hash_array(np.array(services.names, dtype=object), categorize=False)
    return Newest(hashes[services.codes[at]].astype(np.uint64), panel.columns.whole("quote_id")[at])


def _history(held: Observations, basis: Basis, periods: Sequence[Period], as_of: dt.datetime) -> FigureColumns:
    return figure_columns([
        row
        for scopes, codes, amount in _EVERY
        if basis in held.bases(amount)
        for row in figure_cells(
            held, basis=basis, amount=amount, periods=periods, scopes=scopes, codes=codes, as_of=as_of
        )
    ])  # fmt: skip


def _of_basis(kept: Iterable[Kept], basis: Basis) -> list[FigureColumns]:
    return [one.figures[basis] for one in kept if basis in one.figures]


def _of_periods(figures: FigureColumns, periods: set[str]) -> FigureColumns:
    """The figures of these periods."""
    wanted = np.array([period in periods for period in figures["period"]], dtype=bool)
    return {name: cells[wanted] for name, cells in figures.items()}


def _read(path: Path, as_of: dt.datetime) -> Kept | None:
    """What a file keeps; None where there is none, or it is not as it was written."""
    try:
        text = path.read_bytes()
        checksum, _, body = text.partition(b"\n")
        if checksum.decode() != hashlib.sha256(body).hexdigest():
            return None
        content = json.loads(body)
    except (OSError, ValueError):
        return None
    return Kept(
        {Basis(basis): read_figures(kept, Basis(basis), as_of) for basis, kept in content["figures"].items()},
        tuple(content["periods"]),
        {Basis(basis): tuple(map(dt.date.fromisoformat, days)) for basis, days in content["days"].items()},
        {(Basis(basis), amount): _newest(*arrays) for basis, amount, *arrays in content["newest"]},
        {Basis(basis): sources for basis, sources in content["sources"].items()},
    )


def _newest(services: str, quotes: str) -> Newest:
    return Newest(
        np.frombuffer(base64.b64decode(services), dtype=np.uint64),
        np.frombuffer(base64.b64decode(quotes), dtype=np.int64),
    )


def _write(path: Path, name: str, kept: Kept) -> None:
    """Keep it, whole or not at all, and drop what it takes the place of."""
    content = {
        "figures": {basis: written_figures(figures) for basis, figures in kept.figures.items()},
        "periods": kept.periods,
        "days": {basis: [day.isoformat() for day in days] for basis, days in kept.days.items()},
        "newest": [
            [basis, amount, *(base64.b64encode(array.tobytes()).decode() for array in (one.services, one.quotes))]
            for (basis, amount), one in kept.newest.items()
        ],
        "sources": kept.sources,
    }
    body = json.dumps(content, separators=(",", ":")).encode()
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with contextlib.suppress(OSError):  # a cache: without it the figures are computed again
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        os.replace(part, path)
        _clean(path, name)


def _clean(path: Path, name: str) -> None:
    """Drop what was kept of an older state of the period, of all periods but the newest ones, and what a kill left."""
    for other in path.parent.glob(f"{name}-*.json"):
        if other != path and len(other.name) == len(path.name):
            other.unlink(missing_ok=True)
    kept = sorted(path.parent.glob("*.json"), key=lambda one: one.stat().st_mtime, reverse=True)
    left = [one for one in path.parent.glob("*.part") if one.name.split(".")[-2] != str(os.getpid())]
    for other in (*kept[_KEPT_FILES:], *left):
        other.unlink(missing_ok=True)


@cache
def _code() -> str:
    """The digest of the code that figures are computed by, with its reference tables."""
    sha = hashlib.sha256()
    root = files("remitwatch")
    for name in ("", "indicators", "reference", "pipeline/gathering"):
        for one in sorted(_files(root, name), key=lambda one: one.name):
            sha.update(one.name.encode() + b"\0" + one.read_bytes())
    return sha.hexdigest()


def _files(root: Traversable, name: str) -> Iterable[Traversable]:
    folder = root.joinpath(name) if name else root
    return (one for one in folder.iterdir() if one.is_file())


def _digest(*texts: str) -> str:
    return hashlib.sha256("\x1f".join(texts).encode()).hexdigest()[:32]
