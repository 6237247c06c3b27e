"""What an edition is made of: plain values that the pipeline fills. Nothing here reads a database or a clock.

Percentages are per cent of the amount sent. A frame with no rows still has its columns.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

import pandas as pd

from reports.country_inputs import CountryInput
from reports.row_digest import of_rows

INDICATOR_COLUMNS = (
    "indicator", "scope", "sender", "receiver", "region", "breakdown", "group", "period", "amount", "basis", "unit",
    "value", "services", "providers", "corridors", "flags", "method", "as_of", "id",
)  # fmt: skip
"""Columns of `indicators` and `history`: the fields of an indicator row. `value` is a Decimal or None, `flags` a
tuple of words, fields that do not apply are None."""

SERVICE_COLUMNS = (
    "quote_id", "run_id", "snapshot", "source", "basis", "tier", "sender", "receiver", "corridor", "send_currency",
    "receive_currency", "send_amount", "provider", "provider_name", "provider_type", "payment_instrument",
    "access_point", "pickup_method", "speed", "coverage", "product", "service", "day", "survey_period", "region",
    "sender_region", "income_group", "transparent", "private", "fee_e8", "margin_e8", "total_e8", "received_e8",
    "rate", "receive_amount", "fee", "fee_model", "reference_rate", "reference_source", "reference_date", "quoted_at",
    "fetched_at", "flags", "survey_row", "smart_rank",
)  # fmt: skip
"""Columns of `services` and `promotions`: an observation frame plus `smart_rank` (1 to 3 for the three cheapest
qualifying services of a corridor, else 0). `*_e8` are whole numbers of 1e-8 per cent, NaN when not disclosed."""

BEFORE_COLUMNS = ("source", "provider", "corridor", "service", "fee_e8", "margin_e8", "total_e8")
"""Columns of `before`: what the disclosed services of the previous period cost at USD 200."""

RUN_COLUMNS = (
    "id", "source", "logical_date", "status", "reason", "quotes", "refused", "digest", "file_name", "file_sha256",
)  # fmt: skip
BENCHMARK_COLUMNS = ("sender", "receiver", "period", "value", "series")

ANNUAL_COLUMNS = (*INDICATOR_COLUMNS, "sources")
"""Columns of `annual`: INDICATOR_COLUMNS and the keys of the sources that the prices of that basis and period came
from, joined by `+` (those of prices handed in privately left out)."""
CHANGE_COLUMNS = (
    "corridor", "day", "kind", "since", "until", "source", "provider", "provider_name", "provider_type",
    "payment_instrument", "access_point", "pickup_method", "before_e8", "after_e8", "fee_e8", "margin_e8", "flags",
)  # fmt: skip
"""Columns of a change log. `kind`: dearer, cheaper, new, again, gone, quarantined, released, confirmed, gap.

