"""Walks every file of a tree and holds it against what may stand in a file of its kind: text, and nothing live."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

from lxml import etree

TURNING = set("\u202a\u202b\u202c\u202d\u202e")
"""Embeddings and overrides: they turn the rest of a line around. Isolates are ours (`reports.charts.svg`)."""
_ISOLATES, _END = set("\u2066\u2067\u2068"), "\u2069"
_HTML = {
    "html", "head", "meta", "title", "link", "script", "body", "a", "p", "header", "div", "nav", "ul", "ol", "li",
    "span", "b", "main", "footer", "h1", "h2", "h3", "h4", "bdi", "section", "table", "caption", "thead", "tbody",
    "tfoot", "tr", "th", "td", "figure", "figcaption", "details", "summary", "dl", "dt", "dd", "pre", "code", "time",
    "small", "button", "label", "input", "select", "option", "output", "form", "fieldset", "legend", "abbr", "strong",
    "em", "br", "i",
}  # fmt: skip
_DRAWN = {
    "svg", "g", "path", "rect", "line", "circle", "polyline", "polygon", "text", "tspan", "title", "desc", "defs",
    "pattern", "use", "ellipse", "clipPath", "clippath", "symbol",
}  # fmt: skip
_VOID = {"meta", "link", "br", "input"}
_ATTRIBUTES = {
    "lang", "dir", "charset", "name", "content", "http-equiv", "href", "hreflang", "rel", "type", "title", "src",
    "defer", "class", "id", "role", "tabindex", "scope", "colspan", "rowspan", "datetime", "hidden", "open", "for",
    "value", "checked", "selected", "disabled", "min", "max", "step", "inputmode", "autocomplete", "placeholder",
    "start", "viewbox", "width", "height", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "ry", "d",
    "points", "transform", "fill", "stroke", "text-anchor", "dominant-baseline", "preserveaspectratio", "focusable",
    "dx", "dy", "patternunits", "patterntransform", "vector-effect", "xmlns", "pathlength", "fill-rule",
    "stroke-width", "opacity", "stroke-dasharray", "unicode-bidi", "direction", "font-size",
    "font-weight", "font-family", "overflow", "clip-path", "color",
}  # fmt: skip
_GUARDED = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
_RANGE = re.compile(r"('[^'!]+'|\w+)!\$[A-Z]+\$\d+(:\$[A-Z]+\$\d+)?")
_STATIC = ("style.css", "table.js", "finder.js", "icon.svg", "editions.css")


def faults(root: Path, long: re.Pattern[str]) -> list[str]:
    """What is live, turned around or not of its kind in the files below `root`. `long`: what no page may hold."""
    found = []
    for path in sorted(root.rglob("*")):
        if path.is_file() and not any(part.is_symlink() for part in (path, *path.parents)):
            kind = "".join(path.suffixes[-2:]) if path.suffix == ".gz" else path.suffix
            name = str(path.relative_to(root))
            if kind not in KINDS:
                found.append(f"{name}: a kind of file that nothing is known of")
                continue
            try:
                found += [f"{name}: {fault}" for fault in KINDS[kind](path)]
            except (ValueError, etree.XMLSyntaxError, csv.Error, zipfile.BadZipFile) as error:
                found.append(f"{name}: is not what its name says: {error}")
            if kind in (".html", ".svg", ".js") and path.name not in _STATIC and long.search(path.read_text("utf-8")):
                found.append(f"{name}: a name is not cut")
    return found


def plain(text: str, *, whole: bool = True) -> list[str]:
    """What is wrong in a text that is shown as it is. What is not `whole` may begin and end within an isolate."""
    wrong = {
        char for char in text if char in TURNING or (unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t")
    }
    found = [f"U+{ord(char):04X} in {text[:80]!r}" for char in sorted(wrong)]
    if whole and sum(char in _ISOLATES for char in text) != text.count(_END):
        found.append(f"an isolate that does not end in {text[:80]!r}")
    return found


class _Strict(HTMLParser):
    """Notes whatever the pages' own templates do not write, and every element that is not closed where it should be."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[str] = []
        self.held: list[str] = []
        self.text: list[str] = []
        self.block = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._check(tag, attrs)
        self._ends(tag)
        if tag not in _VOID:
            self.held.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._check(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if not self.held or self.held.pop() != tag:
            self.found.append(f"</{tag}> closes what is not open")
        self._ends(tag)

    def _ends(self, tag: str) -> None:
        """Any element but the one that keeps codes on one line ends a text: an isolate in it has ended, too."""
        if tag != "span":
            self.found += plain(self.block)
            self.block = ""

    def _check(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _HTML | _DRAWN:
            self.found.append(f"<{tag}>")
        names = [name for name, _value in attrs]
        if len(set(names)) < len(names):
            self.found.append(f"<{tag}> has an attribute twice")
        for name, value in attrs:
            if name not in _ATTRIBUTES and not re.fullmatch(r"(data|aria)-[a-z-]+", name):
                self.found.append(f"<{tag} {name}>")
            self.found += plain(value or "")
            if name in ("href", "src") and not _leads_somewhere_plain(value or ""):
                self.found.append(f"<{tag} {name}={value!r}>")
        if tag == "script" and not re.fullmatch(
            r"(\.\./)*(table|finder|search-index\.[a-z]+)\.js", dict(attrs).get("src") or ""
        ):
            self.found.append(f"a script that is none of ours: {attrs}")

    def handle_data(self, data: str) -> None:
        if self.held[-1:] == ["script"] and data.strip():
            self.found.append(f"a script in the page: {data[:80]!r}")
        if "<" in data or ">" in data:
            self.found.append(f"a bare sign of markup: {data[:80]!r}")
        self.found += plain(data, whole=False)
        self.text.append(data)
        self.block += data

    def handle_entityref(self, name: str) -> None:
        if name not in ("amp", "lt", "gt", "quot"):
            self.found.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        if name not in ("34", "39"):
            self.found.append(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self.found.append(f"a comment: {data[:80]!r}")

    def handle_decl(self, decl: str) -> None:
        if decl != "doctype html":
            self.found.append(f"<!{decl[:80]}>")

    def unknown_decl(self, data: str) -> None:
        self.found.append(f"<![{data[:80]}")

    def handle_pi(self, data: str) -> None:
        self.found.append(f"<?{data[:80]}>")


def _leads_somewhere_plain(target: str) -> bool:
    """Whether a link goes within the tree, or to a page of the web over TLS, or to mail."""
    return target.startswith(("https://", "mailto:")) or re.match(r"[^/?#]*:|//", target) is None


def _html(path: Path) -> Iterator[str]:
    parser = _Strict()
    parser.feed(path.read_text("utf-8"))
    parser.close()
    yield from parser.found
    if parser.held:
        yield f"not closed: {parser.held}"


def _xml(body: bytes, allowed: Callable[[Any], bool] = lambda node: True) -> Iterator[str]:
    tree = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    if b"<!ENTITY" in body:
        yield "an entity is declared"
    for node in tree.iter():
        if not isinstance(node.tag, str):
            if not (isinstance(node, etree._Comment) and (node.text or "").strip().isprintable()):
                yield f"an instruction: {node.text!r}"
            continue
        if not allowed(node):
            yield f"<{node.tag}>"
        for name, value in node.attrib.items():
            if name.rpartition("}")[2].lower().startswith("on"):
                yield f"<{node.tag} {name}>"
            yield from plain(value)
            if name.rpartition("}")[2] == "href" and not _leads_somewhere_plain(value):
                yield f"{name}={value!r}"
        yield from plain(node.text or "")
        yield from plain(node.tail or "")


_METADATA = {"metadata", "RDF", "Work", "type", "date", "format", "creator", "Agent", "title", "publisher", "style"}


def _svg(path: Path) -> Iterator[str]:
    def drawn(node: Any) -> bool:
        return etree.QName(node).localname in _DRAWN | _METADATA

    yield from _xml(path.read_bytes(), drawn)


def _feed(path: Path) -> Iterator[str]:
    yield from _xml(path.read_bytes())


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, held in value.items():
            yield key
            yield from _strings(held)
    elif isinstance(value, list):
        for held in value:
            yield from _strings(held)


def _json(path: Path) -> Iterator[str]:
    for text in _strings(json.loads(path.read_text("utf-8"))):
        yield from plain(text)


def _cells(text: str) -> Iterator[str]:
    head, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    for row in rows:
        if len(row) != len(head):
            yield f"{len(row)} cells under {len(head)} columns: {row[:3]}"
        for cell in row:
            yield from plain(cell)
            if cell.startswith(_GUARDED) and not _NUMBER.fullmatch(cell):
                yield f"a live cell: {cell[:80]!r}"


def _csv(path: Path) -> Iterator[str]:
    yield from _cells(path.read_text("utf-8"))


def _packed_csv(path: Path) -> Iterator[str]:
    yield from _cells(gzip.decompress(path.read_bytes()).decode())


def _workbook(path: Path) -> Iterator[str]:
    with zipfile.ZipFile(path) as book:
        for name in book.namelist():
            if not name.endswith((".xml", ".rels")) or "externalLink" in name or "vba" in name.lower():
                yield f"a part {name}"
                continue
            body = book.read(name)
            yield from (f"{name}: {fault}" for fault in _xml(body))
            tree = etree.fromstring(body)
            for node in tree.iter():
                local, text = etree.QName(node).localname, node.text or ""
                if local == "f" and ("worksheets" in name or not _RANGE.fullmatch(text)):
                    yield f"{name}: a formula {text[:80]!r}"
                if re.search(r"_x[0-9A-Fa-f]{4}_", text):
                    yield f"{name}: a control character in {text[:80]!r}"
                if local == "Relationship" and node.get("TargetMode") == "External":
                    yield f"{name}: leads to {node.get('Target')}"


def _script(path: Path) -> Iterator[str]:
    if path.name in _STATIC:
        yield from _static(path)
        return
    body = path.read_text("utf-8")
    match = re.fullmatch(r"window\.remitwatchIndex=(\{.*\});\n", body, re.DOTALL)
    if match is None or not body.isascii():
        yield "more than an index in ASCII"
        return
    for text in _strings(json.loads(match[1])):
        yield from plain(text)


def _static(path: Path) -> Iterator[str]:
    name = "style.css" if path.suffix == ".css" else path.name
    if path.read_bytes() != files("reports").joinpath("static", name).read_bytes():
        yield "not the file of the package"


def _icon_or_drawing(path: Path) -> Iterator[str]:
    yield from _static(path) if path.name in _STATIC else _svg(path)


def _picture(path: Path) -> Iterator[str]:
    body = path.read_bytes()
    if not body.startswith(b"\x89PNG\r\n\x1a\n"):
        yield "no picture"


def _words(path: Path) -> Iterator[str]:
    text = path.read_text("utf-8")
    yield from plain(text)
    if re.search(r"<[a-zA-Z/!?]", text):
        yield "markup in words"


def _brief(path: Path) -> Iterator[str]:
    import pypdf

    document = pypdf.PdfReader(path)
    for number, page in enumerate(document.pages, 1):
        # letters that a font joins come out of a PDF as any code: only what turns text around is looked for
        if TURNING & set(page.extract_text()):
            yield f"page {number}: text is turned around"
    for number in sorted({number for held in document.xref.values() for number in held} | set(document.xref_objStm)):
        yield from _live(document.get_object(number))


def _live(item: Any) -> Iterator[str]:
    for name in ("/JavaScript", "/JS", "/Launch", "/OpenAction", "/AA", "/EmbeddedFiles"):
        if isinstance(item, dict) and name in item:
            yield f"{name} in the PDF"
    if isinstance(item, dict) and "/URI" in item and not str(item["/URI"]).startswith("https://"):
        yield f"leads to {item['/URI']}"


KINDS: dict[str, Callable[[Path], Iterator[str]]] = {
    ".html": _html,
    ".xml": _feed,
    ".svg": _icon_or_drawing,
    ".json": _json,
    ".csv": _csv,
    ".csv.gz": _packed_csv,
    ".xlsx": _workbook,
    ".js": _script,
    ".css": _static,
    ".png": _picture,
    ".md": _words,
    ".pdf": _brief,
}
"""What is looked at in a file, by the end of its name."""
