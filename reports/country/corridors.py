"""The corridors of a country in one way, against the 3 % and 5 % lines: the rows of its main table."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from reports import compare, names, numbers, wording
from reports.charts import bars, line
from reports.compare import Earlier
from reports.country.ways import Way, other_end
from reports.findings import AVERAGE, FEE, MARGIN, SMART
from reports.language import _, ngettext, pgettext
from reports.lookup import Figure, Place
from reports.site import BasisView, Site, corridor_place
from reports.trends import OFFICIAL_DIFFERS

FEW = 3
"""With fewer services than this, a corridor is shown and not judged."""
_SPARK = 60


@dataclass(frozen=True)
class CorridorRow:
    """One corridor. Texts are empty where there is nothing to say; `average` is per cent."""

    key: str
    name: str
    href: str | None
    average: Decimal | None
    value: str
    absent: str
    tag: str
    bar: Markup
    smart: str
    smart_tag: tuple[str, str] | None
    change: str
    spark: Markup
    official: str
    differs: bool
    services: str

    @property
    def judged(self) -> bool:
        """Whether the average rests on enough services to be held against a line."""
        return self.average is not None and not self.tag


@dataclass(frozen=True)
class CorridorTable:
    """The corridors of one way, cheapest first, on one scale; those without a figure last. `official`: the official
    corridor series has a figure of this period for one of them; `official_until`: the newest period it has."""

    rows: tuple[CorridorRow, ...]
    axis: Markup
    change_head: str
    official: bool
    official_until: str

    @property
    def judged(self) -> list[CorridorRow]:
        """Those with an average of enough services, cheapest first."""
        return [row for row in self.rows if row.judged]

    def below(self, line: int) -> int:
        """How many of the judged ones cost less than this on average, strictly."""
        return sum(row.average is not None and row.average < line for row in self.judged)


def corridor_table(site: Site, view: BasisView, way: Way, code: str) -> CorridorTable:
    """The table of one way of a country. Changes count from one period, each corridor compared with itself."""
    figures, since = view.figures, view.changes_from
    earlier = compare.named(view.data, since, view.as_of) if since else None
    keys = view.corridors_of(way, code)
    averages = {key: figures.get(AVERAGE, corridor_place(key)) for key in keys}
    held = [one.value for one in averages.values() if one is not None and one.value is not None]
    fees = [fee for key in keys if (fee := figures.value(FEE, corridor_place(key))) is not None]
    scale = bars.BarScale(held, fees, f"{way}-line")
    official = {key: site.official_corridors.get(key, {}) for key in keys} if view.basis == "survey" else {}
    rows = [_row(site, view, way, key, averages[key], scale, official.get(key, {}), earlier) for key in keys]
    rows.sort(key=lambda row: (row.average is None, row.average or 0, row.key))
    periods = {period for series in official.values() for period in series}
    return CorridorTable(
        rows=tuple(rows),
        axis=scale.axis(),
        change_head=earlier.head if earlier else "",
        official=any(row.official for row in rows),
        official_until=max(periods, key=numbers.period_days, default=""),
    )


def _row(
    site: Site,
    view: BasisView,
    way: Way,
    key: str,
    average: Figure | None,
    scale: bars.BarScale,
    official: dict[str, Decimal],
    earlier: Earlier | None,
) -> CorridorRow:
    figures, place = view.figures, corridor_place(key)
    value = average.value if average else None
    services = average.services if average else 0
    theirs = official.get(view.data.period)
    past = [(one.period, one.value) for one in figures.steady(AVERAGE, place) if one.value is not None]
    runs = line.without_gaps(past[-_SPARK:])
    return CorridorRow(
        key=key,
        name=names.country(other_end(way, key)),
        href=site.corridor_link(view, key),
        average=value,
        value="" if value is None else numbers.percent(value),
        absent="" if value is not None else why_absent(average),
        tag=ngettext("{n} service", "{n} services", services) if value is not None and services < FEW else "",
        bar=scale.bar(figures.value(FEE, place), figures.value(MARGIN, place), value),
        smart=_percent(figures.value(SMART, place)),
        smart_tag=smart_tag(figures.get(SMART, place)),
        change=_change(view, place, average, earlier),
        spark=bars.spark([[number for _, number in run] for run in runs] if value is not None else []),
        official="" if theirs is None else numbers.number(theirs),
        differs=theirs is not None and value is not None and abs(theirs - value) >= OFFICIAL_DIFFERS,
        services=numbers.count(services),
    )


def _percent(value: Decimal | None) -> str:
    return "" if value is None else numbers.percent(value)


def _change(view: BasisView, place: Place, now: Figure | None, earlier: Earlier | None) -> str:
    """Points since the earlier period; empty where the two may not be compared."""
    if now is None or now.value is None or earlier is None:
        return ""
    before = view.figures.at(AVERAGE, earlier.period, place)
    if before is None or before.value is None or not view.figures.comparable(before, now, place):
        return ""
    return numbers.change(now.value - before.value)


def smart_tag(smart: Figure | None) -> tuple[str, str] | None:
    """The verdict of the 5 % ceiling on the three cheapest services: kind and words of a tag."""
    if smart is None or smart.value is None:
        return None
    if smart.thin:
        return "none", pgettext("corridor", "not judged")
    return ("none", _("within 5%")) if smart.value <= 5 else ("warn", _("above 5%"))


def why_absent(figure: Figure | None) -> str:
    """Why there is no average, in a sentence."""
    flags = figure.flags if figure else ()
    found = next((wording.ABSENT[flag] for flag in flags if flag in wording.ABSENT), "")
    return found or _("No service with a disclosed rate is in force.")
