"""The JSON API: every file is as its description says, every value is exact text, and nothing in it is live or owed."""

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from remitwatch.figures import rounded
from remitwatch.indicators import CODES
from reports.exports import ExportInput
from reports.exports.api import api_files
from reports.exports.openapi import INDICATORS, schema_of
from reports.inputs import EditionInput
from reports.site import make_site
from tests.reports.made_up import CORRIDORS, edition

PLACES = {"countries": "{country}", "corridors": "{corridor}"}


def made(data: EditionInput) -> dict[str, bytes]:
    """The files of an edition."""
    return api_files(ExportInput.of_edition(make_site(data)))


@pytest.fixture(scope="module")
def data() -> EditionInput:
    return edition()


@pytest.fixture(scope="module")
def files(data: EditionInput) -> dict[str, bytes]:
    return made(data)


@pytest.fixture(scope="module")
def documents(files: dict[str, bytes]) -> dict[str, Any]:
    return {path.removeprefix("v1/"): json.loads(body, parse_float=pytest.fail) for path, body in files.items()}


def walk(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a document."""
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from walk(part)


def test_the_files_are_those_of_the_index(documents: dict[str, Any]) -> None:
    index = documents["index.json"]
    assert index["corridors"] == sorted(CORRIDORS)
    assert index["countries"] == sorted({code for key in CORRIDORS for code in key.split("-")})
    named = {one["path"] for one in index["files"]}
    expected = {path for path in named if "{" not in path}
    expected |= {f"countries/{code}.json" for code in index["countries"]}
    expected |= {f"corridors/{key}.json" for key in index["corridors"]}
    assert set(documents) == expected
    assert {"countries/{country}.json", "corridors/{corridor}.json"} <= named


def test_the_description_is_valid_openapi_and_every_file_fits_it(documents: dict[str, Any]) -> None:
    description = documents["openapi.json"]
    validate(description)
    assert description["openapi"].startswith("3.1")
    schemas = {"components": description["components"]}
    seen = set()
    for path, document in documents.items():
        folder, _, name = path.rpartition("/")
        kind = f"{folder}/{PLACES[folder]}.json" if folder else name
        schema = schema_of(kind)
        operation = description["paths"][f"/{kind}"]["get"]
        answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
        assert answer == {"$ref": f"#/components/schemas/{schema}"}
        assert ("404" in operation["responses"]) is bool(folder)
        errors = list(Draft202012Validator(answer | schemas).iter_errors(document))
        assert not errors, (path, errors[0].json_path, errors[0].message)
        seen.add(schema)
    assert seen == {schema_of(path.removeprefix("/")) for path in description["paths"]}
    broken = documents["corridors/GBR-IND.json"] | {"surplus": 1}
    one = {"$ref": "#/components/schemas/Corridor"}
    (error,) = Draft202012Validator(one | schemas).iter_errors(broken)
    assert "surplus" in error.message


def test_every_indicator_is_explained() -> None:
    assert tuple(INDICATORS) == CODES


def test_a_corridors_figures_are_the_editions(data: EditionInput, documents: dict[str, Any]) -> None:
    document = documents["corridors/GBR-IND.json"]
    assert [one["basis"] for one in document["bases"]] == ["survey", "standard", "estimate"]
    basis, given = document["bases"][0], data.bases[0]
    frame = given.indicators
    of = (frame["sender"] == "GBR") & (frame["receiver"] == "IND") & frame["breakdown"].isna()
    rows = [row for row in basis["figures"] if row["breakdown"] is None]
    assert [(row["indicator"], row["amount"], row["value"], row["services"], row["id"]) for row in rows] == [
        (row.indicator, row.amount, f"{rounded(row.value):f}", row.services, row.id) for row in frame[of].itertuples()
    ]
    past = given.history
    of = (past["sender"] == "GBR") & (past["receiver"] == "IND") & (past["indicator"] == "smart")
    held = {row.period: f"{rounded(row.value):f}" for row in past[of].itertuples()}
    assert {row["period"]: row["smart"] for row in basis["history"]} == held
    assert [row["period"] for row in basis["history"]] == sorted(held)
    ranks = sorted(row["smart_rank"] for row in basis["services"] if row["smart_rank"])
    assert ranks == [1, 2, 3]
    best = [Decimal(row["total_cost_pct"]) for row in basis["services"] if row["smart_rank"]]
    (smart,) = (row for row in rows if row["indicator"] == "smart" and row["amount"] == 200)
    assert abs(sum(best) / 3 - Decimal(smart["value"])) < Decimal("0.0001")
    assert [row["period"] for row in document["official"]] == sorted(row["period"] for row in document["official"])
    assert {row["series"] for row in document["official"]} == {"ATCR.CORR"}


def test_a_country_is_seen_from_both_ends(documents: dict[str, Any]) -> None:
    kenya = documents["countries/KEN.json"]
    assert (kenya["name"], kenya["area"], kenya["currency"]) == ("Kenya", "404", "KES")
    basis = kenya["bases"][0]
    assert [one["corridor"] for one in basis["sending"]["corridors"]] == ["KEN-UGA"]
    assert [one["corridor"] for one in basis["receiving"]["corridors"]] == ["TZA-KEN"]
    line = next(one for one in documents["countries.json"]["countries"] if one["code"] == "KEN")
    for direction in ("sending", "receiving"):
        shown = next(row for row in basis[direction]["figures"] if row["amount"] == 200)
        assert line[direction][0]["value"] == shown["value"]
        assert line[direction][0]["id"] == shown["id"]
        assert basis[direction]["history"]


def test_no_value_is_never_silent(documents: dict[str, Any]) -> None:
    missing = 0
    for path, document in documents.items():
        if path == "openapi.json":
            continue
        for one in walk(document):
            for column, flags in (("value", "flags"), ("average_total_cost", "flags"), ("smart", "smart_flags")):
                if column in one and flags in one and one[column] is None:
                    assert one[flags], (path, one)
                    missing += 1
            if "total_cost_pct" in one and one["total_cost_pct"] is None:
                assert {"undisclosed", "no_reference_rate"} & set(one["flags"]), (path, one)
                missing += 1
            if "quote_id" in one and one["fee"] is None:
                assert "terms_allow_percentages_only" in one["flags"], (path, one)
    assert missing


def test_the_terms_of_sources_bind(data: EditionInput, documents: dict[str, Any]) -> None:
    listed = [one for document in documents.values() for one in walk(document) if "quote_id" in one]
    derived = [one for one in listed if one["source"] == "wise_comparisons"]
    assert derived
    for one in derived:
        assert [one[name] for name in ("fee", "rate", "receive_amount")] == [None] * 3
        assert len(one["total_cost_pct"].partition(".")[2]) == 2
    assert any(one["fee"] for one in listed if one["source"] == "transfergo")
    assert documents["corridors/USA-MEX.json"]["bases"][1]["private_services"] == 1
    hidden = data.bases[1].services.assign(source="checks_only")
    changed = replace(data, bases=(data.bases[0], replace(data.bases[1], services=hidden)))
    corridor = json.loads(made(changed)["v1/corridors/GBR-IND.json"])
    assert corridor["bases"][1]["services"] == []
    assert corridor["bases"][0]["services"]


def test_names_of_others_are_text_and_nothing_else(files: dict[str, bytes], documents: dict[str, Any]) -> None:
    for path, body in files.items():
        assert not set(b"<>&") & set(body), path
        text = body.decode()
        assert not {"\x00", "\u202e", "\u202c", "\ud800"} & set(text), path
        assert text.endswith("}\n")
        assert text.count("\n") == 1
    names = {one["provider_name"] for one in documents["corridors/GBR-NGA.json"]["bases"][0]["services"]}
    assert "<script>alert(1)</script>" in names
    assert '=HYPERLINK("http://evil.example","x")' in names
    assert max(map(len, names)) <= 80
    assert "<script>alert(1)</script>" in {one["name"] for one in documents["providers.json"]["providers"]}


def test_sandbox_data_is_marked_in_every_file(documents: dict[str, Any]) -> None:
    for path, document in documents.items():
        if path == "openapi.json":
            assert document["info"]["summary"].startswith("Sandbox data, not real prices")
        else:
            assert document["data"] == "sandbox data, not real prices", path
            assert list(document)[:4] == ["data", "edition", "as_of", "method"]
    real = made(edition(world="real", bases=("survey",), corridors=("GBR-IND",)))
    assert {json.loads(body).get("data") for body in real.values()} == {"real", None}


def test_an_edition_of_some_corridors_has_files_for_them_only(data: EditionInput) -> None:
    some = made(replace(data, corridors=("KEN-UGA", "TZA-KEN")))
    assert {path for path in some if path.count("/") == 2} == {
        *(f"v1/corridors/{key}.json" for key in ("KEN-UGA", "TZA-KEN")),
        *(f"v1/countries/{code}.json" for code in ("KEN", "TZA", "UGA")),
    }
    assert [one["corridor"] for one in json.loads(some["v1/corridors.json"])["corridors"]] == ["KEN-UGA", "TZA-KEN"]


def test_the_same_data_gives_the_same_bytes(files: dict[str, bytes]) -> None:
    assert made(edition()) == files
