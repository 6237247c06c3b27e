"""Publication figures by matplotlib (SVG and PNG) in the language spoken, in the colours of the pages. The same data
gives the same bytes.

One Figure is used again for all of them, drawn by the Agg canvas without pyplot (which keeps global state). Text is
never read as mathematics: a provider or country name with a `$` must not break a figure.
"""

from __future__ import annotations

import datetime as dt
import io
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import matplotlib as mpl
from matplotlib import dates as mdates
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from reports import numbers, trends
from reports.charts import line, svg
from reports.findings import AVERAGE, FEE, MARGIN
from reports.language import _, ngettext, spoken
from reports.lookup import Figures, Place
from reports.ranking import ranked
from reports.site import BasisView, Site, corridor_place, figure_path
from reports.wording import SANDBOX_WORDS, basis_name, corridor_name

MOST_CORRIDORS = 6
"""Only so many corridors of the lead basis get a figure of their own, those with most services first."""

SCREEN_DPI = 150
PRINT_DPI = 300

_FONTS = ("Noto Sans", "Noto Sans Arabic", "DejaVu Sans")
"""The fonts of the pages in order of preference; the last one comes with matplotlib and has Arabic too."""

_STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "remitwatch",
    "font.size": 9.5,
    "axes.edgecolor": svg.INK2,
    "axes.labelcolor": svg.INK2,
    "text.color": svg.INK,
    "text.parse_math": False,
    "xtick.color": svg.INK2,
    "ytick.color": svg.INK2,
    "axes.unicode_minus": True,
}


def draw_figures(site: Site, dpi: int = SCREEN_DPI, corridors: Sequence[str] | None = None) -> dict[str, bytes]:
    """Every publication figure in the language spoken, by its path in the edition. `dpi`: dots an inch of the PNGs.
    `corridors`: those of the lead basis that get a figure of their own (None: the few with most services)."""
    found: dict[str, bytes] = {}
    with _canvas((8.4, 4.6)) as figure:
        for place, view in enumerate(site.views):
            if _world(figure, site, view):
                found.update(_saved(figure, f"world-{view.basis}", dpi))
            if _corridors(figure, site, view):
                found.update(_saved(figure, f"corridors-{view.basis}", dpi))
            if place == 0:
                for key in _most_services(view) if corridors is None else corridors:
                    if _corridor(figure, site, view, key):
                        found.update(_saved(figure, f"{key}-{view.basis}", dpi))
    return found


def trend_png(trend: line.Trend, note: str, *, size: tuple[float, float], dpi: int) -> bytes:
    """A trend alone as PNG, its headline as the title. `note`: a warning below it; `size` in inches."""
    with _canvas(size) as figure:
        axes = _frame(figure, trend.headline, trend.subtitle, note, note)
        _trend(axes, trend)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", metadata={"Software": None}, facecolor="white", dpi=dpi)
        return buffer.getvalue()


@contextmanager
def _canvas(size: tuple[float, float]) -> Iterator[Figure]:
    # A font that is not there is named on stderr at every word drawn: only those at hand are asked for.
    at_hand = set(font_manager.get_font_names())
    fonts = {"font.family": [name for name in _FONTS if name in at_hand]}
    with mpl.rc_context(_STYLE | fonts):  # type: ignore[arg-type] # names are a Literal of hundreds in the stubs
        figure = Figure(figsize=size)
        FigureCanvasAgg(figure)
        yield figure


def _most_services(view: BasisView) -> list[str]:
    def weight(key: str) -> tuple[int, str]:
        figure = view.figures.get(AVERAGE, corridor_place(key))
        return (-(figure.services if figure else 0), key)

    return sorted(view.paged, key=weight)[:MOST_CORRIDORS]


def _saved(figure: Any, name: str, dpi: int) -> dict[str, bytes]:
    made = {}
    for kind, metadata in (("svg", {"Date": None, "Creator": None}), ("png", {"Software": None})):
        buffer = io.BytesIO()
        extra: dict[str, Any] = {"dpi": dpi, "pil_kwargs": {"compress_level": 3}} if kind == "png" else {"dpi": 72}
        figure.savefig(buffer, format=kind, metadata=metadata, facecolor="white", **extra)
        made[figure_path(name, kind)] = buffer.getvalue()
    return made


