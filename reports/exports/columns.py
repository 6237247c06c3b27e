"""What the tables of an export hold: every column with its type, unit, codes and meaning, and the keys of each table.

The csv files, their description, the Data Package and the CSVW metadata are all written from this.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from remitwatch.figures import SCOPES
from remitwatch.indicators import BREAKDOWNS, CODES
from remitwatch.quotes import Basis
from remitwatch.services import AccessPoint, PaymentInstrument, PickupMethod, ProviderType, Speed


class Kind(StrEnum):
    """The type of a column's cells. A `list` holds codes joined by `+`; times are UTC; an empty cell is no value."""

    TEXT = "text"
    LIST = "list"
    DECIMAL = "decimal"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time"


@dataclass(frozen=True)
class Column:
    """One column. `codes`: the words that stand in it, where they are a closed list. `required`: never empty."""

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    codes: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True)
class ForeignKey:
    """Columns that name a row of another table."""

    columns: tuple[str, ...]
    table: str
    target: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """One table. No two rows have the same cells in the columns of `key`."""

    name: str
    title: str
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...] = ()

    @property
    def head(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)


PERCENT = "per cent of the amount sent"
POINTS = "percentage points"

_DATA = Column("data", Kind.TEXT, "`real`, or in words that the row is sandbox data.", required=True)


def _text(name: str, meaning: str, *, codes: tuple[str, ...] = (), required: bool = False) -> Column:
    return Column(name, Kind.TEXT, meaning, codes=codes, required=required)


def _list(name: str, meaning: str, codes: tuple[str, ...] = ()) -> Column:
    return Column(name, Kind.LIST, meaning, codes=codes)


def _decimal(name: str, meaning: str, unit: str = PERCENT) -> Column:
    return Column(name, Kind.DECIMAL, meaning, unit)


def _integer(name: str, meaning: str, unit: str = "", *, required: bool = False) -> Column:
    return Column(name, Kind.INTEGER, meaning, unit, required=required)


_BASIS = _text(
    "basis",
    "How the prices were asked: survey, standard (stated by the provider), estimate (a third party's), promotional. "
    "Bases are never pooled.",
    codes=tuple(basis.value for basis in Basis),
    required=True,
)
_PERIOD = _text("period", "`2025-Q3`, `2025-09`, `2025-W38`, `2025-09-14` or `2025`.", required=True)
_SENDER = _text("sender", "Sending country, ISO 3166-1 alpha-3.")
_RECEIVER = _text("receiver", "Receiving country, ISO 3166-1 alpha-3.")
_CORRIDOR = _text("corridor", "Sending and receiving country: `GBR-IND`.", required=True)
_FIGURES = (
    _text("indicator", "The statistic's code.", codes=CODES, required=True),
    _text("scope", "What the figure is about.", codes=SCOPES, required=True),
    _SENDER,
    _RECEIVER,
    _text("region", "Receiving region, where the scope is `region`."),
    _text("breakdown", "The column that the services were grouped by; empty for all services.", codes=BREAKDOWNS),
    _text("group", "The group of that breakdown."),
    _PERIOD,
    _integer("amount", "The amount sent, in US dollars: 200 or 500.", "US dollars", required=True),
    _BASIS,
    _text("unit", "The unit of `value`.", required=True),
    Column("value", Kind.DECIMAL, "The figure. Empty where there is none; `flags` says why.", "see column unit"),
    _integer("services", "Services behind the figure.", "services"),
    _integer("providers", "Providers behind the figure.", "providers"),
    _integer("corridors", "Corridors behind the figure.", "corridors"),
    _list("flags", "What is special or missing."),
    _text("method", "The method's version, with the options that were used.", required=True),
    Column("as_of", Kind.TIME, "What was known at this time (UTC).", required=True),
    _text("id", "The figure's id, for `remitwatch trace`.", required=True),
    _DATA,
)
_SERVICES = (
    _BASIS,
    _PERIOD,
    _CORRIDOR,
    _integer("tier", "The amount asked for, in US dollars: 200 or 500.", "US dollars", required=True),
    _text("quote_id", "The number of the service's newest quote, for `remitwatch trace`.", required=True),
    _text("survey_row", "The row's own number in the survey."),
    _text("source", "Who published the price.", required=True),
    _text("provider", "The provider's key.", required=True),
    _text("provider_name", "The provider's name as published; spreadsheets read it as text.", required=True),
    _list("provider_type", "What kind of firm the provider is.", tuple(ProviderType)),
    _list("payment_instrument", "How the sender pays in.", tuple(PaymentInstrument)),
    _list("access_point", "Where the sender orders the transfer.", tuple(AccessPoint)),
    _text("pickup_method", "How the receiver gets the money.", codes=tuple(PickupMethod)),
    _text("speed", "How soon the receiver can have the money.", codes=tuple(Speed)),
    Column("day", Kind.DATE, "The day of the newest quote."),
    _text("send_currency", "ISO 4217.", required=True),
    _decimal("send_amount", "The amount sent.", "send currency"),
    _decimal("fee_pct", "The fee."),
    _decimal("fx_margin_pct", "The margin of the applied exchange rate; empty where the rate is not disclosed."),
    _decimal("total_cost_pct", "Fee and margin; empty where the rate is not disclosed. Can be below zero."),
    _decimal("fee", "The fee as published.", "send currency"),
    _decimal("rate", "The exchange rate applied.", "receive currency per unit of the send currency"),
    _text("receive_currency", "ISO 4217.", required=True),
    _decimal("receive_amount", "What is paid out.", "receive currency"),
    _decimal("reference_rate", "The mid-market rate.", "receive currency per unit of the send currency"),
    _text("reference_source", "Where the mid-market rate is from."),
    Column("reference_date", Kind.DATE, "The day of the mid-market rate."),
    _integer("smart_rank", "1 to 3: the place among the corridor's three cheapest qualifying services; 0: none."),
    _list("flags", "What is special about the price (stale: too old for the figures; quarantined: in none)."),
    _text("snapshot", "The archived answer that the quote was read from."),
    _DATA,
)
_TO_SOURCES = ForeignKey(("source",), "sources", ("key",))
_TO_CORRIDORS = ForeignKey(("basis", "period", "corridor"), "corridors", ("basis", "period", "corridor"))

