"""Pages are taken over from the edition before where nothing they show has changed, and are the same as made anew."""

import dataclasses
import datetime as dt
import hashlib
import json
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import html

from reports import registry
from reports.edition import build
from reports.parts import Before
from tests.reports.made_up import AS_OF, edition

CORRIDORS = ("GBR-IND", "USA-MEX", "ESP-COL")


@pytest.fixture(scope="module", autouse=True)
def _no_figures():
    """Publication figures have tests of their own, and take long."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("reports.figures.draw_figures", lambda site: {})
        yield


@pytest.fixture(scope="module")
def data():
    return edition(corridors=CORRIDORS, bases=("survey", "standard"))


@pytest.fixture(scope="module")
def first(data, tmp_path_factory):
    return build(data, tmp_path_factory.mktemp("editions") / "2026-Q3-1")


@pytest.fixture
def rendered(monkeypatch):
    """The corridor pages that are rendered, by basis and corridor."""
    seen = []
    real = registry.render_corridor

    def render(site, view, key):
        seen.append((view.basis, key))
        return real(site, view, key)

    monkeypatch.setattr(registry, "render_corridor", render)
    return seen


def _tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _same_but_for_the_time(one: Path, other: Path) -> None:
    ours, theirs = _tree(one), _tree(other)
    manifests = [json.loads(tree.pop("manifest.json")) for tree in (ours, theirs)]
    assert ours == theirs
    assert manifests[0].pop("made_at") != manifests[1].pop("made_at")
    assert manifests[0] == manifests[1]


def _later(data, number=2, hours=3, **changes):
    return dataclasses.replace(data, number=number, made_at=data.made_at + dt.timedelta(hours=hours), **changes)


def test_an_edition_with_pages_taken_over_is_the_one_made_anew_elsewhere(data, first, rendered, tmp_path):
    as_of = AS_OF + dt.timedelta(hours=1)
    taken = build(_later(data, as_of=as_of), tmp_path / "here" / "2026-Q3-2", first)
    assert rendered == []
    anew = build(_later(data, hours=5, as_of=as_of), tmp_path / "elsewhere" / "2026-Q3-2")
    assert len(rendered) == 6
    _same_but_for_the_time(taken, anew)
    assert "2026-Q3-1" not in (taken / "corridors" / "GBR-IND.html").read_text("utf-8")


def test_only_the_pages_of_a_corridor_that_changed_are_made_anew(data, first, rendered, tmp_path):
    standard = data.bases[1]
    services = standard.services.copy()
    row = services.index[services["corridor"] == "USA-MEX"][0]
    services.loc[row, "provider_name"] = "Renamed"
    changed = _later(data, bases=(data.bases[0], dataclasses.replace(standard, services=services)))
    taken = build(changed, tmp_path / "2026-Q3-2", first)
    # a page stands beside its neighbours of the same basis; on the others its figures are the same
    assert sorted(rendered) == [("standard", key) for key in sorted(CORRIDORS)]
    anew = build(dataclasses.replace(changed, made_at=AS_OF), tmp_path / "anew" / "2026-Q3-2")
    _same_but_for_the_time(taken, anew)


def test_a_page_says_what_its_corridor_costs_on_another_basis(data, first, rendered, tmp_path):
    standard = data.bases[1]
    indicators = standard.indicators.copy()
    row = indicators.index[
        (indicators["scope"] == "corridor") & (indicators["receiver"] == "MEX") & (indicators["amount"] == 200)
        & (indicators["indicator"] == "average_total_cost") & indicators["breakdown"].isna()
    ][0]  # fmt: skip
    indicators.at[row, "value"] += 2
    changed = _later(data, bases=(data.bases[0], dataclasses.replace(standard, indicators=indicators)))
    taken = build(changed, tmp_path / "2026-Q3-2", first)
    assert sorted(rendered) == [*(("standard", key) for key in sorted(CORRIDORS)), ("survey", "USA-MEX")]
    anew = build(dataclasses.replace(changed, made_at=AS_OF), tmp_path / "anew" / "2026-Q3-2")
    _same_but_for_the_time(taken, anew)


def test_a_national_target_is_told_on_the_pages_of_its_country(data, first, tmp_path):
    target = {
        "code": "own", "owner": "Ministry", "name": "Four per cent", "indicator": "average_total_cost",
        "scope": "receiver", "receiver": "IND", "subject": "IND", "basis": None, "operator": "le",
        "target": Decimal(4), "deadline": 2030, "value": None, "status": "not_assessable", "national": True,
    }  # fmt: skip
    changed = _later(data, targets=[*data.targets, target])
    taken = build(changed, tmp_path / "2026-Q3-2", first)
    assert (taken / "countries" / "IND.html").read_bytes() != (first / "countries" / "IND.html").read_bytes()
    anew = build(dataclasses.replace(changed, made_at=AS_OF), tmp_path / "anew" / "2026-Q3-2")
    _same_but_for_the_time(taken, anew)


def test_a_source_that_is_late_now_is_told_on_its_pages(data, first, rendered, tmp_path):
    late = tuple(
        dataclasses.replace(one, state="stale", age_days=9) if one.key == "transfergo" else one for one in data.sources
    )
    taken = build(_later(data, sources=late), tmp_path / "2026-Q3-2", first)
    assert {basis for basis, _ in rendered} == {"standard"}
    anew = build(dataclasses.replace(_later(data, sources=late), made_at=AS_OF), tmp_path / "anew" / "2026-Q3-2")
    _same_but_for_the_time(taken, anew)


def test_a_day_later_is_another_day_on_a_page_that_is_taken_over(data, first, rendered, tmp_path):
    """The survey's quarter is over: its pages say nothing of the day but that the figures are as of it."""
    next_day = _later(data, as_of=AS_OF + dt.timedelta(days=1))
    taken = build(next_day, tmp_path / "2026-Q3-2", first)
    assert {basis for basis, _ in rendered} <= {"standard"}
    page = (taken / "corridors" / "GBR-IND.html").read_text("utf-8")
    assert 'Figures as of <span data-as-of="">31 October 2026</span>' in page
    anew = build(dataclasses.replace(next_day, made_at=AS_OF), tmp_path / "anew" / "2026-Q3-2")
    _same_but_for_the_time(taken, anew)


