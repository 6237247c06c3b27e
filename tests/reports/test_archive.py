"""The archive page and the feed: every edition, from the manifests alone, swapped in whole."""

import json
import os

import pytest
from lxml import etree, html

from reports import archive
from reports.archive import Place, read_archive, render_feed, write_archive
from reports.language import speaking

ATOM = "{http://www.w3.org/2005/Atom}"


def manifest(name, made_at, **changes):
    period, number = name.rsplit("-", 1)
    return {
        "edition": name, "period": period, "number": int(number), "world": "real", "made_at": made_at,
        "digest": "ab" * 32, "headlines": {"en": f"Sending USD 200 costs 6.2% on average <in {period}>"},
        "bases": [{"basis": "survey", "period": "2026-Q3"}, {"basis": "standard", "period": period}],
        "corrections": {"since": "before-1", "changed": 2, "withdrawn": 1, "added": 0, "provisional": 7},
        "provisional": [], **changes,
    }  # fmt: skip


@pytest.fixture
def editions(tmp_path):
    folder = tmp_path / "editions"
    for content in (
        manifest("2026-10-29-1", "2026-10-29T19:00:00Z", corrections=None),
        manifest("2026-10-30-1", "2026-10-30T19:00:00.5Z"),
        manifest("2026-Q3-1", "2026-10-30T20:00:00Z", world="sandbox", provisional=["standard"]),
    ):
        (folder / content["edition"]).mkdir(parents=True)
        (folder / content["edition"] / "manifest.json").write_text(json.dumps(content), "utf-8")
    (folder / "latest").symlink_to("2026-Q3-1")
    (folder / ".building-x").mkdir()
    (folder / "notes").mkdir()
    return folder


def test_all_editions_are_listed_the_newest_first(editions, tmp_path):
    found = write_archive(editions, tmp_path / "cache", None)
    assert [one.name for one in found.editions] == ["2026-Q3-1", "2026-10-30-1", "2026-10-29-1"]
    page = html.document_fromstring((editions / "index.html").read_text("utf-8"))
    assert page.xpath("//tbody//th/a/@href") == [f"{one.name}/index.html" for one in found.editions]
    rows = [" ".join(row.text_content().split()) for row in page.xpath("//tbody/tr")]
    assert "sandbox" in rows[0]
    assert "provisional" in rows[0]
    assert "sandbox" not in rows[1]
    assert "30 October 2026" in rows[1]
    assert "Survey, 2026-Q3, Standard prices, 2026-10-30" in rows[1]
    assert page.xpath("//tbody/tr[2]//a[contains(@href, 'corrections')]/text()") == ["3"]
    assert page.xpath("//tbody/tr[3]//a[contains(@href, 'corrections')]") == []
    assert page.xpath("//*[@src] | //script") == []
    assert all("://" not in href for href in page.xpath("//@href"))
    assert sorted(path.name for path in editions.iterdir() if path.is_file()) == [
        "editions.css", "feed.xml", "index.html"]  # fmt: skip


def test_the_feed_is_atom_with_stable_ids_and_tells_of_corrections(editions, tmp_path):
    found = write_archive(editions, tmp_path / "cache", "https://stats.example.org/costs/")
    feed = etree.fromstring((editions / "feed.xml").read_bytes())
    assert feed.tag == ATOM + "feed"
    assert [one.tag.removeprefix(ATOM) for one in feed][:4] == ["title", "subtitle", "id", "updated"]
    assert feed.findtext(ATOM + "id") == "tag:stats.example.org,2026:editions"
    assert feed.findtext(ATOM + "updated") == "2026-10-30T20:00:00Z"
    assert feed.find(ATOM + "author").findtext(ATOM + "name") == "remitwatch"
    links = {link.get("rel"): link.get("href") for link in feed.findall(ATOM + "link")}
    assert links == {"self": "https://stats.example.org/costs/feed.xml",
                     "alternate": "https://stats.example.org/costs/index.html"}  # fmt: skip
    entries = feed.findall(ATOM + "entry")
    assert [entry.findtext(ATOM + "id") for entry in entries] == [
        f"tag:stats.example.org,2026:editions/{one.name}/{'ab' * 8}" for one in found.editions
    ]
    for entry in entries:
        assert {child.tag.removeprefix(ATOM) for child in entry} >= {"title", "id", "updated", "link", "summary"}
    assert "It corrects 3 figures of before-1." in entries[1].findtext(ATOM + "summary")
    assert "corrects" not in entries[2].findtext(ATOM + "summary")
    assert entries[0].findtext(ATOM + "summary").startswith("Sandbox data, not real prices.")
    assert entries[1].find(ATOM + "link").get("href") == "https://stats.example.org/costs/2026-10-30-1/index.html"


def test_without_an_address_the_links_are_relative(editions, tmp_path):
    feed = etree.fromstring(
        render_feed(read_archive(editions, tmp_path / "cache").editions, Place("en", True), None).encode()
    )
    assert {link.get("href") for link in feed.iter(ATOM + "link")} == {
        "index.html", "2026-Q3-1/index.html", "2026-10-30-1/index.html", "2026-10-29-1/index.html"}  # fmt: skip
    assert feed.findtext(ATOM + "id") == "tag:remitwatch.invalid,2026:editions"


