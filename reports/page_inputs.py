"""The digests of what pages are made from, so that a page whose figures did not change is not made again.

A digest must hold everything that its page shows. What is not said here must not be shown by the page: a page that
comes to show more says it here, too; `tests/reports/test_parts.py` compares pages taken over with pages made anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from reports import numbers
from reports.inputs import SourceLine
from reports.parts import digest_of
from reports.site import BasisView, Site

_OF_EDITION = ("as_of", "id")
"""Columns of figures that say when they were computed: no page shows them."""


class CorridorInputs:
    """The digests of the corridor pages of an edition."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._rows = [_rows_of_view(view) for view in site.views]
        self._official = _by_corridor(site.data.benchmarks)

    def digest(self, view: BasisView, key: str) -> str:
        """Of the page of a corridor on one basis: its rows on every basis (they are shown beside each other), the
        official series, its sources, and the days that ages are counted from."""
        site = self._site
        reference = site.data.as_of.date()
        if numbers.period_kind(view.data.period) != "latest":
            reference = min(reference, numbers.period_days(view.data.period)[1])
        figure_files = sorted(path for path in site.figure_files if path.startswith(f"figures/{key}-"))
        bases = [
            (other.basis, other.data.period, key in other.paged, rows.get(key))
            for other, rows in zip(site.views, self._rows, strict=True)
        ]
        return digest_of(
            view.basis, view.data.previous_period, sorted(view.parts.items()), view.private.get(key, 0), reference,
            bases, self._official.get(key), self._sources(view, key), figure_files, site.data.world, site.data.method,
            site.data.languages,
        )  # fmt: skip

    def _sources(self, view: BasisView, key: str) -> list[Any]:
        offers = [*view.offers.get(key, ()), *view.promotions.get(key, ())]
        used = {offer.source for offer in offers}
        return [_source(line) for line in self._site.data.sources if line.key in used]


def _source(line: SourceLine) -> tuple[Any, ...]:
    """What pages say of a source; its age only where it is late."""
    late = line.state != "ok"
    return (line.key, line.name, line.attribution, line.licence, line.terms_url, line.redistribution, line.state,
            (line.age_days, line.note, line.last_ok) if late else None)  # fmt: skip


def _rows_of_view(view: BasisView) -> dict[str, str]:
    """By corridor the digest of its rows of figures, past figures, services and promotions."""
    data = view.data
    found: dict[str, str] = {}
    for frame in (data.indicators, data.history, data.services, data.promotions):
        for key, digest in _by_corridor(frame).items():
            found[key] = found.get(key, "") + digest
    return found


def _by_corridor(frame: pd.DataFrame) -> dict[str, str]:
    """By corridor the digest of its rows, in their order."""
    if "scope" in frame:
        frame = frame[frame["scope"] == "corridor"]
    if not len(frame):
        return {}
    corridor = frame["sender"].astype(str) + "-" + frame["receiver"].astype(str)
    codes, names = pd.factorize(corridor)
    rows = _row_hashes(frame.drop(columns=[name for name in _OF_EDITION if name in frame]))
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=len(names)))
    ordered, start, found = rows[order], 0, {}
    for name, end in zip(names, ends.tolist(), strict=True):
        found[str(name)] = hashlib.sha256(ordered[start:end].tobytes()).hexdigest()[:32]
        start = end
    return found


def _row_hashes(frame: pd.DataFrame) -> NDArray[np.uint64]:
    """A 64-bit hash of each row: of its cells' hashes, each turned by the place of its column."""
    total = np.zeros(len(frame), dtype=np.uint64)
    for name in frame.columns:
        total = total * np.uint64(1_000_003) ^ _cell_hashes(frame[name])
    return total


def _cell_hashes(column: pd.Series) -> NDArray[np.uint64]:
    """A hash of each cell: few distinct ones are hashed once."""
    codes, values = pd.factorize(column, use_na_sentinel=False)
    texts = np.array([ascii(value) for value in values], dtype=object)
    found: NDArray[np.uint64] = pd.util.hash_array(texts, categorize=False)[codes]
    return found


def of_rows(frames: Sequence[pd.DataFrame]) -> str:
    """The digest of whole frames, row by row; when their figures were computed apart."""
    sha = hashlib.sha256()
    for frame in frames:
        sha.update(repr((tuple(frame.columns), len(frame))).encode())
        sha.update(_row_hashes(frame.drop(columns=[name for name in _OF_EDITION if name in frame])).tobytes())
    return sha.hexdigest()[:32]