def _start(figure: Any, site: Site, title: str, subtitle: str, source: str) -> Any:
    mark = _(SANDBOX_WORDS) + ". " if site.data.world == "sandbox" else ""
    words = _(
        "{source} remitwatch, edition {edition}, method version {method}.",
        source=mark + source,
        edition=site.label,
        method=site.data.method,
    )
    return _frame(figure, title, subtitle, mark, words)


def _frame(figure: Any, title: str, subtitle: str, mark: str, words: str) -> Any:
    figure.clear()
    axes = figure.add_axes((0.07, 0.16, 0.76, 0.63))
    start, side = (0.93, "right") if spoken().direction == "rtl" else (0.07, "left")
    figure.text(start, 0.93, title, fontsize=13, fontweight="bold", ha=side, va="center")
    figure.text(start, 0.865, subtitle, color=svg.INK2, ha=side, va="center")
    note = "\n".join(textwrap.wrap(words, 120)[:2])
    figure.text(start, 0.04, note, fontsize=7.5, color=svg.T5 if mark else svg.INK3, ha=side, va="center")
    for edge in ("top", "right", "left"):
        axes.spines[edge].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", color=svg.RULE, linewidth=0.7)
    axes.set_axisbelow(True)
    return axes


def _sources(site: Site, view: BasisView) -> str:
    names = [source.attribution for source in site.sources_of(view) if source.kind != "rates"]
    if not names:
        return ""
    return ngettext("Source: {names}.", "Sources: {names}.", len(set(names)), names="; ".join(dict.fromkeys(names)))


def _world(figure: Any, site: Site, view: BasisView) -> bool:
    shown = trends.world_trend(view.figures, None, parts=view.parts)
    if shown.trend is None:
        return False
    title = _("{basis}: {finding}", basis=basis_name(view.basis), finding=shown.trend.headline)
    axes = _start(figure, site, title, shown.trend.subtitle, _sources(site, view))
    _trend(axes, shown.trend)
    return True


def _corridor(figure: Any, site: Site, view: BasisView, key: str) -> bool:
    place: Place = corridor_place(key)
    shown = trends.corridor_trend(view.figures, place, corridor_name(key), {}, parts=view.parts)
    if shown.trend is None:
        return False
    title = _("{corridor}: {finding}", corridor=corridor_name(key), finding=shown.trend.headline)
    axes = _start(figure, site, title, shown.trend.subtitle, _sources(site, view))
    _trend(axes, shown.trend)
    return True


def _trend(axes: Any, trend: line.Trend) -> None:
    lines = trend.lines
    held = sorted({period for one in lines for period, _ in one.points}, key=numbers.period_days)
    for first, last in line.gaps(held):
        axes.axvspan(_number(numbers.period_days(first)[0]), _number(numbers.period_days(last)[1]),
                     facecolor=svg.TINT, edgecolor=svg.HATCH, hatch="////", linewidth=0)  # fmt: skip
    axes.axhline(3, color=svg.T3, linewidth=1.4)
    axes.axhline(5, color=svg.T5, linewidth=1.4, dashes=(4, 2.5))
    labels: list[tuple[float, str, str, str]] = [
        (3.0, _("3% target"), svg.T3, "bold"),
        (5.0, _("5% ceiling"), svg.T5, "bold"),
    ]
    top, low = 5.5, 0.0
    for one in lines:
        quiet = one.kind != "ln"
        runs = line.unbroken(one)
        if trend.provisional and one.points[-1][0] == held[-1] and len(runs[-1]) > 1:
            ends = runs[-1][-2:]
            axes.plot([_number(line.middle(period)) for period, _ in ends], [float(value) for _, value in ends],
                      color=svg.INK2, linewidth=1.3, linestyle=(0, (4, 3)))  # fmt: skip
            runs[-1].pop()
        for run in runs:
            axes.plot([_number(line.middle(period)) for period, _ in run], [float(value) for _, value in run],
                      color=svg.INK2 if quiet else svg.INK, linewidth=1.3 if quiet else 2,
                      linestyle=(0, (2, 2)) if quiet else "-", markersize=3,
                      marker="o" if len(run) == 1 else None)  # fmt: skip
        period, value = one.points[-1]
        axes.plot([_number(line.middle(period))], [float(value)], marker="o", markersize=5, color=svg.INK,
                  markerfacecolor="white" if quiet else svg.INK, linestyle="none", clip_on=False, zorder=5)  # fmt: skip
        labels.append(
            (
                float(value),
                _("{line} {value}", line=one.label, value=numbers.percent(value)),
                svg.INK2 if quiet else svg.INK,
                "bold" if not quiet else "normal",
            )
        )
        top, low = (
            max(top, *(float(value) for _, value in one.points)),
            min(low, *(float(value) for _, value in one.points)),
        )
    axes.set_ylim(low * 1.1, top * 1.08)
    start, end = numbers.period_days(held[0])[0], numbers.period_days(held[-1])[1]
    axes.set_xlim(_number(start), _number(end))
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: svg.tick_words(value)))
    ticks = svg.TimeAxis(start, end, 0, 1).ticks(8)
    axes.set_xticks([_number(day) for day, _ in ticks], [words for _, words in ticks])
    span = axes.get_ylim()[1] - axes.get_ylim()[0]
    placed = svg.spread([label[0] for label in labels], span * 0.062, axes.get_ylim()[0], axes.get_ylim()[1])
    for (_value, words, colour, weight), at in zip(labels, placed, strict=True):
        axes.annotate(
            words,
            (1.012, at),
            xycoords=("axes fraction", "data"),
            color=colour,
            fontweight=weight,
            va="center",
            fontsize=9,
        )


