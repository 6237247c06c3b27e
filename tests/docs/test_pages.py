"""The documentation speaks of what there is: commands, options, settings, rules, files and links."""

import os
import re
import subprocess
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from remitwatch.alerts import rules
from remitwatch.config import PREFIX, Settings, load
from remitwatch.method import OPTIONS
from remitwatch.notify.routes import routes_of
from remitwatch.notify.sending import check
from scrapers import registry
from scrapers.quotes.quotes_csv import OPTIONAL, REQUIRED
from tests.docs.pages import PAGES, ROOT, blocks, commands, shell_texts, slug, wrong_with

page = pytest.mark.parametrize("page", PAGES, ids=lambda one: str(one.relative_to(ROOT)))


@page
def test_every_command_and_option_exists(page: Path) -> None:
    calls = [call for text in shell_texts(page) for call in commands(text)]
    wrong = {" ".join(call): fault for call in calls if (fault := wrong_with(call))}
    assert wrong == {}


def test_the_commands_of_the_documentation_are_found() -> None:
    """So that the test before does not pass because it sees nothing."""
    found = [call for one in PAGES for text in shell_texts(one) for call in commands(text)]
    assert len(found) > 150
    assert ["backup", "-"] in found
    assert ["--home", "/var/lib/remitwatch", "sources", "verify"] in found


def test_a_command_that_does_not_exist_would_be_found() -> None:
    assert [
        wrong_with(call) for call in commands("remitwatch sing; x | remitwatch status --loud && remitwatch health a")
    ] == [
        "remitwatch: no command 'sing'",
        "remitwatch status: no option --loud",
        "remitwatch health: 1 arguments, it takes 0",
    ]


@page
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", file.read_text("utf-8"), flags=re.MULTILINE)
            assert anchor in map(slug, headings), target


@page
def test_every_shell_block_is_readable_by_a_shell(page: Path) -> None:
    for block in blocks(page):
        if block.language == "sh":
            read = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True, check=False)
            assert (read.returncode, read.stderr) == (0, ""), f"line {block.line}"


def test_every_page_can_be_found_from_the_readme_and_from_the_index() -> None:
    for index, prefix in ((ROOT / "README.md", "docs/"), (ROOT / "docs" / "README.md", "")):
        text = index.read_text("utf-8")
        for one in (ROOT / "docs").glob("*.md"):
            assert one.name == "README.md" or f"]({prefix}{one.name})" in text, (index, one.name)


# -- settings ---------------------------------------------------------------------------------------------------------


def _known(model: type[BaseModel], path: str = "") -> set[str]:
    """The names of all settings, with `*` for a name that an operator chooses."""
    found = set()
    for name, field in model.model_fields.items():
        here = f"{path}{name}"
        found.add(here)
        kinds = [field.annotation, *get_args(field.annotation)]
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                star = "" if kind is field.annotation else ".*"
                found |= _known(kind, f"{here}{star}.")
    return found


KNOWN = _known(Settings)
SECTIONS = {
    name
    for name, field in Settings.model_fields.items()
    if any("." in one for one in KNOWN if one.startswith(name + "."))
}


def is_setting(name: str) -> bool:
    return any(re.fullmatch(one.replace(".", r"\.").replace("*", "[a-z0-9_]+"), name) for one in KNOWN)


@page
def test_every_setting_that_is_named_exists(page: Path) -> None:
    text = page.read_text("utf-8")
    named = {name.lower().replace("__", ".") for name in re.findall(rf"{PREFIX}([A-Z_]*[A-Z])\b", text)} - {"home"}
    for span in re.findall(r"`([^`\n]+)`", text):
        if match := re.match(r"\[([a-z_.]+)\] ([a-z_]+)\b", span):  # `[publish] base_url`
            named.add(f"{match[1]}.{match[2]}")
        elif re.fullmatch(r"[a-z_]+(\.[a-z_A-Z]+)+", span) and span.split(".")[0] in SECTIONS:
            named.add(span.replace("KEY", "key").replace("NAME", "name"))
    unknown = {name for name in named if not is_setting(name)}
    assert {name for name in unknown if not name.endswith((".toml", ".csv", ".md"))} == set()


@page
def test_every_settings_file_that_is_shown_is_accepted(page: Path, tmp_path: Path) -> None:
    for block in blocks(page):
        if block.language != "toml":
            continue
        assert block.text.startswith("# remitwatch.toml\n"), f"line {block.line}: which file?"
        file = tmp_path / "remitwatch.toml"
        file.write_text(block.text, "utf-8")
        loaded = load(file, {}, {}, frozenset(registry.definitions()))
        shown = rules.load(tmp_path / "alerts.toml", {
            key: change.model_dump(exclude_none=True) for key, change in loaded.settings.alerts.rules.items()
        })  # fmt: skip
        assert shown
        for route in routes_of(
            loaded.settings.alerts, audiences={"readers", "operators", "task_force"}, languages={"en", "fr"}
        ):
            check(route)


# -- tables that repeat what the code says ----------------------------------------------------------------------------


def test_the_page_of_the_method_names_every_option() -> None:
    text = (ROOT / "docs" / "method.md").read_text("utf-8")
    assert tuple(re.findall(r"^\| `(\w+)(?:=N)?` \|", text, flags=re.MULTILINE)) == OPTIONS


def test_the_page_for_survey_teams_names_every_column() -> None:
    text = (ROOT / "docs" / "hand-in-prices.md").read_text("utf-8")
    table = text.split("## 2.")[0].split("|---|---|---|")[1]
    named = re.findall(r"`(\w+)`", "".join(line.split("|")[1] for line in table.splitlines() if line.startswith("|")))
    assert sorted(named) == sorted(REQUIRED + OPTIONAL)
    assert set(named[: len(REQUIRED)]) == set(REQUIRED)


def test_the_picture_of_a_report_is_small() -> None:
    assert os.path.getsize(ROOT / "docs" / "overview.png") < 200_000
