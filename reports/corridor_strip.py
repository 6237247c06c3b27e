"""The strip of a corridor's services with its title and the middle half, from the figures and the listed services."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from reports import corridor_words, numbers
from reports.charts import strip
from reports.language import _
from reports.lookup import Figures, Offer, Place


@dataclass(frozen=True)
class Spread:
    """The strip for a page. `middle` says where the middle half lies, empty where no quartiles are given."""

    title: str
    svg: Markup
    middle: str


def spread(figures: Figures, place: Place, counted: list[Offer], private: int) -> Spread | None:
    """None where no service counts."""
    if not counted:
        return None
    title, alternative = corridor_words.strip_title(counted, private)
    marks = [
        strip.Mark(offer.name, offer.type, offer.total_pct, 1 <= offer.smart_rank <= 3)
        for offer in counted
        if offer.total_pct is not None
    ]
    middle, words = _middle(figures, place), ""
    if middle is not None:
        words = _(
            "the middle half: {low} to {high}; median {median}",
            low=numbers.percent(middle.low),
            high=numbers.percent(middle.high),
            median=numbers.percent(middle.median),
        )
    return Spread(title, strip.draw(marks, ident="strip", title=alternative, middle=middle, kept="m-"), words)


def _middle(figures: Figures, place: Place) -> strip.Middle | None:
    """Quartiles and median as published, of four services at least: of fewer they say nothing."""
    median = figures.get("median_total_cost", place)
    low, high = (figures.value(code, place) for code in ("p25_total_cost", "p75_total_cost"))
    if median is None or median.value is None or low is None or high is None or median.services < 4:
        return None
    return strip.Middle(low, median.value, high)
