"""The headline and lead of a country's page, written from its figures."""

from __future__ import annotations

from decimal import Decimal

from reports import compare, names, numbers
from reports.compare import Earlier
from reports.country.corridors import CorridorTable
from reports.country.ways import Way, place_of
from reports.findings import AVERAGE
from reports.language import N_, Words, _, ngettext
from reports.site import BasisView

CEILING = 5

_NONE_BELOW = Words({
    "inbound": N_("No corridor to {country} costs less than 5% on average"),
    "outbound": N_("No corridor from {country} costs less than 5% on average"),
})  # fmt: skip
_ALL_BELOW = Words({
    "inbound": N_("Every corridor to {country} costs less than 5% on average"),
    "outbound": N_("Every corridor from {country} costs less than 5% on average"),
})  # fmt: skip
_NONE_JUDGED = Words({
    "inbound": N_("No corridor to {country} that can be judged costs less than 5% on average"),
    "outbound": N_("No corridor from {country} that can be judged costs less than 5% on average"),
})  # fmt: skip
_ALL_JUDGED = Words({
    "inbound": N_("Every corridor to {country} that can be judged costs less than 5% on average"),
    "outbound": N_("Every corridor from {country} that can be judged costs less than 5% on average"),
})  # fmt: skip
_ONE = Words({
    "inbound": N_("The only corridor to {country} here, from {other}, costs {cost} on average"),
    "outbound": N_("The only corridor from {country} here, to {other}, costs {cost} on average"),
})  # fmt: skip
_AVERAGE = Words({
    "inbound": N_("Sending USD 200 to {country} costs {cost} on average"),
    "outbound": N_("Sending USD 200 from {country} costs {cost} on average"),
})  # fmt: skip


def headline(code: str, tables: dict[Way, CorridorTable], ways: tuple[Way, ...], view: BasisView) -> str:
    """What a ministry should know first, in one line: of the way that leads the page."""
    name, lead = names.country(code), ways[0]
    judged = {way: tables[way].judged for way in ways}
    whole = all(len(judged[way]) == len(tables[way].rows) for way in ways)
    if whole and len(ways) == 2 and not any(tables[way].below(CEILING) for way in ways):
        return _("No corridor to or from {country} costs less than 5% on average", country=name)
    rows, below = judged[lead], tables[lead].below(CEILING)
    every = len(rows) == len(tables[lead].rows)
    if len(rows) == 1 and every:
        return _ONE[lead].format(country=name, other=rows[0].name, cost=rows[0].value)
    if rows and not below:
        return (_NONE_BELOW if every else _NONE_JUDGED)[lead].format(country=name)
    if rows and below == len(rows):
        return (_ALL_BELOW if every else _ALL_JUDGED)[lead].format(country=name)
    if rows:
        values = {"country": name, "all": numbers.count(len(rows))}
        if lead == "inbound":
            return ngettext(
                "{n} of {all} corridors to {country} costs less than 5% on average",
                "{n} of {all} corridors to {country} cost less than 5% on average",
                below,
                **values,
            )
        return ngettext(
            "{n} of {all} corridors from {country} costs less than 5% on average",
            "{n} of {all} corridors from {country} cost less than 5% on average",
            below,
            **values,
        )
    value = view.figures.value(AVERAGE, place_of(lead, code))
    if value is not None:
        return _AVERAGE[lead].format(country=name, cost=numbers.percent(value))
    return _("{country}: no cost can be given {when}", country=name, when=numbers.period_words(view.data.period))


_LEADS = {
    "inbound": Words({
        "down": N_("Sending USD 200 to {country} costs {cost} on average, down from {before} {when}."),
        "up": N_("Sending USD 200 to {country} costs {cost} on average, up from {before} {when}."),
        "same": N_("Sending USD 200 to {country} costs {cost} on average, as {when}."),
        "hardly": N_("Sending USD 200 to {country} costs {cost} on average, hardly changed from {before} {when}."),
        "now": N_("Sending USD 200 to {country} costs {cost} on average."),
        "none": N_("What it costs to send money to {country} cannot be given."),
    }),
    "outbound": Words({
        "down": N_("Sending USD 200 from {country} costs {cost} on average, down from {before} {when}."),
        "up": N_("Sending USD 200 from {country} costs {cost} on average, up from {before} {when}."),
        "same": N_("Sending USD 200 from {country} costs {cost} on average, as {when}."),
        "hardly": N_("Sending USD 200 from {country} costs {cost} on average, hardly changed from {before} {when}."),
        "now": N_("Sending USD 200 from {country} costs {cost} on average."),
        "none": N_("What it costs to send money from {country} cannot be given."),
    }),
}  # fmt: skip
_ENDS = Words({
    "inbound": N_("It is cheapest from {cheap}, at {low}, and dearest from {dear}, at {high}."),
    "outbound": N_("It is cheapest to {cheap}, at {low}, and dearest to {dear}, at {high}."),
})  # fmt: skip


def lead(code: str, way: Way, table: CorridorTable, view: BasisView, earlier: Earlier | None) -> str:
    """The sentences under the headline: the average and its change, the cheapest and the dearest corridor."""
    name, place = names.country(code), place_of(way, code)
    value = view.figures.value(AVERAGE, place)
    if value is None:
        return _LEADS[way]["none"].format(country=name)
    before = view.figures.at(AVERAGE, earlier.period, place) if earlier else None
    then: Decimal | None = before.value if before else None
    how = "now" if then is None else compare.direction(value, then)
    first = _LEADS[way][how].format(
        country=name,
        cost=numbers.percent(value),
        before=numbers.percent(then),
        when=earlier.words if earlier else "",
    )
    rows, sentences = table.judged, [first]
    if len(rows) > 1:
        low, high = rows[0], rows[-1]
        sentences.append(_ENDS[way].format(cheap=low.name, low=low.value, dear=high.name, high=high.value))
    if thin := len(table.rows) - len(rows):
        sentences.append(
            ngettext(
                "{n} corridor has fewer than three services or no figure: it is not judged.",
                "{n} corridors have fewer than three services or no figure: they are not judged.",
                thin,
            )
        )
    return " ".join(sentences)
