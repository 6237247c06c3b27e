"""A world map of costs: countries filled by class, small states as circles, a hatch where there is no figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from markupsafe import Markup, escape

from reports import numbers
from reports.charts import svg
from reports.charts.world_shapes import HEIGHT, WIDTH, land_without_code, shapes
from reports.language import _

CUTS = (Decimal(3), Decimal(5), Decimal(7), Decimal(10))
"""Where a class ends and the next begins, per cent: a cost of exactly 3 % is in the second class."""
FILLS = {"c0": "#e8e4db", "c1": "#bfe3cc", "c2": "#8cc5bd", "c3": "#4f93b0", "c4": "#3f5f9e", "c5": "#3a2a6c"}
"""Cheap to dear; their greys fall in this order."""
_RADIUS = 4.5


@dataclass(frozen=True)
class CallOut:
    """Words at the end of a line to a country: one strong line (`Eswatini 21.2%`) and one that explains it, each of at
    most some 22 letters."""

    code: str
    words: str
    note: str = ""


@dataclass(frozen=True)
class _Spot:
    """An empty place in sea or land for the words of a call-out, which start or end there."""

    x: float
    y: float
    anchor: str


_SPOTS = (
    _Spot(150, 268, "end"),
    _Spot(160, 340, "end"),
    _Spot(312, 372, "start"),
    _Spot(380, 112, "end"),
    _Spot(610, 366, "start"),
    _Spot(606, 28, "start"),
    _Spot(762, 158, "start"),
)


@dataclass(frozen=True)
class _Half:
    """One half of the sheet in the narrow drawing, east or west of a line through the Atlantic: the outline that it is
    cut along, and where the sheet's corner goes. Both halves have one scale: equal areas stay equal."""

    eastern: bool
    outline: str
    x: float
    y: float

    def at(self, x: float, y: float) -> tuple[float, float]:
        return self.x + x * _NARROW_SCALE, self.y + y * _NARROW_SCALE

    def holds(self, x: float) -> bool:
        return (x > _ATLANTIC) is self.eastern


_ATLANTIC = 342
_NARROW_SCALE = 350 / (WIDTH - _ATLANTIC)
_NARROW_HEIGHT = 508
_COAST = f"L383,16L366,40L{_ATLANTIC},70V{HEIGHT:.0f}"  # between Greenland, which is in the west, and Iceland
_HALVES = (
    _Half(True, f"M{WIDTH:.0f},0H410{_COAST}H{WIDTH:.0f}z", -_ATLANTIC * _NARROW_SCALE, 0),
    _Half(False, f"M0,0H410{_COAST}H0z", 40, 250),
)


def world_map(
    values: Mapping[str, Decimal | None],
    names: Mapping[str, str],
    *,
    ident: str,
    title: str,
    description: str = "",
    call_outs: Sequence[CallOut] = (),
) -> Markup:
    """The wide and the narrow drawing of one map.

    `values`: the cost of each covered country, % of the amount, None where it is covered without a figure; countries
    that are not in it are left blank. `names`: how each of them is called in the language of the page. `ident` makes
    the ids of the drawing unique in the page; the narrow drawing takes its land from the wide one, so both go into the
    page together. `title` says what the map shows, `description` what it says; a table of the same values stands
    beside it, because a map alone is no text. Raises KeyError for a country without a name or unknown to the
    reference table.
    """
    for code in values:
        shapes()[code]  # a country that the sheet does not have would be lost without a word
    drawing = _Map(values, names, ident, title, description)
    return svg.drawn(drawing.wide(call_outs) + drawing.narrow())


def map_legend(values: Mapping[str, Decimal | None], *, ident: str) -> Markup:
    """The legend of `world_map(values)`: the five classes, and the hatch where the map has one."""
    three, five, seven, ten = (numbers.percent(cut, 0) for cut in CUTS)
    words = {
        "c1": _("under {high}", high=three),
        "c2": _("{low} to {high}", low=three, high=five),
        "c3": _("{low} to {high}", low=five, high=seven),
        "c4": _("{low} to {high}", low=seven, high=ten),
        "c5": _("{low} or more", low=ten),
        "cx": _("covered, no figure"),
        "c0": _("not covered"),
    }
    if None not in values.values():
        del words["cx"]
    pattern = f"{ident}k"
    items = [
        f'<li><svg viewBox="0 0 14 14" aria-hidden="true">{svg.hatch(pattern) if kind == "cx" else ""}'
        f'<rect class="key {kind}" fill="{_fill(kind, pattern)}" stroke="{svg.TICK}" stroke-width=".5" width="14" '
        f'height="14"/></svg>{escape(text)}</li>'
        for kind, text in words.items()
    ]
    return svg.drawn(f'<ul class="legend">{"".join(items)}</ul>')


def map_class(value: Decimal | None) -> str:
    """`c1` to `c5` by the cost in per cent, `cx` for no figure."""
    return "cx" if value is None else f"c{1 + sum(value >= cut for cut in CUTS)}"


