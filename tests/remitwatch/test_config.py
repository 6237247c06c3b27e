"""Settings: option > environment > file > default; every fault names where it stands and what was expected."""

from pathlib import Path

import pytest

from remitwatch.config import describe, load
from remitwatch.errors import InputError

KNOWN = frozenset({"ecb", "wise_comparisons"})


def _file(folder: Path, text: str) -> Path:
    path = folder / "remitwatch.toml"
    path.write_text(text, "utf-8")
    return path


def test_option_beats_environment_beats_file_beats_default(tmp_path: Path) -> None:
    file = _file(tmp_path, 'contact = "file@example.org"\ndatabase_url = "sqlite:///file"\n[collect]\nretries = 1\n')
    environment = {"REMITWATCH_CONTACT": "env@example.org", "REMITWATCH_DATABASE_URL": "sqlite:///env"}
    loaded = load(file, environment, {"database_url": "sqlite:///option"}, KNOWN)
    assert loaded.settings.contact == "env@example.org"
    assert loaded.settings.database_url is not None
    assert loaded.settings.database_url.get_secret_value() == "sqlite:///option"
    assert loaded.settings.collect.retries == 1
    assert loaded.settings.collect.deadline_seconds == 20
    origins = {row["setting"]: row["origin"] for row in describe(loaded)}
    assert origins["contact"] == "environment REMITWATCH_CONTACT"
    assert origins["database_url"] == "option --database-url"
    assert origins["collect.retries"] == str(file)
    assert origins["collect.deadline_seconds"] == "default"


def test_a_base_url_is_set_by_the_environment() -> None:
    name = "REMITWATCH_SOURCES__WISE_COMPARISONS__BASE_URL"
    loaded = load(None, {name: "http://127.0.0.1:8080"}, {}, KNOWN)
    assert loaded.settings.source("wise_comparisons").base_url == "http://127.0.0.1:8080"
    assert loaded.settings.source("ecb").base_url is None


def test_secrets_are_masked() -> None:
    environment = {"REMITWATCH_SOURCES__ECB__TOKEN": "canary", "REMITWATCH_DATABASE_URL": "postgresql://u:canary@h/d"}
    rows = describe(load(None, environment, {}, KNOWN))
    assert "canary" not in str(rows)
    assert {"setting": "sources.ecb.token", "value": "********"}.items() <= next(
        row for row in rows if row["setting"] == "sources.ecb.token"
    ).items()


def test_corridors_from_the_environment_are_checked() -> None:
    loaded = load(None, {"REMITWATCH_COLLECT__CORRIDORS": "gbr-ind, USA-MEX"}, {}, KNOWN)
    assert loaded.settings.collect.corridors == ("GBR-IND", "USA-MEX")


@pytest.mark.parametrize(
    ("text", "environment", "message"),
    [
        ("contcat = 'a@b.c'\n", {}, "remitwatch.toml: contcat: unknown setting"),
        ("", {"REMITWATCH_CONTCAT": "a@b.c"}, "environment REMITWATCH_CONTCAT: contcat: unknown setting"),
        ("[sources.wose]\npause = 1\n", {}, "unknown source 'wose': expected one of ecb, wise_comparisons"),
        ("contact = 'somebody'\n", {}, "contact: expected an e-mail address or a URL"),
        ("contact = \n", {}, "not readable as TOML"),
        ("[sources.ecb]\npause = -1\n", {}, "sources.ecb.pause: Input should be greater than or equal to 0, got -1"),
        ("[sources.ecb]\nbase_url = 'ftp://x'\n", {}, "expected an address that starts with http:// or https://"),
        (
            "[sources.ecb]\nbase_url = 'https://api.nala-api.com/'\n",
            {},
            "base_url: expected another host: this one is on",
        ),
        (
            "[sources.ecb]\ndaily_budget = 0\n",
            {},
            "sources.ecb.daily_budget: Input should be greater than or equal to 1",
        ),
        ("[collect]\ncorridors = ['GBR-XXX']\n", {}, "unknown country 'XXX'"),
        ("[schedule]\npublish_at = '25:00'\n", {}, "schedule.publish_at"),
        (
            "[publish]\nbriefs = ['KEN', 'all']\n",
            {},
            "publish.briefs: expected none, overview, all, or countries such as",
        ),
        ("collect = 3\n", {}, "collect"),
        ("[sources.ecb]\nbase_url = 'https://me:canary@x.org'\n", {}, "without a user name and password"),
        ("[sources.ecb]\ntoken = ['canary']\n", {}, "sources.ecb.token"),
        ("[sources]\necb = 'canary'\n", {}, "sources.ecb"),
    ],
)
def test_bad_settings_name_place_key_and_expectation(
    tmp_path: Path, text: str, environment: dict[str, str], message: str
) -> None:
    with pytest.raises(InputError) as caught:
        load(_file(tmp_path, text), environment, {}, KNOWN)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "briefs"),
    [("none", ()), ("overview", ("overview",)), ("all", ("all",)), ("KEN, UGA", ("KEN", "UGA"))],
)
def test_briefs_are_none_the_overviews_all_or_those_of_countries(given: str, briefs: tuple[str, ...]) -> None:
    assert load(None, {"REMITWATCH_PUBLISH__BRIEFS": given}, {}, KNOWN).settings.publish.briefs == briefs
    assert load(None, {}, {}, KNOWN).settings.publish.briefs == ()


def test_the_shipped_file_is_valid_and_changes_nothing(tmp_path: Path) -> None:
    from remitwatch.config import TEMPLATE

    assert load(_file(tmp_path, TEMPLATE), {}, {}, KNOWN).settings == load(None, {}, {}, KNOWN).settings
