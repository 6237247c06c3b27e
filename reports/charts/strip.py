"""The strip: one mark is one service, placed by its total cost, shaped by its provider type."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from reports import numbers
from reports.charts import svg
from reports.language import _, pgettext

_Place = Callable[[float], float]
"""Per cent to x."""


@dataclass(frozen=True)
class Mark:
    """One service on the strip. `ring` marks the three cheapest."""

    name: str
    type: str
    total: Decimal
    ring: bool


@dataclass(frozen=True)
class _Frame:
    width: float
    kind: str
    suffix: str
    size: float
    ticks: int
    label_length: int


_LETTER = 7.4
"""The mean width of a bold letter, in units of the drawing."""
_WIDE = _Frame(912, "wide-only", "w", 14, 10, 34)
_NARROW = _Frame(350, "narrow", "s", 11, 4, 24)


@dataclass(frozen=True)
class Middle:
    """Where the middle half of the services lies, and the middle one."""

    low: Decimal
    median: Decimal
    high: Decimal


def draw(marks: Sequence[Mark], *, ident: str, title: str, middle: Middle | None = None, kept: str = "") -> Markup:
    """Both drawings of a strip, wide and narrow. Needs one mark at least. `middle` is drawn under the axis. `kept`: the
    page holds the marks of the types under ids that begin so. In a language that is read from right to left the scale
    begins at the right."""
    return svg.drawn("").join(_draw(marks, ident, title, middle, kept, frame) for frame in (_WIDE, _NARROW))


def widest_gap(totals: Sequence[Decimal]) -> tuple[Decimal, Decimal] | None:
    """The widest empty stretch between two neighbouring services, where it is 8 points and a third of the range at
    least; None elsewhere."""
    ordered = sorted(totals)
    pairs = list(itertools.pairwise(ordered))
    if not pairs:
        return None
    low, high = max(pairs, key=lambda pair: pair[1] - pair[0])
    wide = high - low
    return (low, high) if wide >= 8 and wide * 3 >= ordered[-1] - ordered[0] else None


def _draw(marks: Sequence[Mark], ident: str, title: str, middle: Middle | None, kept: str, frame: _Frame) -> Markup:
    ordered = sorted(marks, key=lambda mark: (mark.total, mark.name))
    totals = [float(mark.total) for mark in ordered]
    pad = frame.size
    low, high = min(0.0, totals[0]), max(totals[-1], 6.0)
    left, right = pad + 2, frame.width - pad - 2
    mirrored = svg.mirrored()

    def x(value: float) -> float:
        place = (value - low) / (high - low) * (right - left)
        return right - place if mirrored else left + place

    rings = [mark for mark in ordered if mark.ring][:3]
    roof = 34.0 + 20 * len(rings)
    rows = _stack([left + abs(x(total) - x(low)) for total in totals], frame.size + 1.5)
    tallest = max(rows) + 1
    floor = roof + 26 + tallest * (frame.size + 2)
    foot = floor if middle is None else floor + 16
    body = []
    for tick in svg.axis_ticks(low, high, frame.ticks):
        if low <= tick <= high * 1.0001:
            body.append(svg.path("grid", f"M{svg.num(x(tick))},30V{svg.num(floor)}"))
            body.append(svg.text(x(tick), foot + 19, svg.tick_words(tick), kind="sm", anchor="middle"))
    body.append(svg.path("axis", f"M2,{svg.num(floor)}H{svg.num(frame.width - 2)}"))
    if middle is not None:
        body.extend(_middle(middle, x, floor))
    for level, kind, name, before in ((3.0, "l3", "x3", True), (5.0, "l5", "x5", False)):
        body.append(svg.path(kind, f"M{svg.num(x(level))},24V{svg.num(floor)}"))
        words, leftward = svg.tick_words(level), before is not mirrored
        if before and abs(x(level) - (frame.width if mirrored else 0)) < 34:
            body.append(svg.text(frame.width - 2 if mirrored else 2, 16, words, kind=name,
                                 anchor="end" if mirrored else "start"))  # fmt: skip
        else:
            shift, anchor = (-3, "end") if leftward else (3, "start")
            body.append(svg.text(x(level) + shift, 16, words, kind=name, anchor=anchor))
    positions: list[tuple[float, float]] = []
    for mark, row in zip(ordered, rows, strict=True):
        at = (x(float(mark.total)), floor - frame.size / 2 - 4 - row * (frame.size + 2))
        positions.append(at)
        body.append(svg.mark(mark.type, *at, frame.size, kept))
        if mark.ring:
            body.append(
                f'<circle class="ring" fill="none" stroke="{svg.INK}" stroke-width="1.75" cx="{svg.num(at[0])}" '
                f'cy="{svg.num(at[1])}" r="{svg.num(frame.size * 0.72)}"/>'
            )
    body.extend(_names(ordered, positions, frame, x(5.0)))
    body.extend(_empty_middle(ordered, x, floor, frame))
    return svg.chart(
        body, ident=f"{ident}{frame.suffix}t", title=title, width=frame.width, height=foot + 28, kind=frame.kind
    )


def _middle(middle: Middle, x: _Place, floor: float) -> list[str]:
    """The middle half as a bar under the axis, the median as a stroke through it."""
    low, high = sorted((x(float(middle.low)), x(float(middle.high))))
    at = x(float(middle.median))
    return [
        f'<rect class="lnp" fill="{svg.TICK}" x="{svg.num(low)}" y="{svg.num(floor + 5)}" '
        f'width="{svg.num(max(high - low, 1.5))}" height="6"/>',
        f'<rect class="pt" fill="{svg.INK}" x="{svg.num(at - 1.5)}" y="{svg.num(floor + 2)}" width="3" height="12"/>',
    ]


def _stack(places: Sequence[float], gap: float) -> list[int]:
    """For each place, in rising order, the lowest row in which it does not touch the one before."""
    ends: list[float] = []
    rows = []
    for place in places:
        row = next((number for number, end in enumerate(ends) if place - end >= gap), len(ends))
        if row == len(ends):
            ends.append(place)
        ends[row] = place
        rows.append(row)
    return rows


def _names(
    ordered: Sequence[Mark], positions: Sequence[tuple[float, float]], frame: _Frame, beyond: float
) -> list[str]:
    """The three cheapest by name, on leader lines above the marks: on that side of them that has more room, beyond the
    5 % line where the words still fit there."""
    ringed = [(mark, at) for mark, at in zip(ordered, positions, strict=True) if mark.ring][:3]
    if not ringed:
        return []
    first, last = min(at[0] for _mark, at in ringed) - 14, max(at[0] for _mark, at in ringed) + 14
    needed = min(max(len(mark.name) for mark, _ in ringed), frame.label_length)
    leftward = _letters(first) > _letters(frame.width - last) and _letters(frame.width - last) < needed
    if svg.mirrored():
        leftward = not (_letters(frame.width - last) > _letters(first) and _letters(first) < needed)
    start = first if leftward else last
    past = min(start, beyond - 30) if leftward else max(start, beyond + 30)
    if _letters(past if leftward else frame.width - past) >= needed:
        start = past  # else no room beyond the 5 % line: the words get a ground of paper
    room = _letters(start if leftward else frame.width - start)
    length = max(min(frame.label_length, room), 3)
    body = []
    rightmost = sorted(ringed, key=lambda pair: -pair[1][0])  # the outermost line is the lowest: none crosses a name
    for place, (mark, at) in enumerate(reversed(rightmost) if not leftward else rightmost):
        name = mark.name if len(mark.name) <= length else mark.name[: length - 1].rstrip() + "…"
        y = 42 + 20 * place
        body.append(svg.path("lead-l", f"M{svg.num(at[0])},{svg.num(at[1] - frame.size * 0.8)}V{y}H{svg.num(start)}"))
        at_x, anchor = (start - 4, "end") if leftward else (start + 4, "start")
        cost = numbers.percent(mark.total)
        words = pgettext("a provider and its cost", "{name} {cost}", name=svg.isolated(name), cost=cost)
        width = (len(name) + len(cost) + 1) * _LETTER + 6
        body.append(svg.paper(at_x - 3 if anchor == "start" else at_x - width + 3, y - 10, width, 20))
        body.append(svg.text(at_x, y + 4.5, words, kind="hd", anchor=anchor, halo=True))
    return body


def _letters(space: float) -> int:
    """How many letters of a name fit beside its cost."""
    return int(space / _LETTER) - 7


def _empty_middle(ordered: Sequence[Mark], x: _Place, floor: float, frame: _Frame) -> list[str]:
    gap = widest_gap([mark.total for mark in ordered])
    if gap is None:
        return []
    first, last = sorted((x(float(gap[0])), x(float(gap[1]))))
    first, last = first + frame.size + 4, last - frame.size - 4
    ends = {"low": numbers.percent(gap[0]), "high": numbers.percent(gap[1])}
    if last - first < 150:
        return []
    if last - first > 260:
        words = [_("no service between {low} and {high}", **ends)]
    else:
        words = [_("no service"), _("{low} to {high}", **ends)]
    y = floor - 14
    body = [
        svg.path(
            "lead-l",
            f"M{svg.num(first)},{svg.num(y)}H{svg.num(last)}M{svg.num(first)},{svg.num(y - 4)}v8"
            f"M{svg.num(last)},{svg.num(y - 4)}v8",
        )
    ]
    for place, word in enumerate(reversed(words)):
        width = len(word) * _LETTER + 6
        body.append(svg.paper((first + last - width) / 2, y - 22 - 16 * place, width, 18))
        body.append(svg.text((first + last) / 2, y - 8 - 16 * place, word, anchor="middle", halo=True))
    return body
