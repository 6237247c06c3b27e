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
        self._whole = {view.basis: _of_view(view) for view in site.views}
        self._rows = {view.basis: _rows_of_view(view) for view in site.views}
        self._links = digest_of(
            [(view.basis, sorted(view.paged), sorted(view.countries)) for view in site.views],
            sorted((key, listed.path) for key, listed in site.providers.items()),
            str(site.data.about_countries.flows),
            of_rows((site.data.benchmarks, site.data.annual)),
        )
        self._held = sorted(line.key for line in site.data.sources if line.state == "held")

    def digest(self, view: BasisView, key: str) -> str:
        """Of the page of a corridor on one basis: everything of its basis (it stands beside its neighbours), of the
        survey, and its own rows on every other basis; what it links to; its sources; the days that ages count from."""
        site, data = self._site, view.data
        reference = today = site.data.as_of.date()
        if numbers.period_kind(data.period) != "latest":
            reference = min(reference, numbers.period_days(data.period)[1])
        bases = [
            (other.basis, other.data.period, key in other.paged,
             self._whole[other.basis] if other.basis in (view.basis, "survey") else self._rows[other.basis].get(key))
            for other in site.views
        ]  # fmt: skip
        return digest_of(
            view.basis, bases, self._links, self._sources(view, key), self._held, reference,
            today if data.days else None,
            sorted(path for path in site.figure_files if path.startswith(f"figures/{key}-")),
            site.data.world, site.data.method, site.data.languages, site.data.contact,
        )  # fmt: skip

    def _sources(self, view: BasisView, key: str) -> list[Any]:
        offers = [*view.offers.get(key, ()), *view.promotions.get(key, ())]
        used = {offer.source for offer in offers}.union(*(offer.reference_source.split("+") for offer in offers))
        return [_source(line) for line in self._site.data.sources if line.key in used]


def _source(line: SourceLine) -> tuple[Any, ...]:
    """What pages say of a source; its age only where it is late."""
    late = line.state != "ok"
    return (line.key, line.name, line.attribution, line.licence, line.terms_url, line.redistribution, line.state,
            (line.age_days, line.note, line.last_ok) if late else None)  # fmt: skip


def _of_view(view: BasisView) -> str:
    """The digest of everything that is given of a basis."""
    data = view.data
    log = [] if data.log is None else [data.log.rows]
    return digest_of(
        of_rows([data.indicators, data.history, data.services, data.promotions, data.moves, data.before, *log]),
        None if data.log is None else (data.log.first, data.log.last, sorted(data.log.left.items())),
        data.period, data.previous_period, data.coverage, sorted(data.private.items()), data.days,
    )  # fmt: skip


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
    rows = _row_hashes(_of_data(frame))
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=len(names)))
    ordered, start, found = rows[order], 0, {}
    for name, end in zip(names, ends.tolist(), strict=True):
        found[str(name)] = hashlib.sha256(ordered[start:end].tobytes()).hexdigest()[:32]
        start = end
    return found


def _of_data(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame without what says when its figures were computed."""
    return frame.drop(columns=list(_OF_EDITION)) if "as_of" in frame and "id" in frame else frame


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
        sha.update(_row_hashes(_of_data(frame)).tobytes())
    return sha.hexdigest()[:32]
