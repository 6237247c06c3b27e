"""The version of the method, and the options that no official text settles.

An option left at its default keeps the bare version; one that is changed is recorded in it (`1+one_per_provider`), so a
figure always says how it was made.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields

METHOD = "1"
"""The version of the arithmetic in costs.py and indicators/. It rises when a figure of the same data would change."""


@dataclass(frozen=True)
class Options:
    """The named options of the method.

    `one_per_provider`: a firm fills at most one of SmaRT's three slots. Default: it may fill several.
    `world_smart_assessable_only`: the world SmaRT is the mean over corridors with three qualifying services only.
    Default: over every corridor that has a SmaRT.
    `within_day_same_day_only`: "within one day" leaves out services that say "next day". Default: they are within one
    business day.
    `needs_wide_coverage`: SmaRT needs a pick-up network stated as high, medium, nationwide or in the major cities.
    Default: every service is taken as accessible.
    """

    one_per_provider: bool = False
    world_smart_assessable_only: bool = False
    within_day_same_day_only: bool = False
    needs_wide_coverage: bool = False

    @property
    def method(self) -> str:
        """The method version with the options that are switched on: `1`, `1+one_per_provider`."""
        return "+".join([METHOD, *(field.name for field in fields(self) if getattr(self, field.name))])


DEFAULT_OPTIONS = Options()
_FLOWS = re.compile(r"flows_(?P<series>[a-z0-9_]+)_(?P<year>\d{4})", re.ASCII)


def with_flows(method: str, series: str, year: int) -> str:
    """The method of a figure weighted by flows: it names them (`1+flows_bilateral_matrix_2017`)."""
    return f"{method}+flows_{series}_{year}"


def flows_of(method: str) -> tuple[str, int] | None:
    """Series and year of the flows that a method names, None when it names none."""
    found = [match for part in method.split("+")[1:] if (match := _FLOWS.fullmatch(part))]
    return (found[0]["series"], int(found[0]["year"])) if found else None


def options_of(method: str) -> Options:
    """The options recorded in a method version. Raises ValueError for a version that this program does not compute."""
    version, *parts = method.split("+")
    names = [part for part in parts if not _FLOWS.fullmatch(part)]  # not an option: data that the figure rests on
    known = {field.name for field in fields(Options)}
    if version != METHOD or not set(names) <= known:
        raise ValueError(
            f"method {method!r}: this program computes version {METHOD} with options {', '.join(sorted(known))}"
        )
    return Options(**dict.fromkeys(names, True))
