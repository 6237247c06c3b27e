"""The tables that only an edition holds, described as those of every export (`reports.exports.columns`)."""

from __future__ import annotations

from remitwatch.figures import SCOPES
from remitwatch.indicators import BREAKDOWNS, CODES
from remitwatch.quotes import Basis
from reports.exports.columns import PERCENT, POINTS, Column, Kind, Table

_BASES = tuple(basis.value for basis in Basis)


def _text(name: str, meaning: str, codes: tuple[str, ...] = (), *, required: bool = False) -> Column:
    return Column(name, Kind.TEXT, meaning, codes=codes, required=required)


_BREAKDOWN = _text("breakdown", "The column that the services were grouped by; empty for all services.", BREAKDOWNS)
_GROUP = _text("group", "The group of that breakdown.")
_AMOUNT = Column("amount", Kind.INTEGER, "The amount sent, in US dollars: 200 or 500.", "US dollars", required=True)
_PERIOD = _text("period", "The figure's period: `2025-Q3`, `2025-09-14` or `2025`.", required=True)

CORRECTIONS = Table(
    "corrections",
    "Corrections",
    "Every figure of the edition before that is not the same any more, and why.",
    (
        _text("what", "What became of it.", ("changed", "withdrawn", "added"), required=True),
        _text("edition_before", "The edition that it is compared with.", required=True),
        _text("basis", "How the prices were asked.", _BASES, required=True),
        _text("indicator", "The statistic's code.", CODES, required=True),
        _text("scope", "What the figure is about.", SCOPES, required=True),
        _text("subject", "`world`, a region, a country or a corridor.", required=True),
        _BREAKDOWN,
        _GROUP,
        _PERIOD,
        _AMOUNT,
        Column("old_value", Kind.DECIMAL, "The figure in the edition before; empty where it had none.", "per cent"),
        Column("new_value", Kind.DECIMAL, "The figure now; empty where there is none.", "per cent"),
        Column("difference", Kind.DECIMAL, "New less old.", POINTS),
        Column("provisional", Kind.BOOLEAN, "Whether its period was not over in the edition before.", required=True),
        Column("reasons", Kind.LIST, "What happened to the data that it rests on; empty where nothing is recorded."),
        _text("data", "`real`, or in words that the row is sandbox data.", required=True),
    ),
    (),
)

COUNTRY = Table(
    "country",
    "SDG 10.c.1 of a country",
    "A row a year and figure: what was sent to the country and from it on average, and of every corridor the average "
    "and the three cheapest services. A year's figure is that of its third quarter.",
    (
        _text("country", "The country, ISO 3166-1 alpha-3.", required=True),
        _text("basis", "How the prices were asked. Bases are never pooled.", _BASES, required=True),
        Column("year", Kind.INTEGER, "The year that the figure stands for.", required=True),
        _text("period", "The quarter that it was measured in.", required=True),
        _text("sdg_indicator", "The SDG indicator.", ("10.c.1",), required=True),
        _text(
            "sdg_series",
            "The series' code in the SDG database.",
            ("SI_RMT_COST", "SI_RMT_COST_SND", "SI_RMT_COST_BC", "SI_RMT_COST_SC"),
            required=True,
        ),
        _text("indicator", "The statistic's code.", CODES, required=True),
        _text("direction", "To the country or from it.", ("inbound", "outbound"), required=True),
        _text("sender", "Sending country, ISO 3166-1 alpha-3; empty for all."),
        _text("receiver", "Receiving country, ISO 3166-1 alpha-3; empty for all."),
        _AMOUNT,
        _text("unit", "The unit of `value`.", ("percent",), required=True),
        Column("value", Kind.DECIMAL, "The figure; empty where there is none.", PERCENT),
        Column("services", Kind.INTEGER, "Services behind the figure.", "services", required=True),
        Column("providers", Kind.INTEGER, "Providers behind the figure.", "providers", required=True),
        Column("corridors", Kind.INTEGER, "Corridors behind the figure.", "corridors", required=True),
        Column("flags", Kind.LIST, "What is special or missing."),
        Column("source", Kind.LIST, "The sources of the prices."),
        _text("method", "The method's version, with the options that were used.", required=True),
        _text("edition", "The edition that published it.", required=True),
        _text("id", "The figure's id, for `remitwatch trace`.", required=True),
        _text("data", "`real` or `sandbox`.", ("real", "sandbox"), required=True),
    ),
    ("id",),
)

