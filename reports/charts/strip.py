"""The strip: one mark is one service, placed by its total cost, shaped by its provider type."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from reports import numbers
from reports.charts import svg

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


def draw(marks: Sequence[Mark], *, ident: str, title: str) -> Markup:
    """Both drawings of a strip, wide and narrow. Needs one mark at least."""
    return _draw(marks, ident, title, _WIDE) + _draw(marks, ident, title, _NARROW)


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


def _draw(marks: Sequence[Mark], ident: str, title: str, frame: _Frame) -> Markup:
    ordered = sorted(marks, key=lambda mark: (mark.total, mark.name))
    totals = [float(mark.total) for mark in ordered]
    pad = frame.size
    low, high = min(0.0, totals[0]), max(totals[-1], 6.0)
    left, right = pad + 2, frame.width - pad - 2

    def x(value: float) -> float:
        return left + (value - low) / (high - low) * (right - left)

    rings = [mark for mark in ordered if mark.ring][:3]
    roof = 34.0 + 20 * len(rings)
    rows = _stack([x(total) for total in totals], frame.size + 1.5)
    tallest = max(rows) + 1
    floor = roof + 26 + tallest * (frame.size + 2)
    body = []
    for tick in svg.axis_ticks(low, high, frame.ticks):
        if low <= tick <= high * 1.0001:
            body.append(svg.path("grid", f"M{svg.num(x(tick))},30V{svg.num(floor)}"))
            body.append(svg.text(x(tick), floor + 19, svg.tick_words(tick), kind="sm", anchor="middle"))
    body.append(svg.path("axis", f"M2,{svg.num(floor)}H{svg.num(frame.width - 2)}"))
    for level, kind, name, anchor in ((3.0, "l3", "x3", "end"), (5.0, "l5", "x5", "start")):
        body.append(svg.path(kind, f"M{svg.num(x(level))},24V{svg.num(floor)}"))
        if anchor == "end" and x(level) < 34:
            body.append(svg.text(2, 16, f"{level:.0f}%", kind=name))
        else:
            shift = -3 if anchor == "end" else 3
            body.append(svg.text(x(level) + shift, 16, f"{level:.0f}%", kind=name, anchor=anchor))
    positions: list[tuple[float, float]] = []
    for mark, row in zip(ordered, rows, strict=True):
        at = (x(float(mark.total)), floor - frame.size / 2 - 4 - row * (frame.size + 2))
        positions.append(at)
        body.append(svg.mark(mark.type, *at, frame.size))
        if mark.ring:
            body.append(
                f'<circle class="ring" fill="none" stroke="{svg.INK}" stroke-width="1.75" cx="{svg.num(at[0])}" '
                f'cy="{svg.num(at[1])}" r="{svg.num(frame.size * 0.72)}"/>'
            )
    body.extend(_names(ordered, positions, frame, x(5.0)))
    body.extend(_empty_middle(ordered, x, floor, frame))
    return svg.chart(
        body, ident=f"{ident}{frame.suffix}t", title=title, width=frame.width, height=floor + 28, kind=frame.kind
    )


def _stack(places: Sequence[float], gap: float) -> list[int]:
    """For each place, left to right, the lowest row in which it does not touch its left neighbour."""
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
    """The three cheapest by name, on leader lines above the marks; to the left of them where the right has no room."""
    ringed = [(mark, at) for mark, at in zip(ordered, positions, strict=True) if mark.ring][:3]
    if not ringed:
        return []
    right = max(beyond + 30, max(at[0] for _, at in ringed) + 14)
    left = min(at[0] for _, at in ringed) - 14
    if int((frame.width - right) / _LETTER) - 7 < min(max(len(mark.name) for mark, _ in ringed), frame.label_length):
        right = max(at[0] for _, at in ringed) + 14  # no room beyond the 5 % line: the words get a ground of paper
    room_right, room_left = (int(space / _LETTER) - 7 for space in (frame.width - right, left))
    needed = min(max(len(mark.name) for mark, _ in ringed), frame.label_length)
    leftward = room_right < needed and room_left > room_right
    length = max(min(frame.label_length, room_left if leftward else room_right), 3)
    start = left if leftward else right
    body = []
    for place, (mark, at) in enumerate(ringed if not leftward else list(reversed(ringed))):
        name = mark.name if len(mark.name) <= length else mark.name[: length - 1].rstrip() + "…"
        y = 42 + 20 * place
        body.append(svg.path("lead-l", f"M{svg.num(at[0])},{svg.num(at[1] - frame.size * 0.8)}V{y}H{svg.num(start)}"))
        at_x, anchor = (start - 4, "end") if leftward else (start + 4, "start")
        words = f"{name} {numbers.percent(mark.total)}"
        width = len(words) * _LETTER + 6
        body.append(svg.paper(at_x - 3 if anchor == "start" else at_x - width + 3, y - 10, width, 20))
        body.append(svg.text(at_x, y + 4.5, words, kind="hd", anchor=anchor, halo=True))
    return body


def _empty_middle(ordered: Sequence[Mark], x: _Place, floor: float, frame: _Frame) -> list[str]:
    gap = widest_gap([mark.total for mark in ordered])
    if gap is None:
        return []
    first, last = x(float(gap[0])) + frame.size + 4, x(float(gap[1])) - frame.size - 2
    words = ["no service between", f"{numbers.percent(gap[0])} and {numbers.percent(gap[1])}"]
    if last - first < 150:
        return []
    if last - first > 260:
        words = [" ".join(words)]
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
