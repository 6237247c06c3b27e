"""The pen: escaped SVG elements, scales and ticks, and the colours that hold where the style sheet does not reach."""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup, escape

from reports import numbers
from reports.language import spoken

FONT = "Noto Sans, Segoe UI, Arial, Noto Sans Arabic, sans-serif"
INK, INK2, INK3 = "#16202a", "#45525e", "#5a6671"
RULE, TICK, PAPER = "#d8d3c8", "#7f858b", "#ffffff"
FEE, MARGIN, OTHERS = "#28579a", "#cb7413", "#56626c"
T3, T5 = "#0b7350", "#b01745"
TINT, HATCH = "#f1eee7", "#b9b4a8"

RIGHT_TO_LEFT, FIRST_STRONG, END = "\u2067", "\u2068", "\u2069"
"""Marks that isolate a run of text from the direction of what stands around it."""

LINE_STYLES = {
    "grid": f'stroke="{RULE}"',
    "axis": f'stroke="{INK2}"',
    "tickm": f'stroke="{TICK}"',
    "l3": f'stroke="{T3}" stroke-width="2" fill="none"',
    "l5": f'stroke="{T5}" stroke-width="2" stroke-dasharray="5 3" fill="none"',
    "ln": f'fill="none" stroke="{INK}" stroke-width="2.5"',
    "ln2": f'fill="none" stroke="{TICK}" stroke-width="1.5"',
    "lns": f'fill="none" stroke="{INK2}" stroke-width="2" stroke-dasharray="2 3"',
    "need": f'fill="none" stroke="{T3}" stroke-width="2.5" stroke-dasharray="1 5" stroke-linecap="round"',
    "pace": f'fill="none" stroke="{INK2}" stroke-width="1.5" stroke-dasharray="6 4"',
    "lead-l": f'fill="none" stroke="{INK3}"',
}
MARKS = {
    "bank": '<rect class="bank" fill="#6b4c9a" x="1.5" y="1.5" width="11" height="11"/>',
    "money_transfer_operator": '<circle class="mto" fill="#15736d" cx="7" cy="7" r="6"/>',
    "mobile_operator": '<path class="mobile" fill="#b83a0b" d="M7 .8L13.6 12.8H.4z"/>',
    "post_office": '<path class="post" fill="#886708" d="M7 0l7 7-7 7-7-7z"/>',
    "non_bank_fi": '<path class="nbfi" fill="#56626c" d="M5 .5h4V5h4.5v4H9v4.5H5V9H.5V5H5z"/>',
    "credit_union": '<path class="cu" fill="#a83082" d="M3.5 1h7L14 7l-3.5 6h-7L0 7z"/>',
    "joint": (
        '<path class="joint" fill="#16202a" d="M7 .3l2 4.4 4.8.5-3.6 3.2 1 4.8L7 10.8l-4.2 2.4 1-4.8L.2 5.2 5 4.7z"/>'
    ),
    "unknown": f'<circle class="pto" fill="{PAPER}" stroke="{INK}" stroke-width="2" cx="7" cy="7" r="5"/>',
}


def drawn(markup: str) -> Markup:
    """A finished drawing, marked as safe for the templates: text of others has gone through `escape` before."""
    return Markup(markup)  # noqa: S704 - the one place where a drawing becomes markup