`before_e8` and `after_e8` are total costs, `fee_e8` and `margin_e8` what their parts changed by, in 1e-8 per cent (NaN
where there is none). `since` is the day of the price before; `until` the last day of a gap."""

MOVE_COLUMNS = (
    "scope", "sender", "receiver", "region", "from", "average_from", "average_to", "change", "fee", "margin", "entry",
    "exit", "mix", "services_from", "services_to", "continuing", "entered", "left", "flags",
)  # fmt: skip
"""Columns of `moves`: an average of two periods (per cent), its change and the parts of it (points), which add up to
it; None where they are not told. `mix` is 0 where there is no other make-up by type of provider."""

DAY_COLUMNS = ("source", "day", "status", "reason", "refused")
ISSUE_COLUMNS = ("code", "level", "source", "count", "since")
HEALTH_COLUMNS = ("source", "state", "succeeded", "counted", "values", "least", "most")

SourceState = Literal["ok", "stale", "held", "failing", "never"]


@dataclass(frozen=True)
class SourceLine:
    """One source as the pages name it: its terms, and how fresh it is.

    `redistribution`: full (rows may be shown), derived (cost percentages only), none (shown nowhere).
    `state` is a SourceState; `note` says in a few words why it is not `ok`. `handed_in`: no site or API, but a team or
    provider that hands in its prices.
    """

    key: str
    name: str
    kind: str
    attribution: str
    licence: str
    terms_url: str
    redistribution: str
    verified: bool
    last_ok: dt.date | None
    age_days: int | None
    state: str
    note: str = ""
    handed_in: bool = False


@dataclass(frozen=True)
class Gap:
    """Something a reader would expect and does not find: a code that `reports.missing` has a sentence for, and the
    values that the sentence names (numbers, codes, dates; never words)."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ChangeLog:
    """What changed from day to day, `first` to `last`, at USD 200.

    A price counts as changed from `threshold` points on; a service as gone after `absent` days on which its source
    answered for the corridor without it. `rows`: CHANGE_COLUMNS, by corridor, the newest first, at most `most` a
    corridor; `left`: how many older ones are left out, by corridor.
    """

    first: dt.date
    last: dt.date
    threshold: Decimal
    absent: int
    most: int
    rows: pd.DataFrame
    left: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class BasisInput:
    """The figures of one basis (survey, standard, estimate). Bases are never pooled.

    `indicators`: INDICATOR_COLUMNS, all scopes, amounts 200 and 500, of `period` only.
    `history`: INDICATOR_COLUMNS, averages and their parts of the world, regions, countries and corridors, SmaRT of
    corridors.
    `services`: SERVICE_COLUMNS, one row a service and tier in force in the period; a row may carry the flag `stale`
    (shown with its age, in no figure). `promotions`: the same columns, shown apart.
    `private`: how many services handed in privately stand behind a corridor's figures at USD 200, by corridor
    (`GBR-IND`); nothing else of them may be here. `days`: every day up to the period's end that has prices; empty where
    prices are not collected by day (surveys). `log`: what changed from day to day; None for surveys. `coverage`: the
    share (per cent) of the flows known whose corridors stand behind the weighted average; None without flows. `moves`:
    MOVE_COLUMNS, why averages moved since an earlier period, one row a place. `before`: BEFORE_COLUMNS, the services
    of `previous_period`.
    """

    basis: str
    period: str
    previous_period: str | None
    indicators: pd.DataFrame
    history: pd.DataFrame
    services: pd.DataFrame
    promotions: pd.DataFrame
    private: Mapping[str, int] = field(default_factory=dict)
    days: tuple[dt.date, ...] = ()
    log: ChangeLog | None = None
    coverage: Decimal | None = None
    moves: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(MOVE_COLUMNS)))
    before: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(BEFORE_COLUMNS)))

    def with_moves(self, moves: pd.DataFrame, rows_digest: str) -> BasisInput:
        """The same with these moves, and the digest that it then has, which was found elsewhere."""
        found = replace(self, moves=moves)
        vars(found)["rows_digest"] = rows_digest  # as the property keeps it, for this object alone
        return found

    @cached_property
    def rows_digest(self) -> str:
        """The digest of every row of it."""
        log = [] if self.log is None else [self.log.rows]
        return of_rows([self.indicators, self.history, self.services, self.promotions, self.moves, self.before, *log])


@dataclass(frozen=True)
class QualityInput:
    """How the data came in. Codes only; nothing in words.

    `days`: DAY_COLUMNS, one row for each of the days `first` to `last` on which a source was asked or should have been:
    the status of the accepted run, else of the newest (`none`: it should have been asked and was not), why, and how
    many records of that day were refused. `issues`: ISSUE_COLUMNS, open issues by kind and source, and since when the
    oldest is open. `health`: HEALTH_COLUMNS, of each source how many of its last runs were ok, and what the newest
    brought beside the least and most expected. `watched`: the corridors that are collected. `unpriced`: how many
    quotes of these days have no reference rate. `released` and `rejected`: what people decided of quotes.
    """

    first: dt.date
    last: dt.date
    days: pd.DataFrame
    issues: pd.DataFrame
    health: pd.DataFrame
    watched: tuple[str, ...] = ()
    unpriced: int = 0
    released: int = 0
    rejected: int = 0


@dataclass(frozen=True)
class SdmxFlow:
    """As what the figures of SDG 10.c.1 are reported: dataflow (`IAEG-SDGs:DF_SDG_GLC`) and its version, reporting type
    (N national, G global), and who sends them."""

    dataflow: str
    version: str
    reporting_type: Literal["N", "G"]
    sender: str


NATIONAL_FLOW = SdmxFlow("IAEG-SDGs:DF_SDG_GLC", "1.24", "N", "remitwatch")


def no_annual_figures() -> pd.DataFrame:
    """A frame of annual figures with no rows."""
    return pd.DataFrame(columns=list(ANNUAL_COLUMNS))


