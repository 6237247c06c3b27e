"""Then and now on one line: a hollow mark for the earlier figure, a solid one for the present one."""

from __future__ import annotations

from decimal import Decimal

from markupsafe import Markup

from reports.charts import svg
from reports.charts.bars import BarScale

_MIDDLE = 9


class DumbbellScale(BarScale):
    """One scale for the dumbbells of a table, with the 3 % and 5 % lines in every row."""

    def marks(self, now: Decimal, then: Decimal | None) -> Markup:
        """The marks of one row; without an earlier figure only the present one."""
        parts = []
        for level, kind in ((3.0, "l3"), (5.0, "l5")):
            x = f"{svg.num(self.at(level))}%"
            parts.append(f'<line class="{kind}" {svg.LINE_STYLES[kind]} x1="{x}" x2="{x}" y1="0" y2="18"/>')
        end = f"{svg.num(self.at(float(now)))}%"
        if then is not None:
            start = f"{svg.num(self.at(float(then)))}%"
            parts.append(
                f'<line class="axis" stroke="{svg.INK2}" x1="{start}" x2="{end}" y1="{_MIDDLE}" y2="{_MIDDLE}"/>'
                f'<circle class="pto" fill="{svg.PAPER}" stroke="{svg.INK}" stroke-width="2" cx="{start}" '
                f'cy="{_MIDDLE}" r="4"/>'
            )
        parts.append(f'<circle class="pt" fill="{svg.INK}" cx="{end}" cy="{_MIDDLE}" r="5.5"/>')
        return svg.drawn(f'<svg class="bar" height="18" overflow="visible" aria-hidden="true">{"".join(parts)}</svg>')