def num(value: float) -> str:
    """A coordinate with at most one decimal."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


def path(kind: str, d: str) -> str:
    """A line of a named kind."""
    return f'<path class="{kind}" {LINE_STYLES[kind]} d="{d}"/>'


def text(x: float, y: float, content: str, *, kind: str = "", anchor: str = "start", halo: bool = False) -> str:
    """A piece of text. `kind`: `hd` strong, `sm` small, `x3` and `x5` in the colour of the target lines."""
    classes, plain = [], []
    if kind in ("hd", "x3", "x5"):
        classes.append(kind)
        colour = {"hd": INK, "x3": T3, "x5": T5}[kind]
        plain.append(f'font-weight="bold" fill="{colour}"')
    else:
        plain.append(f'fill="{INK2}"')
    if kind == "sm":
        classes.append("sm")
        plain.append('font-size="12.5"')
    if anchor != "start":
        classes.append({"end": "end", "middle": "mid"}[anchor])
        plain.append(f'text-anchor="{anchor}"')
    if halo:
        classes.append("halo")
    name = f' class="{" ".join(classes)}"' if classes else ""
    return f'<text{name} {" ".join(plain)} x="{num(x)}" y="{num(y)}">{escape(_run(content))}</text>'


def mirrored() -> bool:
    """Whether costs run from right to left: in languages that are read so. Time runs from left to right in all."""
    return spoken().direction == "rtl"


def isolated(name: str) -> str:
    """A name that may be written from right to left, kept from turning around the words beside it."""
    return name if name.isascii() or not _leftward(name) else f"{FIRST_STRONG}{name}{END}"


def _run(content: str) -> str:
    """Words of a language read from right to left as one run: a drawing runs from left to right."""
    return f"{RIGHT_TO_LEFT}{content}{END}" if mirrored() and _leftward(content) else content


def _leftward(content: str) -> bool:
    return any(unicodedata.bidirectional(char) in ("R", "AL") for char in content)


def paper(x: float, y: float, width: float, height: float) -> str:
    """A ground for words, so that no line runs through them."""
    return (
        f'<rect class="ground" fill="{PAPER}" x="{num(x)}" y="{num(y)}" width="{num(width)}" height="{num(height)}"/>'
    )


def dot(x: float, y: float, radius: float = 4, *, hollow: bool = False) -> str:
    """A solid or hollow round point."""
    if hollow:
        return (
            f'<circle class="pto" fill="{PAPER}" stroke="{INK}" stroke-width="2" cx="{num(x)}" cy="{num(y)}" '
            f'r="{num(radius)}"/>'
        )
    return f'<circle class="pt" fill="{INK}" cx="{num(x)}" cy="{num(y)}" r="{num(radius)}"/>'


def mark(kind: str, x: float, y: float, size: float = 14, kept: str = "") -> str:
    """The mark of a provider type, centred on x, y. `kept`: the page holds every mark under an id that begins so
    (`m-bank`), and this one refers to it."""
    scale = size / 14
    turn = f"translate({num(x - size / 2)},{num(y - size / 2)})" + (f" scale({scale:.2f})" if scale != 1 else "")
    if kept:
        return f'<use href="#{kept}{kind}" transform="{turn}"/>'
    return f'<g transform="{turn}">{MARKS.get(kind, MARKS["unknown"])}</g>'


def hatch(ident: str) -> str:
    """The pattern of spans without figures; `ident` must be unique in the page."""
    return (
        f'<defs><pattern id="{ident}" width="6" height="6" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><rect class="hatchbg" fill="{TINT}" width="6" height="6"/>'
        f'<path class="hatchl" stroke="{HATCH}" d="M0 0V6"/></pattern></defs>'
    )


def chart(body: Sequence[str], *, ident: str, title: str, width: float, height: float, kind: str = "") -> Markup:
    """The frame of a chart with its text alternative. `kind`: `wide-only`, `narrow` or empty."""
    name = f"chart {kind}".strip()
    return drawn(
        f'<svg class="{name}" font-family="{FONT}" font-size="13" direction="ltr" '
        f'viewBox="0 0 {num(width)} {num(height)}" role="img" aria-labelledby="{ident}">'
        f'<title id="{ident}">{escape(title)}</title>{"".join(body)}</svg>'
    )


def nice_step(span: float, ticks: int = 4) -> float:
    """A step of 1, 2, 2.5 or 5 times a power of ten that cuts `span` into at most `ticks` parts."""
    rough = max(span, 1e-9) / ticks
    power = 10.0 ** math.floor(math.log10(rough))
    for factor in (1, 2, 2.5, 5, 10):
        if rough <= factor * power * 1.0000001:
            return factor * power
    return 10 * power


def axis_ticks(low: float, high: float, ticks: int = 4) -> list[float]:
    """Tick values of a cost axis: zero is always one of them, the last one reaches `high`."""
    low, high = min(low, 0.0), max(high, 0.0)
    step = nice_step((high - low) or 1.0, ticks)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [step * place for place in range(first, max(last, first + 1) + 1)]


def tick_words(value: float) -> str:
    """`5%`, `2.5%`, `2,5 %`, with a true minus."""
    shown = Decimal(f"{value:.1f}")
    return numbers.percent(shown, 0 if shown == shown.to_integral_value() else 1)


@dataclass(frozen=True)
class TimeAxis:
    """Dates to x. The last day ends at `right`."""

    first: dt.date
    last: dt.date
    left: float
    right: float

    def x(self, day: dt.date) -> float:
        """The position of a day's middle."""
        span = max((self.last - self.first).days, 1)
        return self.left + (day - self.first).days / span * (self.right - self.left)

    def ticks(self, most: int) -> list[tuple[dt.date, str]]:
        """At most `most` ticks with their words: years, months or days, as the span asks."""
        days = (self.last - self.first).days
        if days > 800:
            years = range(self.first.year + (self.first != dt.date(self.first.year, 1, 1)), self.last.year + 1)
            step = next(step for step in (1, 2, 5, 10, 20, 50) if len(years) / step <= most)
            return [(dt.date(year, 1, 1), str(year)) for year in years if year % step == 0 or step == 1]
        if days > 45:
            months = [day for day in _days(self.first, self.last) if day.day == 1]
            step = next((step for step in (1, 2, 3, 6, 12) if len(months) / step <= most), 12)
            return [
                (day, numbers.short_month(day, year=place == 0 or day.month == 1))
                for place, day in enumerate(months[::step])
            ]
        step = next(step for step in (1, 2, 7, 14, 28) if days / step < most)
        return [(day, numbers.short_day(day)) for day in list(_days(self.first, self.last))[::step]]


def _days(first: dt.date, last: dt.date) -> list[dt.date]:
    return [first + dt.timedelta(days=count) for count in range((last - first).days + 1)]


def line_of(points: Sequence[tuple[float, float]], radius: float) -> str:
    """A line through points; a single point, which has no line, as a dot."""
    if len(points) == 1:
        return dot(*points[0], radius)
    return path("ln", "M" + "L".join(f"{num(x)},{num(y)}" for x, y in points))


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Positions as near as can be to the wanted ones, at least `gap` apart and within `low` to `high`."""
    order = sorted(range(len(wanted)), key=lambda place: wanted[place])
    placed = [0.0] * len(wanted)
    previous = low - gap
    for place in order:
        placed[place] = previous = max(wanted[place], previous + gap)
    following = high + gap
    for place in reversed(order):
        placed[place] = following = min(placed[place], following - gap)
    return placed
