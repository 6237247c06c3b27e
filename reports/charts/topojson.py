"""Polygons from a TopoJSON topology: its arcs are whole-number steps, shared by the countries on both sides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Point = tuple[float, float]
Ring = list[Point]
"""Degrees east and north; the last point is the first one again."""


@dataclass(frozen=True)
class Feature:
    """One country of a topology: its id (ISO 3166-1 numeric, None where it has none), name and polygons.

    A polygon is its outer ring followed by its holes.
    """

    id: str | None
    name: str
    polygons: tuple[tuple[Ring, ...], ...]


def features(topology: Mapping[str, Any], name: str) -> Iterator[Feature]:
    """The features of the collection `name`. Raises ValueError for a geometry that is no polygon."""
    arcs = _arcs(topology)
    for geometry in topology["objects"][name]["geometries"]:
        if geometry["type"] not in ("Polygon", "MultiPolygon"):
            raise ValueError(f"geometry {geometry['type']!r}: expected Polygon or MultiPolygon")
        parts = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]
        yield Feature(
            id=geometry.get("id"),
            name=geometry["properties"]["name"],
            polygons=tuple(tuple(_ring(arcs, places) for places in part) for part in parts),
        )


def _arcs(topology: Mapping[str, Any]) -> list[Ring]:
    (width, height), (left, bottom) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for steps in topology["arcs"]:
        x = y = 0
        points = []
        for right, up in steps:
            x, y = x + right, y + up
            points.append((x * width + left, y * height + bottom))
        arcs.append(points)
    return arcs


def _ring(arcs: Sequence[Ring], places: Sequence[int]) -> Ring:
    """Arcs laid end to end: each starts where the one before ended; `~place` is the arc walked backwards."""
    ring: Ring = []
    for place in places:
        arc = arcs[place] if place >= 0 else arcs[~place][::-1]
        ring.extend(arc[1:] if ring else arc)
    return ring
