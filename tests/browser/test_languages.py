"""Every language of the edition: written its own way round, switched to and fro, nothing left in English."""

from __future__ import annotations

import re

import pytest
from babel import Locale

from tests.browser.opened import opened
from tests.browser.tree import Page

pytestmark = pytest.mark.slow

# Words of the page itself: names of others stand in bdi (or in isolating characters where markup cannot stand), what is
# meant to be in another language says so.
TEXTS = """() => {
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT), texts = [];
  while (walker.nextNode()) {
    const node = walker.currentNode, parent = node.parentElement;
    if (!parent.closest('bdi, code, script, style, .brand, [lang]:not(html), [translate=no]')) texts.push(node.data);
  }
  for (const one of document.querySelectorAll('[aria-label], [data-l], [data-sandbox], [alt], meta[name=description]'))
    if (!one.matches('[lang]:not(html)'))
      for (const name of ['aria-label', 'data-l', 'data-sandbox', 'alt', 'content'])
        if (one.hasAttribute(name)) texts.push(one.getAttribute(name));
  return texts.map(text => text.replace(/[\\u2066-\\u2068][^\\u2069]*\\u2069/g, '').replace(/\\s+/g, ' ').trim())
    .filter(text => text);
}"""
WORDS = re.compile(r"(?<![\w./-])[a-z]{3,}(?![\w/-]|\.\w)")
"""English words, not a part of a file's name or of an address."""
OURS = {"remitwatch", "trace"}
"""The program's name and its command, the same in every language."""


@pytest.fixture(scope="module")
def first(all_pages: list[Page]) -> str:
    """The language at the root of the edition."""
    return next(page.language for page in all_pages if page.path == "index.html")


@pytest.fixture(scope="module")
def others(some_pages, first):
    """The sampled pages in the other languages."""
    found = [page for page in some_pages if page.language != first]
    if not found:
        pytest.skip("the edition is in one language")
    return found


def test_all_languages_have_the_same_pages(all_pages, first):
    by_language: dict[str, set[str]] = {}
    for page in all_pages:
        folder = "" if page.language == first else f"{page.language}/"
        by_language.setdefault(page.language, set()).add(page.path.removeprefix(folder))
    lacking = {language: paths ^ by_language[first] for language, paths in by_language.items()}
    assert not any(lacking.values()), lacking


def test_pages_are_written_the_way_their_language_is_read(browser, disk, some_pages):
    with opened(browser, disk) as seen:
        for page in some_pages:
            order = Locale.parse(page.language).character_order
            told = seen.goto(page.path).ask(
                "() => [document.documentElement.lang, getComputedStyle(document.body).direction]"
            )
            assert told == [page.language, "rtl" if order == "right-to-left" else "ltr"], page.path


def test_no_string_is_left_in_english(browser, disk, others):
    found = []
    with opened(browser, disk) as seen:
        for page in others:
            english = set(seen.goto(page.path.removeprefix(f"{page.language}/")).ask(TEXTS))
            latin = Locale.parse(page.language).character_order == "left-to-right"
            for text in seen.goto(page.path).ask(TEXTS):
                words = [word for word in WORDS.findall(text) if word not in OURS]
                if (text in english and len(words) >= 3) or (not latin and any(len(word) > 3 for word in words)):
                    found.append(f"{page.path}: {text[:150]}")
    assert not found, "\n".join(dict.fromkeys(found))


def test_the_switch_leads_to_the_same_page_in_every_language(browser, disk, others, first):
    with opened(browser, disk) as seen:
        for page in others:
            path = page.path.removeprefix(f"{page.language}/")
            seen.goto(path).page.locator(f"header nav a[hreflang={page.language}]").click()
            assert seen.page.url == disk + page.path
            seen.page.locator(f"header nav a[hreflang={first}]").click()
            assert seen.page.url == disk + path
        assert seen.faults == []