def _number(day: dt.date) -> float:
    return float(mdates.date2num(day))  # type: ignore[no-untyped-call]


def _corridors(figure: Any, site: Site, view: BasisView) -> bool:
    """The dearest corridors (up to twenty) as bars of fee and margin."""
    figures: Figures = view.figures
    rows = ranked(site, view)["priced"][-20:]
    if len(rows) < 2:
        return False
    title = _("{corridor} costs most: {cost} on average", corridor=rows[-1].name, cost=rows[-1].value)
    subtitle = _(
        "Average cost of sending USD 200, fee (blue) and exchange-rate margin, % of the amount, {period}",
        period=view.data.period,
    )
    axes = _start(figure, site, title, subtitle, _sources(site, view))
    axes.set_position((0.24, 0.14, 0.70, 0.66))
    for place, row in enumerate(rows):
        at = corridor_place(row.key)
        total, fee, margin = (float(figures.value(code, at) or 0) for code in (AVERAGE, FEE, MARGIN))
        solid = max(min(fee, fee + margin), 0.0)
        axes.barh(place, solid, color=svg.FEE, height=0.62)
        if margin >= 0:
            axes.barh(place, margin, left=fee, color=svg.MARGIN, height=0.62)
        else:
            axes.barh(
                place, -margin, left=fee + margin, facecolor="none", edgecolor=svg.MARGIN, linewidth=1, height=0.58
            )
        # The white ground keeps the number readable where a target line passes behind it.
        axes.annotate(row.value, (max(total, fee), place), xytext=(4, 0), textcoords="offset points", va="center",
                      fontsize=8, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8})  # fmt: skip
    axes.grid(False)
    axes.axvline(3, color=svg.T3, linewidth=1.2, zorder=0)
    axes.axvline(5, color=svg.T5, linewidth=1.2, dashes=(4, 2.5), zorder=0)
    above = ("data", "axes fraction")
    three, five = (numbers.percent(Decimal(value), 0) for value in (3, 5))
    axes.annotate(
        three,
        (3, 1.01),
        xycoords=above,
        color=svg.T3,
        fontweight="bold",
        ha="right",
        va="bottom",
        fontsize=8,
    )
    axes.annotate(
        five,
        (5, 1.01),
        xycoords=above,
        color=svg.T5,
        fontweight="bold",
        ha="left",
        va="bottom",
        fontsize=8,
    )
    axes.set_yticks(range(len(rows)), [row.name for row in rows], fontsize=8.5)
    axes.invert_yaxis()
    axes.margins(x=0.1, y=0.02)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: svg.tick_words(value)))
    return True
