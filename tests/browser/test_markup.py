"""Every page of the edition as text: links lead somewhere, tables and headings say what they are, files are small."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from lxml import html

pytestmark = pytest.mark.slow

LIMITS = {"index": 500_000, "corridors/*": 200_000}


@pytest.fixture(scope="module")
def trees(edition, all_pages):
    return {page: html.fromstring((edition / page.path).read_text("utf-8")) for page in all_pages}


def faults(trees, check):
    """`path: what is wrong` for everything that `check` finds in a page."""
    return [f"{page.path}: {fault}" for page, tree in trees.items() for fault in check(page, tree)]


def test_every_link_and_anchor_leads_somewhere(edition, trees):
    ids = {page.path: {node.get("id") for node in tree.iter() if node.get("id")} for page, tree in trees.items()}

    def check(page, tree):
        for node in tree.iter("a", "link", "script", "img", "source", "use", "image"):
            target = node.get("href") or node.get("src") or node.get("{http://www.w3.org/1999/xlink}href")
            if target is None or target.startswith("https://"):
                continue
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                yield f"{target}: not within the edition, nor https"
                continue
            file = (edition / page.path).parent / unquote(parts.path) if parts.path else edition / page.path
            file = file.resolve()
            if edition.resolve() not in file.parents:
                yield f"{target}: leaves the edition"
            elif not file.is_file():
                yield f"{target}: no such file"
            elif parts.fragment and unquote(parts.fragment) not in ids[file.relative_to(edition.resolve()).as_posix()]:
                yield f"{target}: no such place"

    found = faults(trees, check)
    assert not found, "\n".join(found)


def test_external_links_are_plain_links_that_a_reader_follows(trees):
    def check(_, tree):
        for node in tree.iter():
            for name in ("href", "src", "srcset", "data", "action", "{http://www.w3.org/1999/xlink}href"):
                value = node.get(name) or ""
                if "//" in value and not (node.tag == "a" and name == "href"):
                    yield f"{node.tag} {name}={value}"

    found = faults(trees, check)
    assert not found, "\n".join(found)


def test_ids_are_unique_and_labels_exist(trees):
    def check(_, tree):
        ids = Counter(node.get("id") for node in tree.iter() if node.get("id"))
        yield from (f"id {name} {count} times" for name, count in ids.items() if count > 1)
        for node in tree.iter():
            for name in ("aria-labelledby", "aria-describedby", "aria-controls", "for", "headers"):
                for ident in (node.get(name) or "").split():
                    if ident not in ids:
                        yield f"{node.tag} {name}={ident}: no such id"

    found = faults(trees, check)
    assert not found, "\n".join(found)


def test_one_main_heading_and_no_level_left_out(trees):
    def check(_, tree):
        levels = [int(node.tag[1]) for node in tree.iter("h1", "h2", "h3", "h4", "h5", "h6")]
        if levels.count(1) != 1:
            yield f"{levels.count(1)} h1"
        yield from (f"h{now} after h{before}" for before, now in itertools.pairwise(levels) if now > before + 1)

    found = faults(trees, check)
    assert not found, "\n".join(found)


def test_tables_have_a_caption_and_every_head_its_scope(trees):
    def check(_, tree):
        for table in tree.iter("table"):
            caption = table.find("caption")
            head = " | ".join("".join(cell.itertext()) for cell in table.iterfind("thead//th"))
            if caption is None or not "".join(caption.itertext()).strip():
                yield f"table without caption: {head}"
            if not head:
                yield "table without head"
            for cell in table.iter("th"):
                if cell.get("scope") not in ("col", "row", "rowgroup", "colgroup"):
                    yield f"th without scope: {''.join(cell.itertext())}"

    found = faults(trees, check)
    assert not found, "\n".join(found)


def test_a_table_that_is_too_wide_scrolls_by_itself(trees):
    def check(_, tree):
        for table in tree.iter("table"):
            region = next(
                (node for node in table.iterancestors("div") if node.get("class", "").startswith("scroll")), None
            )
            if region is None or (region.get("role"), region.get("tabindex")) != ("region", "0"):
                caption = " ".join("".join(table.find("caption").itertext()).split())
                yield f"table outside a region that scrolls: {caption}"
            elif not region.get("aria-label"):
                yield "region that scrolls without a name"

    found = faults(trees, check)
    assert not found, "\n".join(found)


def test_nothing_that_the_policy_forbids(trees):
    def check(_, tree):
        policy = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
        if not policy or "default-src 'none'" not in policy[0] or "unsafe" in policy[0]:
            yield f"policy {policy}"
        for node in tree.iter():
            if isinstance(node.tag, str):
                yield from (f"{node.tag} {name}" for name in node.attrib if name == "style" or name.startswith("on"))
        for node in tree.iter("script", "style"):
            if (node.text or "").strip() and node.get("type") != "application/json":
                yield f"inline {node.tag}"

    found = faults(trees, check)
    assert not found, "\n".join(found)


def test_pages_are_small(edition, all_pages):
    sizes = {page: (edition / page.path).stat().st_size for page in all_pages}
    too_large = [
        f"{page.path}: {size}" for page, size in sizes.items() if size > LIMITS.get(page.kind.split(".")[0], 500_000)
    ]
    assert not too_large, "\n".join(too_large)
    assert Path(edition / "style.css").stat().st_size < 24_000
