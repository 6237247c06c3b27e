"""The headline and lead of a country's page, written from its figures."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from reports import compare, names, numbers
from reports.compare import Earlier
from reports.country.corridors import CorridorTable
from reports.country.ways import Way, place_of
from reports.findings import AVERAGE, services_in_corridors
from reports.language import N_, Words, _, ngettext
from reports.site import BasisView

CEILING = 5

_ONE = Words({
    "inbound": N_("The only corridor to {country} here, from {other}, costs {cost} on average"),
    "outbound": N_("The only corridor from {country} here, to {other}, costs {cost} on average"),
})  # fmt: skip
_AVERAGE = Words({
    "inbound": N_("Sending USD 200 to {country} costs {cost} on average"),
    "outbound": N_("Sending USD 200 from {country} costs {cost} on average"),
})  # fmt: skip


def headline(code: str, tables: dict[Way, CorridorTable], ways: tuple[Way, ...], view: BasisView) -> str:
    """What a ministry should know first, in one line: of the way that leads the page. It says of how many corridors it
    is, since more may lead there than are held."""
    name, lead = names.country(code), ways[0]
    judged = {way: tables[way].judged for way in ways}
    whole = all(len(judged[way]) == len(tables[way].rows) for way in ways)
    if whole and len(ways) == 2 and not any(tables[way].below(CEILING) for way in ways):
        return _none_below(name, "both", sum(map(len, judged.values())))
    rows, below = judged[lead], tables[lead].below(CEILING)
    if len(rows) == len(tables[lead].rows) == 1:
        return _ONE[lead].format(country=name, other=rows[0].name, cost=rows[0].value)
    if rows and not below:
        return _none_below(name, lead, len(rows))
    if rows and below == len(rows):
        return _all_below(name, lead, below)
    if rows:
        return _some_below(name, lead, below, len(rows))
    value = view.figures.value(AVERAGE, place_of(lead, code))
    if value is not None:
        return _AVERAGE[lead].format(country=name, cost=numbers.percent(value))
    return _("{country}: no cost can be given {when}", country=name, when=numbers.period_words(view.data.period))


def _none_below(country: str, ways: Way | Literal["both"], corridors: int) -> str:
    if ways == "both":
        return ngettext(
            "The one corridor to or from {country} judged here does not cost less than 5% on average",
            "None of the {n} corridors to or from {country} judged here costs less than 5% on average",
            corridors,
            country=country,
        )
    if ways == "inbound":
        return ngettext(
            "The one corridor to {country} judged here does not cost less than 5% on average",
            "None of the {n} corridors to {country} judged here costs less than 5% on average",
            corridors,
            country=country,
        )
    return ngettext(
        "The one corridor from {country} judged here does not cost less than 5% on average",
        "None of the {n} corridors from {country} judged here costs less than 5% on average",
        corridors,
        country=country,
    )


def _all_below(country: str, way: Way, corridors: int) -> str:
    if way == "inbound":
        return ngettext(
            "The one corridor to {country} judged here costs less than 5% on average",
            "All {n} corridors to {country} judged here cost less than 5% on average",
            corridors,
            country=country,
        )
    return ngettext(
        "The one corridor from {country} judged here costs less than 5% on average",
        "All {n} corridors from {country} judged here cost less than 5% on average",
        corridors,
        country=country,
    )


def _some_below(country: str, way: Way, below: int, corridors: int) -> str:
    values = {"country": country, "all": numbers.count(corridors)}
    if way == "inbound":
        return ngettext(
            "{n} of {all} corridors to {country} judged here costs less than 5% on average",
            "{n} of {all} corridors to {country} judged here cost less than 5% on average",
            below,
            **values,
        )
    return ngettext(
        "{n} of {all} corridors from {country} judged here costs less than 5% on average",
        "{n} of {all} corridors from {country} judged here cost less than 5% on average",
        below,
        **values,
    )


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
    """The sentences under the headline: the average and its change, on what it rests, the cheapest and the dearest
    corridor."""
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
    behind = services_in_corridors(view.figures.get(AVERAGE, place))
    rows, sentences = table.judged, [first, _("It rests on {behind}.", behind=behind)]
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
