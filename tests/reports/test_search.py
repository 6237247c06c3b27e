"""The search index names what has a page, in the language spoken, and cannot be broken by names."""

import json
import re

from reports import edition as made_by
from reports.search import index_name, search_index
from reports.site import make_site
from tests.reports.made_up import edition


def read(text):
    assert text.isascii()
    return json.loads(re.fullmatch(r"window\.remitwatchIndex=(.*);\n", text, re.DOTALL)[1])


def test_everything_with_a_page_can_be_found():
    data = edition()
    index, files = read(search_index(make_site(data))), made_by.pages(data)
    assert read(files[index_name("en")].decode()) == index
    assert index["corridors"].split() == sorted(
        {path.split("/")[1].split(".")[0] for path in files if path.startswith("corridors/")}
    )
    assert {f"corridors/{key}.html" for key in index["corridors"].split()} <= set(files)
    assert {f"countries/{code}.html" for code, _, _, paged in index["countries"] if paged} <= set(files)
    assert {path for _, path in index["providers"]} <= set(files)
    assert ["GBR", "United Kingdom", "United Kingdom GB", 1] in index["countries"]
    assert index["corridor"] == "{sender} → {receiver}"


def test_hostile_names_are_text():
    names = [name for name, _ in read(search_index(make_site(edition(hostile=True))))["providers"]]
    assert any("<script>" in name for name in names)
    assert all(len(name) <= 80 and "\u202e" not in name and "\x00" not in name for name in names)


def test_only_pages_that_are_there_are_named():
    data = edition(bases=("survey",), corridors=("GBR-IND", "USA-MEX"))
    chosen = type(data)(**{**vars(data), "corridors": ("GBR-IND",)})
    index = read(search_index(make_site(chosen)))
    assert index["corridors"] == "GBR-IND"
