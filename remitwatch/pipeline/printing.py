"""Print briefs and publication figures of the figures in force into a folder of the reader's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from remitwatch.corridors import corridor_key
from remitwatch.countries import find_country
from remitwatch.errors import InputError, StorageError
from remitwatch.pipeline.gathering.edition import chosen_languages, gather
from remitwatch.pipeline.workspace import Workspace
from remitwatch.quotes import Basis
from reports.briefs import country_brief, overview_brief
from reports.figures import PRINT_DPI, draw_figures
from reports.language import speaking
from reports.pdf import why_not
from reports.site import BasisView, Site, brief_path, make_site


@dataclass(frozen=True)
class Asked:
    """What is printed: of which period, on which basis (None: the lead), in which languages (none: the first)."""

    period: str = "latest"
    basis: Basis | None = None
    languages: tuple[str, ...] = ()


def briefs(workspace: Workspace, countries: Sequence[str], asked: Asked, out: Path) -> list[Path]:
    """Write a brief of each country, or of the overview where none is named, in each language; the files written.

    Raises InputError where no PDF can be made here, a country has no figure, or a file is already there.
    """
    missing = why_not()
    if missing is not None:
        raise InputError(f"no PDF can be made: {missing}")
    codes = [find_country(code).code for code in countries]
    site, view = _site(workspace, asked)
    for code in codes:
        if code not in view.countries:
            raise InputError(f"{code}: no figure on the basis {view.basis} of {view.data.period}")
    base = workspace.settings.publish.base_url

    def made() -> dict[str, bytes]:
        if not codes:
            return {brief_path("overview"): overview_brief(site, view, base)}
        return {brief_path(code): country_brief(site, view, code, base) for code in codes}

    return _written(workspace, asked, out, made)


def figures(
    workspace: Workspace, corridors: Sequence[str], asked: Asked, out: Path, dpi: int = PRINT_DPI
) -> list[Path]:
    """Write the publication figures as SVG and PNG: of every basis, and of the corridors named on the lead basis.

    Raises InputError where a corridor has no figure, or a file is already there.
    """
    keys = [corridor_key(key) for key in corridors]
    site, view = _site(workspace, asked)
    for key in keys:
        if key not in view.paged:
            raise InputError(f"{key}: no figure on the basis {view.basis} of {view.data.period}")
    return _written(workspace, asked, out, lambda: draw_figures(site, dpi, keys))


def _site(workspace: Workspace, asked: Asked) -> tuple[Site, BasisView]:
    site = make_site(gather(workspace, asked.period).data)
    if asked.basis is None:
        return site, site.views[0]
    view = next((view for view in site.views if view.basis == asked.basis.value), None)
    if view is None:
        held = ", ".join(view.basis for view in site.views)
        raise InputError(f"--basis {asked.basis.value}: no figure of {asked.period} is in force on it; there is {held}")
    return site, view


def _written(workspace: Workspace, asked: Asked, out: Path, made: Callable[[], Mapping[str, bytes]]) -> list[Path]:
    languages = asked.languages or chosen_languages(workspace.settings.publish.languages)[:1]
    contents: dict[Path, bytes] = {}
    for code in chosen_languages(languages):
        with speaking(code):
            contents.update({out / path.rsplit("/", 1)[-1]: body for path, body in made().items()})
    for path in contents:
        if path.exists():
            raise InputError(f"{path}: it is already there; name another folder with --out, or move it away")
    try:
        out.mkdir(parents=True, exist_ok=True)
        for path, body in contents.items():
            path.write_bytes(body)
    except OSError as error:
        raise StorageError(f"{out}: cannot be written ({error})") from None
    return sorted(contents)