@dataclass(frozen=True)
class DataChange:
    """Something that happened to the data since the edition before, as a reason for corrections.

    `kind`: vintage (a newer survey file), late (prices of past days came in), reparsed, decision (of a person, on
    prices), confirmed (prices left quarantine because the service's next price costs as much), removed (a run taken out
    by a person), flows, method, program. `basis` and the days from `first` to `last`
    say which figures it touches, None all of them; `indicator` the one it touches alone. `values` are the names and
    numbers of its sentence (`source`, `run`, `old`, `new`).
    """

    kind: str
    values: Mapping[str, str]
    basis: str | None = None
    first: dt.date | None = None
    last: dt.date | None = None
    indicator: str | None = None

    def touches(self, basis: str, indicator: str, days: tuple[dt.date, dt.date]) -> bool:
        """Whether it may have changed a figure of this basis, indicator and period (first and last day)."""
        if self.basis not in (None, basis) or self.indicator not in (None, indicator):
            return False
        return (self.first is None or self.first <= days[1]) and (self.last is None or days[0] <= self.last)


@dataclass(frozen=True)
class PreviousEdition:
    """The edition before: its label, the day its figures were as of, what reads its figures (`reports.published`; they
    are many, and looked at once), and what has happened to the data since."""

    label: str
    as_of: dt.date
    figures: Callable[[], pd.DataFrame]
    changes: tuple[DataChange, ...] = ()


@dataclass(frozen=True)
class BriefsInput:
    """Which briefs lie in an edition: the overview's and those of `countries` (ISO alpha-3; None: of every one with a
    page). `base_url`: where the editions are served; without it no link leads out of a brief."""

    countries: tuple[str, ...] | None
    base_url: str | None = None


@dataclass(frozen=True)
class EditionInput:
    """Everything one edition says. `bases`: the lead basis first. `missing`: what is told under "What is missing".

    `targets`: one mapping a target and basis, with the keys `code`, `owner`, `name`, `indicator`, `scope`, `sender`,
    `receiver`, `region`, `basis`, `operator` (lt, le, ge), `target` (Decimal), `deadline` (year), `value` (Decimal or
    None), `status` (met, on_track, improving, stagnant, deteriorating, not_assessable), `required_pace` and
    `actual_pace` (points a year from the window's start), `required_from_now` (points a year from its end),
    `projected_year`, `window` (a pair of periods, or `A to B, so many years`), `why` (words or a reason code),
    `flags`, `national` (an operator's own) and `subject` (`world`, `KEN`, `TZA-KEN`). Any may be absent or None.
    `corridors`: which corridors get a page; None for every one with a figure or a service. `countries`: which countries
    do; None for every end of a corridor. `about_countries`: what only their pages say. `languages`: those that the
    pages are written in, the first at the edition's root. `contact`: address or e-mail of who runs the monitor.
    `quality`: how the data came in. `previous`: the edition before, which corrections are counted from. `vintages`: of
    each survey quarter in force the source, the run, and the file it came from.
    `annual`: ANNUAL_COLUMNS, the third-quarter figures at USD 200 of every year held, which stand for the year:
    averages of the world, senders, receivers and corridors, SmaRT of corridors. `sdmx`: how they are reported.
    `briefs`: which lie in the edition; None for none.
    `made_at` goes into the manifest only, so that the same data gives the same pages.
    """

    period: str
    number: int | None
    as_of: dt.datetime
    made_at: dt.datetime
    world: Literal["real", "sandbox"]
    method: str
    version: str
    bases: tuple[BasisInput, ...]
    sources: tuple[SourceLine, ...]
    missing: tuple[Gap, ...]
    runs: pd.DataFrame
    issues_open: int
    targets: list[Mapping[str, Any]]
    digest: str
    benchmarks: pd.DataFrame
    corridors: tuple[str, ...] | None = None
    countries: tuple[str, ...] | None = None
    about_countries: CountryInput = field(default_factory=CountryInput)
    languages: tuple[str, ...] = ("en",)
    annual: pd.DataFrame = field(default_factory=no_annual_figures)
    sdmx: SdmxFlow = NATIONAL_FLOW
    contact: str = ""
    quality: QualityInput | None = None
    previous: PreviousEdition | None = None
    vintages: tuple[Mapping[str, Any], ...] = ()
    briefs: BriefsInput | None = None

    @property
    def listed(self) -> int:
        """How many services are listed, at all amounts."""
        return sum(len(made.services) for made in self.bases)


def cells(column: pd.Series) -> list[Any]:
    """The cells of a column. Columns of text and times give theirs one by one, unless they become objects first; of
    times each different one is made once."""
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        codes, times = pd.factorize(column, use_na_sentinel=False)
        known = list(times)
        return [known[code] for code in codes.tolist()]
    return column.astype(object).tolist()