@pytest.mark.parametrize("damage", ["body", "manifest", "gone", "no json"])
def test_a_damaged_page_or_manifest_is_made_anew(data, first, rendered, tmp_path, damage):
    import shutil

    copy = tmp_path / "old" / "2026-Q3-1"
    shutil.copytree(first, copy)
    page, manifest = copy / "corridors" / "GBR-IND.html", copy / "manifest.json"
    content = json.loads(manifest.read_text("utf-8"))
    if damage == "body":
        page.write_text(page.read_text("utf-8").replace("GBP", "GBX", 1), "utf-8")
    elif damage == "gone":
        page.unlink()
    elif damage == "manifest":
        content["files"]["corridors/GBR-IND.html"]["sha256"] = hashlib.sha256(b"").hexdigest()
        manifest.write_text(json.dumps(content), "utf-8")
    else:
        manifest.write_text("{", "utf-8")
    taken = build(_later(data), tmp_path / "new" / "2026-Q3-2", copy)
    assert ("survey", "GBR-IND") in rendered
    _same_but_for_the_time(taken, build(_later(data, hours=9), tmp_path / "anew" / "2026-Q3-2"))


def test_a_page_whose_text_holds_the_name_of_the_edition_is_never_taken_over(data, tmp_path, rendered):
    standard = data.bases[1]
    services = standard.services.copy()
    row = services.index[services["corridor"] == "USA-MEX"][0]
    services.loc[row, "provider_name"] = "Bank 2026-Q3-1 Ltd"
    named = dataclasses.replace(data, bases=(data.bases[0], dataclasses.replace(standard, services=services)))
    before = build(named, tmp_path / "old" / "2026-Q3-1")
    rendered.clear()
    taken = build(_later(named), tmp_path / "new" / "2026-Q3-2", before)
    assert ("standard", "USA-MEX") in rendered
    assert "Bank 2026-Q3-1 Ltd" in html.parse(taken / "corridors" / "USA-MEX.standard.html").getroot().text_content()
    _same_but_for_the_time(taken, build(_later(named, hours=9), tmp_path / "anew" / "2026-Q3-2"))


def test_every_file_that_may_be_taken_over_names_its_inputs(first):
    files = json.loads((first / "manifest.json").read_text("utf-8"))["files"]
    assert {path for path, entry in files.items() if "inputs" in entry} == {
        path for path in files if path.startswith(("corridors/", "countries/"))
    }
    assert Before(first)._label == b"2026-Q3-1"
