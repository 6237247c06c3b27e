"""Bars of fee and margin in a table cell, bars of change, and small lines in a row."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from markupsafe import Markup

from reports.charts import svg
from reports.numbers import number as written


def _share(value: float) -> str:
    return svg.num(value) + "%"


_CUT = (
    '<svg x="{x}" width="1" height="18" overflow="visible"><path class="ground" fill="{paper}" '
    'd="M{start} 2h3l3 14h-3zM{next} 2h3l3 14h-3z"/></svg>'
)
"""Two slanted cuts through the end of a bar that is longer than its scale."""


class BarScale:
    """One scale for the bars of a table, with its axis. Bounds are per cent of the amount; zero is always inside.

    A bar beyond the values that the scale is made of ends at the edge and is cut there: its row states its value.
    With an `ident`, unique in the page, the target lines stand once in the axis and the bars refer to them: long tables
    become lighter.
    """

    def __init__(self, totals: Sequence[Decimal], fees: Sequence[Decimal] = (), ident: str = "") -> None:
        self.ident = ident
        values = [float(value) for value in (*totals, *fees)] or [5.0]
        self.low = min(0.0, *values) * 1.06 if min(values) < 0 else 0.0
        self.high = max(5.6, *values) * 1.04

    def at(self, value: float) -> float:
        """Position in per cent of the cell's width."""
        return (value - self.low) / (self.high - self.low) * 100

    def axis(self) -> Markup:
        """The axis for the head of the column."""
        ticks = [tick for tick in svg.axis_ticks(self.low, self.high, 3) if 0 <= self.at(tick) <= 94]
        parts = []
        for tick in ticks:
            place = self.at(tick)
            # On a phone only the ends fit: the style sheet hides the rest by their class.
            kind = "sm" if tick in (ticks[0], ticks[-1]) else "sm alt"
            anchor = ("end" if svg.mirrored() else "") if place < 4 else "middle"
            if anchor:
                kind += " mid" if anchor == "middle" else " end"
                anchor = f' text-anchor="{anchor}"'
            place = 100 - place if svg.mirrored() else place  # the bars are turned around by the style sheet
            parts.append(
                f'<text class="{kind}" font-size="12.5" fill="{svg.INK2}"{anchor} '
                f'x="{_share(place)}" y="11">{svg.tick_words(tick)}</text>'
            )
        if self.ident:
            kept = (f'<g id="{self.ident}{passed}">{self._lines(passed)}</g>' for passed in range(3))
            parts.append(f"<defs>{''.join(kept)}</defs>")
        return svg.drawn(f'<svg class="axisbar" height="14" aria-hidden="true">{"".join(parts)}</svg>')

    def _lines(self, passed: int) -> str:
        """The two target lines; of those that the bar passes only the ends above and below it."""
        parts = []
        for number, (level, kind) in enumerate(((3.0, "l3"), (5.0, "l5"))):
            x = _share(self.at(level))
            style = svg.LINE_STYLES[kind].replace(' fill="none"', "")
            if number < passed:
                style = style.replace(' stroke-dasharray="5 3"', "") + ' stroke-dasharray="3 12"'
                kind += " pass"
            parts.append(f'<line class="{kind}" {style} x1="{x}" x2="{x}" y1="0" y2="18"/>')
        return "".join(parts)

    def bar(self, fee: Decimal | None, margin: Decimal | None, total: Decimal | None) -> Markup:
        """Fee then margin, with the target lines beyond the bar's end. A negative margin is an outline drawn back from
        the fee's end. Without its parts, the total is drawn whole in grey; without a total, only the lines."""
        parts = []
        start = end = 0.0
        if total is not None and fee is not None and margin is not None:
            first, last = float(fee), float(fee) + float(margin)
            start, end = min(0.0, last), max(first, last)
            solid = max(min(first, last), 0.0)
            parts.append(self._rect("fee", svg.FEE, 0.0, solid))
            if margin > 0:
                parts.append(self._rect("margin", svg.MARGIN, first, last))
            elif margin < 0:
                left, right = self._inside(last), self._inside(first)
                parts.append(
                    f'<rect class="neg" fill="none" stroke="{svg.MARGIN}" stroke-width="1.5" x="{_share(left)}" '
                    f'width="{_share(right - left)}" y="4.75" height="8.5"/>'
                )
        elif total is not None:
            start, end = min(float(total), 0.0), max(float(total), 0.0)
            parts.append(self._rect("nbfi", "#56626c", start, end))
        passed = (end > 3) + (end > 5)
        parts.append(f'<use href="#{self.ident}{passed}"/>' if self.ident else self._lines(passed))
        if self.low < 0:
            x = _share(self.at(0))
            parts.append(f'<line class="axis" stroke="{svg.INK2}" x1="{x}" x2="{x}" y1="0" y2="18"/>')
        if end > self.high:
            parts.append(_CUT.format(x="100%", paper=svg.PAPER, start=-18, next=-11))
        if start < self.low:
            parts.append(_CUT.format(x="0%", paper=svg.PAPER, start=6, next=13))
        return svg.drawn(f'<svg class="bar" height="18" aria-hidden="true">{"".join(parts)}</svg>')

    def cuts(self, fee: Decimal | None, margin: Decimal | None, total: Decimal | None) -> bool:
        """Whether a bar of these values is longer than the scale."""
        if total is None:
            return False
        whole = [total] if fee is None or margin is None else [fee, fee + margin]
        return any(not self.low <= float(value) <= self.high for value in whole)

    def _inside(self, value: float) -> float:
        return self.at(min(max(value, self.low), self.high))

    def _rect(self, kind: str, colour: str, start: float, end: float) -> str:
        if end <= start:
            return ""
        x, width = self._inside(start), self._inside(end) - self._inside(start)
        place = f'x="{_share(x)}" width="{_share(max(width, 0.4))}" y="4" height="10"'
        return f'<rect class="{kind}" fill="{colour}" {place}/>'


