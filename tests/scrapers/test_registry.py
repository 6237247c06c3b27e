"""Sources are found by their files: a .toml and a .py of one name."""

from __future__ import annotations

from pathlib import Path

import pytest

from remitwatch.errors import InputError
from scrapers import registry
from scrapers.base import Scraper

TOML = """
key = "{key}"
name = "A made-up source"
kind = "{kind}"
home = "https://acme.test"
method = "api"
hosts = ["api.acme.test"]
evidence = "documented"

[terms]
owner = "Acme"
licence = "none"
attribution = "Acme"
terms_url = "https://acme.test/terms"
checked_on = 2026-10-01
verdict = "open"
redistribution = "derived"

[expect]
min_quotes = 1
"""

PY = """
from scrapers.base import Scraper

class Acme(Scraper):
    def parse(self, response):
        yield response.inquiry.not_offered("closed")
"""


def write(folder: Path, key: str = "acme", kind: str = "quotes", py: str | None = PY, toml: str = TOML) -> Path:
    place = folder / kind
    place.mkdir(parents=True, exist_ok=True)
    text = toml.replace("{key}", key).replace("{kind}", kind)
    (place / f"{key}.toml").write_text(text.replace("checked_on", "robots_checked_on = 2026-10-01\nchecked_on", 1))
    if py is not None:
        (place / f"{key}.py").write_text(py)
    return folder


def test_every_shipped_source_can_be_made() -> None:
    known = registry.definitions()
    assert list(known) == sorted(known)
    assert {"ecb", "wise_comparisons", "transfergo"} <= set(known)
    for key, definition in known.items():
        scraper = registry.scraper(key)
        assert isinstance(scraper, Scraper)
        assert scraper.definition == definition


def test_a_new_source_is_two_files(tmp_path: Path) -> None:
    write(tmp_path)
    assert registry.definitions([tmp_path])["acme"].hosts == ("api.acme.test",)
    assert "acme" not in registry.definitions()
    assert type(registry.scraper("acme", [tmp_path])).__name__ == "Acme"


def test_an_unknown_source_names_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"unknown source 'ebc': expected one of .*\becb\b"):
        registry.scraper("ebc")


@pytest.mark.parametrize("key", ["../ecb", "", "ecb.toml", "rates/ecb"])
def test_a_key_is_no_path(key: str) -> None:
    with pytest.raises(InputError, match="unknown source"):
        registry.scraper(key)


@pytest.mark.parametrize(
    ("py", "why"),
    [
        (None, r"quotes/acme\.py: missing"),
        ("", "expected exactly one Scraper class, found none"),
        (PY + PY.replace("Acme", "Other"), "found Acme, Other"),
        ("from scrapers.base import Scraper\n", "found none"),
    ],
)
def test_a_module_holds_exactly_one_scraper(tmp_path: Path, py: str | None, why: str) -> None:
    write(tmp_path, py=py)
    with pytest.raises(InputError, match=why):
        registry.scraper("acme", [tmp_path])


def test_a_base_class_of_ones_own_does_not_count(tmp_path: Path) -> None:
    write(tmp_path, py=PY.replace("class Acme(Scraper)", "class Base(Scraper):\n    pass\n\nclass Acme(Base)"))
    assert type(registry.scraper("acme", [tmp_path])).__name__ == "Acme"


def test_a_scraper_of_another_module_does_not_count(tmp_path: Path) -> None:
    write(tmp_path, py=PY + "from scrapers import registry\nShipped = type(registry.scraper('ecb'))\n")
    assert type(registry.scraper("acme", [tmp_path])).__name__ == "Acme"


def test_a_broken_module_can_be_mended(tmp_path: Path) -> None:
    write(tmp_path, py="raise RuntimeError('broken')")
    with pytest.raises(RuntimeError, match="broken"):
        registry.scraper("acme", [tmp_path])
    write(tmp_path)
    assert type(registry.scraper("acme", [tmp_path])).__name__ == "Acme"


def test_one_key_in_two_places_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "a")
    write(tmp_path / "b", kind="rates")
    with pytest.raises(InputError, match="'acme' is defined twice"):
        registry.definitions([tmp_path / "a", tmp_path / "b"])


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('key = "{key}"', 'key = "other"', "must be the names of the file and its folder"),
        ("min_quotes = 1", "min_quotes = 0", "min_quotes"),
        ('home = "https://acme.test"', "", "home"),
        ('verdict = "open"', 'verdict = "maybe"', "verdict"),
        ("[expect]", "[expect", "TOML"),
        (
            '"api.acme.test"',
            '"API.Remitly.io:443"',
            "hosts: API.Remitly.io:443 is on the list .* refuses after one or two",
        ),
    ],
)
def test_a_wrong_definition_says_where(tmp_path: Path, old: str, new: str, why: str) -> None:
    write(tmp_path, toml=TOML.replace(old, new))
    with pytest.raises(InputError, match=rf"acme\.toml.*{why}"):
        registry.definitions([tmp_path])