TABLES: tuple[Table, ...] = (
    Table(
        "indicators",
        "Indicators",
        "Every figure of the period: the world, countries, regions and corridors, whole and by group.",
        _FIGURES,
        ("id",),
    ),
    Table(
        "history",
        "Indicators of earlier periods",
        "The figures of the world, of regions and of corridors in earlier periods.",
        _FIGURES,
        ("id",),
    ),
    Table(
        "corridors",
        "Corridors",
        "One row a corridor: its average, fee, margin and SmaRT (the mean of its three cheapest qualifying services).",
        (
            _BASIS,
            _PERIOD,
            _CORRIDOR,
            Column("sender", Kind.TEXT, _SENDER.meaning, required=True),
            Column("receiver", Kind.TEXT, _RECEIVER.meaning, required=True),
            _decimal("average_total_cost", "Mean total cost of the corridor's services, USD 200."),
            _decimal("average_fee", "Mean fee, USD 200."),
            _decimal("average_fx_margin", "Mean exchange-rate margin, USD 200."),
            _decimal("average_total_cost_500", "Mean total cost, USD 500."),
            _decimal("smart", "Mean of the three cheapest qualifying services, USD 200."),
            _list("smart_flags", "What is special about that mean (fewer_than_three: not assessed)."),
            _integer("services", "Services behind the average.", "services", required=True),
            _integer("providers", "Providers behind the average.", "providers", required=True),
            _DATA,
        ),
        ("basis", "period", "corridor"),
    ),
    Table(
        "movers",
        "Corridors that moved",
        "Corridors whose average changed against an earlier period, with at least three services both times.",
        (
            _BASIS,
            _CORRIDOR,
            _text("from_period", "The earlier period.", required=True),
            _text("to_period", "The later period.", required=True),
            _decimal("from_average", "Mean total cost then, USD 200."),
            _decimal("to_average", "Mean total cost now, USD 200."),
            _decimal("change", "Now less then.", POINTS),
            _decimal("change_of_fee", "The part of the fee in it.", POINTS),
            _decimal("change_of_margin", "The part of the exchange-rate margin in it.", POINTS),
            _decimal("entry", "The part of services that came.", POINTS),
            _decimal("exit", "The part of services that left.", POINTS),
            _decimal("mix", "The part of another make-up by type of provider.", POINTS),
            _integer("services_before", "Services behind the earlier average.", "services"),
            _integer("services_now", "Services behind the later average.", "services"),
            _integer("continuing", "Services quoted both times.", "services"),
            _integer("entered", "Services quoted the later time only.", "services"),
            _integer("left", "Services quoted the earlier time only.", "services"),
            _text(
                "reason",
                "The part that is half of all movement at least; several where none is; nothing_in_common where no "
                "service was quoted both times, so that parts cannot be told.",
                codes=("fee", "margin", "entry", "exit", "mix", "several", "nothing_in_common"),
                required=True,
            ),
            _text("flags", "Why parts are not told."),
            _DATA,
        ),
        ("basis", "corridor", "from_period", "to_period"),
        (ForeignKey(("basis", "to_period", "corridor"), "corridors", ("basis", "period", "corridor")),),
    ),
    Table(
        "services",
        "Services behind the figures",
        "One row a service and amount that may be listed. Prices handed in privately are left out; of sources whose "
        "terms allow it only, percentages without amounts and rates, with two decimals.",
        _SERVICES,
        ("basis", "period", "quote_id"),
        (_TO_SOURCES, _TO_CORRIDORS),
    ),
    Table(
        "promotions",
        "Promotions",
        "Prices for some customers or a limited time, shown beside the standard prices; in no average.",
        _SERVICES,
        ("basis", "period", "quote_id"),
        (_TO_SOURCES,),
    ),
    Table(
        "official_series",
        "Official series",
        "Corridor averages as the World Bank's DataBank publishes them, where they were imported.",
        (
            Column("sender", Kind.TEXT, _SENDER.meaning, required=True),
            Column("receiver", Kind.TEXT, _RECEIVER.meaning, required=True),
            _PERIOD,
            _decimal("value", "The published average."),
            _text("series", "The series' code.", required=True),
            _DATA,
        ),
        ("sender", "receiver", "period", "series"),
    ),
    Table(
        "targets",
        "Targets",
        "How the figures stand against the official targets and the operator's own national ones.",
        (
            _text("code", "The target's code.", required=True),
            _text("owner", "Whose target it is."),
            _text("name", "The target in words."),
            _BASIS,
            _text("scope", "What it is about.", codes=SCOPES, required=True),
            _text("indicator", "The statistic's code.", required=True),
            _text("operator", "lt below, le at most, ge at least.", codes=("lt", "le", "ge")),
            _decimal("target", "The value to be reached.", "per cent"),
            _integer("deadline", "The year by the end of which it is to be reached.", "year"),
            _decimal("value", "The newest figure.", "per cent"),
            _text("status", "met, on_track, improving, stagnant, deteriorating or not_assessable."),
            _decimal("required_pace", "The change needed from the start of the window.", POINTS + " a year"),
            _decimal("actual_pace", "The change measured over the window.", POINTS + " a year"),
            _integer("projected_year", "The year in which the measured pace would reach it.", "year"),
            _text("window", "The first and the last period that the pace was measured over."),
            _text("why", "Why the status is not assessable."),
            Column("national", Kind.BOOLEAN, "Whether it is the operator's own."),
            _text("subject", "`world`, a country or a corridor.", required=True),
            _DATA,
        ),
        ("code", "basis", "scope", "subject", "indicator"),
    ),
    Table(
        "sources",
        "Sources",
        "Every source behind the figures, with its terms and how fresh it is.",
        (
            _text("key", "The source's key.", required=True),
            _text("name", "Its name.", required=True),
            _text("kind", "What it publishes."),
            _text("attribution", "How it is to be named."),
            _text("licence", "On which terms it may be used."),
            _text("terms_url", "Where its terms are."),
            _text(
                "redistribution",
                "full: its rows may be shown; derived: cost percentages only; none: shown nowhere.",
                codes=("full", "derived", "none"),
                required=True,
            ),
            Column("verified", Kind.BOOLEAN, "Whether the operator has compared its live answers with the site."),
            Column("last_ok", Kind.DATE, "The day of its last accepted run."),
            _integer("age_days", "Days since then.", "days"),
            _text("state", "ok, stale, held, failing or never."),
            _text("note", "Why it is not ok."),
            _DATA,
        ),
        ("key",),
    ),
    Table(
        "runs",
        "Runs",
        "The runs that the listed services were read in.",
        (
            Column("id", Kind.INTEGER, "The run's number.", required=True),
            _text("source", "The source that was read.", required=True),
            Column("logical_date", Kind.DATE, "The day that it speaks for."),
            _text("status", "ok, partial, empty, held, failed or missed."),
            _text("reason", "Why."),
            _integer("quotes", "Quotes that were read.", "quotes"),
            _integer("refused", "Records that were refused.", "records"),
            _text("digest", "A hash of what was read."),
            _text("file_name", "The file, where one was imported."),
            _text("file_sha256", "That file's SHA-256."),
            _DATA,
        ),
        ("id",),
        (_TO_SOURCES,),
    ),
)
"""Every table, in the order in which they are listed."""

COLUMNS = Table(
    "columns",
    "Columns",
    "What every column of every table means.",
    (
        _text("table", "The table's name.", required=True),
        _text("column", "The column's name.", required=True),
        _text("type", "What its cells are.", codes=tuple(Kind), required=True),
        _text("unit", "The unit of its numbers."),
        Column("required", Kind.BOOLEAN, "Whether it is never empty.", required=True),
        _list("codes", "The words that stand in it, where they are a closed list."),
        _text("meaning", "What it says.", required=True),
    ),
    ("table", "column"),
)
"""The table that lists the columns of all others."""
