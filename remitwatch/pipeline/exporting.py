"""Export: gather the figures asked for and write them in a form that other tools read.

Every file is made before the first is written; a folder is built aside and moved to its place whole.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from remitwatch.countries import find_country
from remitwatch.errors import InputError
from remitwatch.indicators import Observations, periods_present
from remitwatch.periods import Period, PeriodKind, parse_period, parse_periods
from remitwatch.pipeline import laying_out
from remitwatch.pipeline.coverage import source_lines
from remitwatch.pipeline.gathering.annual import annual_figures
from remitwatch.pipeline.gathering.basis import basis_input
from remitwatch.pipeline.gathering.edition import LEAD, Nothing, assembled, runs_behind
from remitwatch.pipeline.gathering.held import Held
from remitwatch.pipeline.gathering.past import Past
from remitwatch.pipeline.looking import as_of_now, check_basis, flows_in_force, observations
from remitwatch.pipeline.workspace import Workspace
from remitwatch.quotes import Basis
from reports.exports import FORMATS, Export, ExportInput
from reports.exports.layout_rows import Layout
from reports.inputs import BasisInput
from reports.site import make_site, view_of

EVERYTHING = "all"


@dataclass(frozen=True)
class Exported:
    """What was written: the file or folder, the files in it with their sizes in bytes, and in sentences what the form
    left out."""

    path: Path
    files: Mapping[str, int]
    left_out: Sequence[str]


def export(
    workspace: Workspace,
    form: str,
    *,
    period: str | None = None,
    country: str | None = None,
    basis: str | None = None,
    out: Path | None = None,
) -> Exported:
    """Write one form of the figures. Without `period` every quarter present, and the newest day of collected prices.

    Raises InputError for an unknown form, period, country or basis, for a place that is taken, and when no figure is in
    force for what is asked.
    """
    chosen = FORMATS.get(form)
    if chosen is None:
        raise InputError(f"export {form!r}: expected one of {', '.join(FORMATS)}")
    _free(out)
    data = gather_export(workspace, period=period, country=country, basis=basis, layouts=chosen.layouts)
    name = "-".join(filter(None, ("remitwatch", form, data.country, data.label)))
    place = out or Path(f"{name}{chosen.suffix or ''}")
    _free(place)
    files = chosen.write(data)
    _write(place, chosen, files)
    return Exported(place, {path: len(body) for path, body in files.items()}, chosen.left_out(data))


def _free(place: Path | None) -> None:
    if place is not None and (place.exists() or place.is_symlink()):
        raise InputError(f"{place}: is already there: nothing is written over (name another place with --out)")


def gather_export(
    workspace: Workspace,
    *,
    period: str | None = None,
    country: str | None = None,
    basis: str | None = None,
    layouts: bool = False,
) -> ExportInput:
    """The figures asked for, gathered once. `period` may be a range; None is everything. `layouts`: also the rows of
    the survey's layout.

    Raises Nothing when no figure is in force for it, InputError for what is no period, country or basis.
    """
    check_basis(basis)
    code = None if country is None else find_country(country).code
    asked = None if period is None else parse_periods(period)
    as_of = as_of_now(workspace)
    flows = flows_in_force(workspace, as_of)
    held = observations(workspace, as_of, flows=flows)
    past = Past(workspace, as_of, flows)
    keeps, of_country = None if code is None else _about(code), _of_country(code)
    made: list[list[BasisInput]] = []
    for one in LEAD:
        if basis not in (None, one.value) or one not in held.bases(200):
            continue
        found: dict[str, BasisInput] = {}  # a survey gives one quarter for each of its days
        for span in reversed(asked or _everything(held, one)):
            for_span = Held(workspace, span, as_of, held, past, held)
            each = basis_input(for_span, one, keeps, with_history=not found)
            if each is not None and each.period not in found and len((each := of_country(each)).indicators):
                found[each.period] = each
                if layouts:  # the rows of the layout say the rest
                    break
        if found:
            made.append([found[key] for key in reversed(found)])
    if not made:
        raise Nothing("nothing to export: no figure is in force for what is asked (see `remitwatch runs list`)")
    label = EVERYTHING if period is None else _label(period, made)
    annual = _annual(past, made, code)
    newest = assembled(workspace, for_span, tuple(found[-1] for found in made), label, as_of, keeps, annual=annual)
    everything = tuple(each for found in made for each in found)
    sources, runs = source_lines(workspace, everything), runs_behind(workspace, everything)
    site = make_site(replace(newest, sources=sources, runs=runs))
    known = {(view.basis, view.data.period): view for view in site.views}
    views = tuple(known.get((each.basis, each.period)) or view_of(each, site.data) for each in everything)
    bases = [Basis(found[0].basis) for found in made]
    laid_out = _layouts(workspace, held, bases, asked, as_of, keeps) if layouts else ()
    return ExportInput(label, site, views, code, laid_out)


def _layouts(
    workspace: Workspace,
    held: Observations,
    bases: list[Basis],
    asked: tuple[Period, ...] | None,
    as_of: dt.datetime,
    keeps: Callable[[str], bool] | None,
) -> tuple[Layout, ...]:
    """The rows of the survey's layout; of everything or the latest prices those of quarters. Raises InputError for
    periods that are no quarters, and for no row."""
    wanted: dict[Basis, tuple[Period, ...]] = {}
    for basis in bases:
        quarters = periods_present(held, basis=basis, kind=PeriodKind.QUARTER)
        if asked is None:
            wanted[basis] = quarters
        else:
            wanted[basis] = quarters[-1:] if asked[0].kind is PeriodKind.LATEST else asked
    found = laying_out.layouts(workspace, held, wanted, as_of, keeps)
    if not found:
        raise Nothing("nothing to export: no price may be given away with its amounts (see `remitwatch sources list`)")
    return found


def _label(period: str, made: list[list[BasisInput]]) -> str:
    """What was asked for, fit for a file name."""
    spans = parse_periods(period)
    if spans[0].kind is PeriodKind.LATEST:
        return made[0][-1].period
    return spans[0].key if len(spans) == 1 else f"{spans[0].key}-{spans[-1].key}"


def _everything(held: Observations, basis: Basis) -> tuple[Period, ...]:
    """Every quarter with prices; of collected prices the newest day, too."""
    quarters = periods_present(held, basis=basis, kind=PeriodKind.QUARTER)
    return quarters if basis is Basis.SURVEY else (*quarters, parse_period("latest"))


def _annual(past: Past, made: list[list[BasisInput]], country: str | None) -> pd.DataFrame:
    """The annual figures of the years whose third quarter, or which themselves, were asked for."""
    found = annual_figures(past, [spans[-1] for spans in made])
    asked = {(each.basis, each.period) for spans in made for each in spans}
    kept = [
        (basis, period) in asked or (basis, period[:4]) in asked
        for basis, period in zip(found["basis"], found["period"], strict=True)
    ]
    found = found[np.array(kept, bool)]  # a list that is empty would take the columns away
    return found if country is None else found[(found["sender"] == country) | (found["receiver"] == country)]


def _about(country: str) -> Callable[[str], bool]:
    return lambda corridor: country in corridor.split("-")


def _of_country(country: str | None) -> Callable[[BasisInput], BasisInput]:
    """The input with only the figures that name the country as sender or receiver."""

    def kept(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[(frame["sender"] == country) | (frame["receiver"] == country)].reset_index(drop=True)

    def of_country(made: BasisInput) -> BasisInput:
        if country is None:
            return made
        return replace(made, indicators=kept(made.indicators), history=kept(made.history))

    return of_country


def _write(place: Path, form: Export, files: Mapping[str, bytes]) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    if form.suffix is not None:
        (body,) = files.values()
        with place.open("xb") as file:
            file.write(body)
        return
    aside = Path(tempfile.mkdtemp(prefix=".exporting-", dir=place.parent))
    try:
        for path, body in files.items():
            (aside / path).parent.mkdir(parents=True, exist_ok=True)
            (aside / path).write_bytes(body)
        aside.chmod(0o755)
        aside.rename(place)
    except BaseException:  # an interrupt too must not leave a half export behind; it is raised again
        shutil.rmtree(aside, ignore_errors=True)
        raise