@dataclass(frozen=True)
class _Map:
    """What both drawings have in common."""

    values: Mapping[str, Decimal | None]
    names: Mapping[str, str]
    ident: str
    title: str
    description: str

    @cached_property
    def classes(self) -> dict[str, list[str]]:
        """The countries of each class that has any, the blank ones first: what has a figure lies above them."""
        classes: dict[str, list[str]] = {kind: [] for kind in ("c0", "cx", "c1", "c2", "c3", "c4", "c5")}
        for code, shape in shapes().items():
            if code in self.values:
                classes[map_class(self.values[code])].append(code)
            elif shape.path:
                classes["c0"].append(code)
        return {kind: codes for kind, codes in classes.items() if codes}

    def wide(self, call_outs: Sequence[CallOut]) -> str:
        body = [svg.hatch(f"{self.ident}h")]
        for kind, codes in self.classes.items():
            land = "".join(self._land(code) for code in codes if shapes()[code].path)
            if kind == "c0":
                land += f'<path d="{land_without_code()}"/>'
            if land:
                body.append(self._group(kind, "h", f'<g id="{self.ident}{kind}">{land}</g>'))
        for kind, codes in self._marked().items():
            circles = "".join(self._circle(code, shapes()[code].x, shapes()[code].y) for code in codes)
            body.append(self._group(kind, "h", circles, line=1))
        body.extend(_called_out(call_outs))
        return self._framed(body, "a", WIDTH, HEIGHT, "wide-only")

    def narrow(self) -> str:
        """Both halves of the world, one under the other, made of the land of the wide drawing."""
        body = [svg.hatch(f"{self.ident}i")]
        for half in _HALVES:
            clip = f"{self.ident}{'e' if half.eastern else 'w'}"
            x, y = half.at(0, 0)
            land = "".join(
                self._group(kind, "i", f'<use href="#{self.ident}{kind}"/>')
                for kind, codes in self.classes.items()
                if any(shapes()[code].path for code in codes)
            )
            body.append(
                f'<clipPath id="{clip}"><path d="{half.outline}"/></clipPath>'
                f'<g transform="translate({svg.num(x)},{svg.num(y)}) scale({_NARROW_SCALE:.4f})">'
                f'<g clip-path="url(#{clip})">{land}</g></g>'
            )
            for kind, codes in self._marked().items():
                here = [(code, shapes()[code]) for code in codes if half.holds(shapes()[code].x)]
                circles = "".join(self._circle(code, *half.at(shape.x, shape.y)) for code, shape in here)
                if circles:
                    body.append(self._group(kind, "i", circles, line=1))
        return self._framed(body, "b", 350, _NARROW_HEIGHT, "narrow")

    def _marked(self) -> dict[str, list[str]]:
        """The small countries of each class that the map has something to tell of: they get a circle."""
        marked = {
            kind: [code for code in codes if shapes()[code].small]
            for kind, codes in self.classes.items()
            if kind != "c0"
        }
        return {kind: codes for kind, codes in marked.items() if codes}

    def _group(self, kind: str, pattern: str, inner: str, *, line: float = 0.6) -> str:
        colour = svg.TICK if kind == "cx" and line == 1 else svg.PAPER
        return (
            f'<g class="{kind}" fill="{_fill(kind, self.ident + pattern)}" stroke="{colour}" '
            f'stroke-width="{line}">{inner}</g>'
        )

    def _land(self, code: str) -> str:
        return f'<path d="{shapes()[code].path}">{self._label(code) if code in self.values else ""}</path>'

    def _circle(self, code: str, x: float, y: float) -> str:
        return f'<circle cx="{svg.num(x)}" cy="{svg.num(y)}" r="{_RADIUS}">{self._label(code)}</circle>'

    def _label(self, code: str) -> str:
        words = _("{country}: {cost}", country=self.names[code], cost=numbers.percent(self.values[code]))
        return f"<title>{escape(words)}</title>"

    def _framed(self, body: Sequence[str], suffix: str, width: float, height: float, kind: str) -> str:
        ident = f"{self.ident}{suffix}"
        drawing = str(
            svg.chart(body, ident=f"{ident}t", title=self.title, width=width, height=height, kind=f"map {kind}")
        )
        if not self.description:
            return drawing
        labelled, described = f'aria-labelledby="{ident}t"', f'aria-describedby="{ident}d"'
        words = f'<desc id="{ident}d">{escape(self.description)}</desc>'
        return drawing.replace(labelled, f"{labelled} {described}", 1).replace("</title>", f"</title>{words}", 1)


def _fill(kind: str, pattern: str) -> str:
    return f"url(#{pattern})" if kind == "cx" else FILLS[kind]


def _called_out(call_outs: Sequence[CallOut]) -> list[str]:
    """Each call-out at the nearest empty spot that none before it has taken; none where all are taken."""
    free = list(_SPOTS)
    body = []
    for call in call_outs[: len(_SPOTS)]:
        shape = shapes()[call.code]
        x, y = shape.x, shape.y
        spot = min(free, key=lambda spot: (spot.x - x) ** 2 + (spot.y - y) ** 2)
        free.remove(spot)
        away = -1 if spot.anchor == "end" else 1  # the way the words run
        if (x - spot.x) * away <= 0:
            end = (spot.x - 6 * away, spot.y - 4)
        else:  # the country is on the side of the words: the line ends above or below them, not in them
            end = (spot.x + 6 * away, spot.y - 16 if y < spot.y else spot.y + (22 if call.note else 6))
        body.append(svg.path("lead-l", f"M{svg.num(x)},{svg.num(y)}L{svg.num(end[0])},{svg.num(end[1])}"))
        body.append(svg.text(spot.x, spot.y, call.words, kind="hd", anchor=spot.anchor, halo=True))
        if call.note:
            body.append(svg.text(spot.x, spot.y + 16, call.note, kind="sm", anchor=spot.anchor, halo=True))
    return body