def test_every_language_of_the_editions_has_a_page_and_a_feed_that_lead_to_its_pages(editions, tmp_path):
    headlines = {"en": "Costs <fell>", "fr": "Les coûts <baissent>", "ar": "انخفضت التكاليف"}
    content = manifest("2026-10-31-1", "2026-10-31T19:00:00Z", headlines=headlines)
    (editions / "2026-10-31-1").mkdir()
    (editions / "2026-10-31-1" / "manifest.json").write_text(json.dumps(content), "utf-8")
    (editions / "index.es.html").write_text("of a language that no edition has any more")
    write_archive(editions, tmp_path / "cache", "https://stats.example.org/costs")
    assert sorted(path.name for path in editions.iterdir() if path.is_file()) == [
        "editions.css", "feed.ar.xml", "feed.fr.xml", "feed.xml", "index.ar.html", "index.fr.html", "index.html",
    ]  # fmt: skip
    for code, name in (("en", "index.html"), ("fr", "index.fr.html"), ("ar", "index.ar.html")):
        page = html.document_fromstring((editions / name).read_text("utf-8"))
        feed = etree.fromstring((editions / name.replace("index", "feed").replace("html", "xml")).read_bytes())
        assert (page.get("lang"), page.get("dir")) == (code, "rtl" if code == "ar" else "ltr")
        switch = page.xpath("//nav[@class='langs']//a")
        assert [link.get("href") for link in switch] == ["index.html", "index.fr.html", "index.ar.html"]
        assert [link.get("lang") for link in switch if link.get("aria-current")] == [code]
        folder = "2026-10-31-1/" if code == "en" else f"2026-10-31-1/{code}/"
        # an edition without the language is led to where it is, its headline marked as of another language
        assert page.xpath("//tbody//th/a/@href") == [
            f"{folder}index.html", "2026-Q3-1/index.html", "2026-10-30-1/index.html", "2026-10-29-1/index.html",
        ]  # fmt: skip
        assert page.xpath("string(//tbody/tr[1]/td[1])").startswith(headlines[code])
        assert len(page.xpath("//tbody//td/span[@lang='en']")) == (0 if code == "en" else 3)
        assert {link.get("hreflang") for link in page.xpath("//tbody/tr[1]/td//a[@hreflang]")} == {*headlines} - {code}
        assert page.xpath("//tbody/tr[1]//a[contains(@href, 'corrections')]/@href") == [f"{folder}corrections.html"]
        assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == code
        assert feed.findtext(ATOM + "title") == page.xpath("string(//title)")
        first = feed.find(ATOM + "entry")
        assert headlines[code] in first.findtext(ATOM + "title")
        assert first.find(ATOM + "link").get("href") == f"https://stats.example.org/costs/{folder}index.html"
        tongue = "" if code == "en" else f"/{code}"
        assert feed.findtext(ATOM + "id") == f"tag:stats.example.org,2026:editions{tongue}"
        assert first.findtext(ATOM + "id").endswith("ab" + tongue)
    with speaking("fr"):
        french = html.document_fromstring((editions / "index.fr.html").read_text("utf-8"))
        assert french.xpath("string(//h1)") == archive._("Editions") != "Editions"


def test_a_manifest_is_read_once_and_a_broken_one_is_named(editions, tmp_path, monkeypatch):
    cache = tmp_path / "cache"
    write_archive(editions, cache, None)
    before = {name: (editions / name).read_bytes() for name in ("index.html", "feed.xml")}
    monkeypatch.setattr(archive, "_summary", lambda path: pytest.fail(f"{path} was read again"))
    write_archive(editions, cache, None)
    assert {name: (editions / name).read_bytes() for name in before} == before
    monkeypatch.undo()
    (cache / "archive.json").write_text('{"2026-Q3-1": 3}', "utf-8")
    (editions / "2026-10-30-1" / "manifest.json").write_text("{", "utf-8")
    (editions / "2026-10-31-1").mkdir()
    found = write_archive(editions, cache, None)
    assert ([one.name for one in found.editions], found.broken) == (
        ["2026-Q3-1", "2026-10-29-1"], ["2026-10-30-1", "2026-10-31-1"])  # fmt: skip
    (note,) = html.fromstring((editions / "index.html").read_bytes()).xpath("//p[@class='note']")
    assert note.text_content().endswith("cannot be read: 2026-10-30-1, 2026-10-31-1.")


def test_a_full_disk_leaves_the_old_page(editions, tmp_path, monkeypatch):
    write_archive(editions, tmp_path / "cache", None)
    before = (editions / "index.html").read_bytes()
    content = manifest("2026-10-31-1", "2026-10-31T19:00:00Z")
    (editions / "2026-10-31-1").mkdir()
    (editions / "2026-10-31-1" / "manifest.json").write_text(json.dumps(content), "utf-8")

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_archive(editions, tmp_path / "cache", None)
    assert (editions / "index.html").read_bytes() == before
    assert [path.name for path in editions.iterdir() if path.name.startswith(".archive")] == []


def test_no_edition_is_a_page_too(tmp_path):
    (tmp_path / "editions").mkdir()
    write_archive(tmp_path / "editions", tmp_path / "cache", None)
    assert "No edition stands here yet." in (tmp_path / "editions" / "index.html").read_text("utf-8")
    assert etree.fromstring((tmp_path / "editions" / "feed.xml").read_bytes()).findall(ATOM + "entry") == []