def share_bar(share: Decimal) -> Markup:
    """A bar of a share, 0 to 100 per cent of the cell."""
    return svg.drawn(
        '<svg class="bar" height="18" aria-hidden="true"><rect class="nbfi" fill="#56626c" x="0%" '
        f'width="{_share(float(share))}" y="4" height="10"/></svg>'
    )


def big_bar(fee: Decimal, margin: Decimal) -> Markup:
    """The large bar under the headline number: what a transfer costs, with ticks at 3 % and 5 %."""
    scale = BarScale([fee + margin, Decimal("7.2")], [fee])
    body = str(scale.bar(fee, margin, fee + margin))  # text: a Markup would escape what replaces
    return svg.drawn(
        body.replace('height="18"', 'height="26"', 1)
        .replace('y="4.75" height="8.5"', 'y="4.75" height="16.5"')
        .replace('y="4" height="10"', 'y="4" height="18"')
        .replace('y2="18"', 'y2="26"')
        .replace(" pass", " pass26")
        .replace('stroke-dasharray="3 12"', 'stroke-dasharray="3 20"')
    )


class ChangeScale:
    """One scale for bars of change: zero in the middle, cheaper to the left, fee, margin and the rest apart."""

    def __init__(self, changes: Sequence[tuple[Decimal, Decimal, Decimal]]) -> None:
        reach = [self._reach([float(part) for part in parts]) for parts in changes]
        self.top = max((end for pair in reach for end in pair), default=1.0) or 1.0

    @staticmethod
    def _reach(parts: list[float]) -> tuple[float, float]:
        return -sum(min(part, 0) for part in parts), sum(max(part, 0) for part in parts)

    def bar(self, fee: Decimal, margin: Decimal, others: Decimal) -> Markup:
        """The changes, those of one direction laid end to end. `others`: what services that came or left changed."""
        parts = []
        left, right = 50.0, 50.0
        for kind, colour, value in (
            ("fee", svg.FEE, float(fee)),
            ("margin", svg.MARGIN, float(margin)),
            ("nbfi", svg.OTHERS, float(others)),
        ):
            width = abs(value) / self.top * 49
            if width == 0:
                continue
            start = left - width if value < 0 else right
            if value < 0:
                left -= width
            else:
                right += width
            parts.append(
                f'<rect class="{kind}" fill="{colour}" x="{_share(start)}" width="{_share(width)}" y="2" height="12"/>'
            )
        parts.append(f'<line class="axis" stroke="{svg.INK2}" x1="50%" x2="50%" y1="0" y2="16"/>')
        return svg.drawn(f'<svg class="bar" height="16" aria-hidden="true">{"".join(parts)}</svg>')


def spark(runs: Sequence[Sequence[Decimal]]) -> Markup:
    """A small line on its own scale, for a table row that also states its numbers. Empty for fewer than two values.

    `runs` are the stretches of values without a gap between them: the line stops where a period is missing.
    """
    numbers = [float(value) for run in runs for value in run]
    if len(numbers) < 2:
        return svg.drawn("")
    low, high = min(numbers), max(numbers)
    span = (high - low) or 1.0
    step = 96 / (len(numbers) - 1)
    drawn, place = [], 0
    x = y = 0.0
    for run in runs:
        points = []
        for value in run:
            x, y = 3 + place * step, 15.0 if high == low else 26 - (float(value) - low) / span * 22
            points.append((x, y))
            place += 1
        drawn.append(svg.line_of(points, 1.6))
    return svg.drawn(
        '<svg class="spark" viewBox="0 0 104 30" width="104" height="30" aria-hidden="true">'
        f"{''.join(drawn)}{svg.dot(x, y, 3)}</svg>"
    )


def panel(
    ident: str, title: str, runs: Sequence[Sequence[tuple[float, Decimal]]], top: float, ends: tuple[str, str]
) -> Markup:
    """A small panel of small multiples: x runs from 0 to 1, y from 0 to `top` per cent, the same in all panels.

    `runs` are the stretches of points without a gap between them.
    """
    left, right, floor, roof = 30.0, 206.0, 108.0, 12.0

    def y(value: float) -> float:
        return floor - value / top * (floor - roof)

    body = []
    for tick in svg.axis_ticks(0, top, 2):
        if tick <= top * 1.001:
            body.append(
                svg.path("axis" if tick == 0 else "grid", f"M{svg.num(left)},{svg.num(y(tick))}H{svg.num(right)}")
            )
            body.append(svg.text(left - 6, y(tick) + 4.5, svg.tick_words(tick), kind="sm", anchor="end"))
    body.append(svg.text(left, 127, ends[0], kind="sm"))
    body.append(svg.text(right, 127, ends[1], kind="sm", anchor="end"))
    body.append(svg.path("l3", f"M{svg.num(left)},{svg.num(y(3))}H{svg.num(right)}"))
    drawn = [[(left + place * (right - left), y(max(float(value), 0.0))) for place, value in run] for run in runs]
    body += [svg.line_of(points, 2) for points in drawn]
    x, v = drawn[-1][-1]
    body.append(svg.dot(x, v, 3.5))
    body.append(svg.text(x + 8, v + 4.5, written(runs[-1][-1][1]), kind="hd", halo=True))
    return svg.chart(body, ident=ident, title=title, width=250, height=132)