FIGURES = Table(
    "figures",
    "Figures of the edition",
    "Every figure that the edition published, of its period and of earlier ones: later editions are compared with it.",
    (
        _text("basis", "How the prices were asked.", _BASES, required=True),
        _text("indicator", "The statistic's code.", CODES, required=True),
        _text("scope", "What the figure is about.", SCOPES, required=True),
        _text("sender", "Sending country, ISO 3166-1 alpha-3."),
        _text("receiver", "Receiving country, ISO 3166-1 alpha-3."),
        _text("region", "Receiving region, where the scope is `region`."),
        _BREAKDOWN,
        _GROUP,
        _PERIOD,
        _AMOUNT,
        Column("value", Kind.DECIMAL, "The figure, every decimal; empty where it had none.", "per cent"),
    ),
    (),
)

_NOT_BROKEN_DOWN = "A dimension of the dataflow that these series are not broken down by: always `_T`."
_NOT_USED = "An attribute of the dataflow that is not used: always empty."

SDG = Table(
    "sdg-10c1",
    "SDG indicator 10.c.1",
    "SDMX-CSV 1.0: the columns and codes of the SDG dataflow. A year's value is that of its third quarter.",
    (
        _text("DATAFLOW", "The dataflow and its version.", required=True),
        _text("FREQ", "The frequency: A, annual.", ("A",), required=True),
        _text("REPORTING_TYPE", "N national, G global.", ("N", "G"), required=True),
        _text(
            "SERIES",
            "Average cost by receiver (SI_RMT_COST), sender (_SND), corridor (_BC); SmaRT of a corridor (_SC).",
            ("SI_RMT_COST", "SI_RMT_COST_SND", "SI_RMT_COST_BC", "SI_RMT_COST_SC"),
            required=True,
        ),
        _text("REF_AREA", "The country's M49 number; of a corridor the sender's.", required=True),
        *(
            _text(name, _NOT_BROKEN_DOWN, ("_T",), required=True)
            for name in (
                "SEX", "AGE", "URBANISATION", "INCOME_WEALTH_QUANTILE", "EDUCATION_LEV", "OCCUPATION",
            )
        ),
        _text("CUST_BREAKDOWN", "Of a corridor `C` and the receiver's M49 number, else `_T`.", required=True),
        *(
            _text(name, _NOT_BROKEN_DOWN, ("_T",), required=True)
            for name in ("COMPOSITE_BREAKDOWN", "DISABILITY_STATUS", "ACTIVITY", "PRODUCT")
        ),
        Column("TIME_PERIOD", Kind.INTEGER, "The year.", required=True),
        Column("OBS_VALUE", Kind.DECIMAL, "The figure, four decimals.", PERCENT, required=True),
        _text("OBS_STATUS", "A normal, P provisional, U of low reliability.", ("A", "P", "U"), required=True),
        Column("UNIT_MULT", Kind.INTEGER, "The power of ten that the value is multiplied by: 0.", required=True),
        _text("UNIT_MEASURE", "PT, per cent.", ("PT",), required=True),
        _text("BASE_PER", _NOT_USED),
        _text("NATURE", "C country data, G global monitoring data.", ("C", "G"), required=True),
        _text("TIME_DETAIL", "The quarter that the value was measured in.", required=True),
        _text("COMMENT_OBS", "What stands behind the value, with the id for `remitwatch trace`."),
        _text("TIME_COVERAGE", _NOT_USED),
        _text("UPPER_BOUND", _NOT_USED),
        _text("LOWER_BOUND", _NOT_USED),
        _text("SOURCE_DETAIL", "Whom the prices are owed to."),
        _text("COMMENT_TS", "How the series is measured."),
        _text("GEO_INFO_URL", _NOT_USED),
        _text("GEO_INFO_TYPE", _NOT_USED),
        _text("CUST_BREAKDOWN_LB", "The receiver of a corridor in words."),
        _text("DATA_LAST_UPDATE", "When the value was computed: ISO 8601, UTC.", required=True),
    ),
    ("SERIES", "REF_AREA", "CUST_BREAKDOWN", "TIME_PERIOD"),
)  # fmt: skip
