"""The countries of the world as paths on one sheet of paper, in an equal-area projection.

The sheet is cut along 168.5° W, through the Bering Strait, so that neither Russia nor the Pacific states are torn
apart; Antarctica is left out. Countries are those of UN M49 and Kosovo: figures are kept by them. Northern Cyprus and
Somaliland, which M49 does not know, are drawn with Cyprus and Somalia; a shape without a code has no figure.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from remitwatch.countries import countries
from remitwatch.reference import csv_rows
from reports.charts.topojson import Feature, Point, Ring, features

WIDTH, HEIGHT = 912.0, 416.0
SMALL = 8.0
"""A country whose largest polygon is smaller on the sheet (square units) is marked by a circle."""

_CUT = -168.5  # no shape crosses it
_MIDDLE = _CUT + 180
_SPECK = 0.6
_NAMED = {
    # Shapes whose number our table does not have, and shapes without a number.
    "Kosovo": "XKX", "Taiwan": "TWN", "W. Sahara": "ESH", "Falkland Is.": "FLK", "N. Cyprus": "CYP",
    "Somaliland": "SOM",
}  # fmt: skip
_ANTARCTICA = "010"
_FRANCE = "250"


@dataclass(frozen=True)
class Shape:
    """A country on the sheet: the path of its land (empty where only a point is known), a point within it, and
    whether it is too small to be seen."""

    path: str
    x: float
    y: float
    small: bool


@cache
def shapes() -> dict[str, Shape]:
    """Every country of the reference table by its code."""
    land: dict[str, list[tuple[Ring, ...]]] = {}
    for feature in _atlas():
        for polygon in feature.polygons:
            code = _code(feature, polygon[0])
            if code is not None:
                land.setdefault(code, []).append(polygon)
    found = {code: _shape(polygons) for code, polygons in land.items()}
    for row in csv_rows(files("reports.charts.atlas").joinpath("small_states.csv").read_text("utf-8")):
        x, y = _sheet((float(row["longitude"]), float(row["latitude"])))
        found[row["code"]] = Shape("", x, y, small=True)
    return dict(sorted(found.items()))


@cache
def land_without_code() -> str:
    """The path of the land that no country of the reference table has (the French Southern Territories)."""
    rings = [
        ring
        for feature in _atlas()
        for polygon in feature.polygons
        if _code(feature, polygon[0]) is None
        for ring in polygon
    ]
    return _path([_drawn(ring) for ring in rings])


def _atlas() -> Iterable[Feature]:
    text = files("reports.charts.atlas").joinpath("countries-110m.json").read_text("utf-8")
    return [feature for feature in features(json.loads(text), "countries") if feature.id != _ANTARCTICA]


def _code(feature: Feature, outline: Ring) -> str | None:
    if feature.id == _FRANCE and outline[0][0] < -50:
        return "GUF"  # Natural Earth counts French Guiana to France; our table has it apart
    return _NAMED.get(feature.name) or _codes_by_number().get(feature.id or "")


@cache
def _codes_by_number() -> dict[str, str]:
    return {country.m49.zfill(3): country.code for country in countries().values() if country.m49}


def _shape(polygons: Sequence[tuple[Ring, ...]]) -> Shape:
    outlines = sorted((_drawn(polygon[0]) for polygon in polygons), key=lambda ring: -abs(_area(ring)))
    kept = [ring for place, ring in enumerate(outlines) if place == 0 or abs(_area(ring)) >= _SPECK]
    holes = [_drawn(hole) for polygon in polygons for hole in polygon[1:]]
    x, y = _centre(outlines[0])
    return Shape(_path([*kept, *holes]), x, y, small=abs(_area(outlines[0])) < SMALL)


def _drawn(ring: Ring) -> Ring:
    return [_sheet(point) for point in ring]


def _sheet(point: Point) -> Point:
    """Degrees to the sheet: Equal Earth (Šavrič, Patterson, Jenny 2018), x to the right and y downwards."""
    longitude, latitude = point
    if longitude < _CUT:
        longitude += 360
    a1, a2, a3, a4, root = 1.340264, -0.081106, 0.000893, 0.003796, math.sqrt(3)
    angle = math.asin(root / 2 * math.sin(math.radians(latitude)))
    square = angle * angle
    sixth = square**3
    slope = a1 + 3 * a2 * square + sixth * (7 * a3 + 9 * a4 * square)
    x = 2 * root * math.radians(longitude - _MIDDLE) * math.cos(angle) / (3 * slope)
    y = angle * (a1 + a2 * square + sixth * (a3 + a4 * square))
    return 446.6 + 174 * x, 232 - 174 * y


def _area(ring: Ring) -> float:
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(ring, ring[1:] + ring[:1], strict=True)) / 2


def _centre(ring: Ring) -> Point:
    area, x, y = 0.0, 0.0, 0.0
    left, top = ring[0]  # measured from the ring itself: a small area far from zero loses its digits
    for (x0, y0), (x1, y1) in zip(ring, ring[1:] + ring[:1], strict=True):
        cross = (x0 - left) * (y1 - top) - (x1 - left) * (y0 - top)
        area += cross
        x += (x0 + x1 - 2 * left) * cross
        y += (y0 + y1 - 2 * top) * cross
    return left + x / (3 * area), top + y / (3 * area)


def _path(rings: Sequence[Ring]) -> str:
    """The rings as relative lines in tenths of a unit; steps are taken between rounded points, so that none drifts."""
    parts = []
    for ring in rings:
        tenths = [(round(x * 10), round(y * 10)) for x, y in ring]
        steps = [(x1 - x0, y1 - y0) for (x0, y0), (x1, y1) in itertools.pairwise(tenths)]
        line = " ".join(f"{_tenth(x)},{_tenth(y)}" for x, y in steps[:-1] if x or y)
        parts.append(f"M{_tenth(tenths[0][0])},{_tenth(tenths[0][1])}l{line}z")
    return "".join(parts)


def _tenth(value: int) -> str:
    """`12.3`, `-.5`, `4`."""
    sign, (whole, rest) = "-" if value < 0 else "", divmod(abs(value), 10)
    return f"{sign}{whole if whole or not rest else ''}{f'.{rest}' if rest else ''}"
