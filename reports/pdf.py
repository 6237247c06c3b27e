"""From the HTML of a brief to a tagged PDF (PDF/UA-1): the pages' style, fonts of our own, nothing fetched.

Needs WeasyPrint (the extra `pdf`), which needs Pango on the system.
"""

from __future__ import annotations

import atexit
import base64
import io
import logging
import re
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from lxml import etree, html  # type: ignore[import-untyped]

from remitwatch.errors import InputError

_HOW = (
    "install remitwatch with its extra `pdf`, and Pango (Debian: libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0)"
)


def why_not() -> str | None:
    """Why no PDF can be made here; None where it can."""
    try:
        import arabic_reshaper  # noqa: F401
        import bidi  # noqa: F401
        import weasyprint  # noqa: F401
    except (ImportError, OSError) as error:  # OSError: the package is there, Pango is not
        return f"{str(error).splitlines()[0]}: {_HOW}"
    return None


def made_with() -> str:
    """What sets a brief, with versions: others may set it in other bytes. Needs the extra `pdf`."""
    names = ("weasyprint", "pydyf", "fonttools", "tinycss2", "arabic-reshaper", "python-bidi")
    return " ".join(f"{name} {version(name)}" for name in names)


def pdf(page: str) -> bytes:
    """A page as a tagged PDF/UA-1. The same page gives the same bytes.

    Raises InputError where WeasyPrint or Pango is absent.
    """
    missing = why_not()
    if missing is not None:
        raise InputError(f"no PDF can be made: {missing}")
    import weasyprint

    logging.getLogger("weasyprint").setLevel(logging.ERROR)  # it warns of every CSS property that print does not have
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    fonts, style = _styled()
    document = weasyprint.HTML(string=described(page), base_url="about:blank", url_fetcher=_nothing_but_data())
    target = io.BytesIO()
    document.write_pdf(
        target, stylesheets=[style], font_config=fonts, pdf_variant="pdf/ua-1", pdf_tags=True, presentational_hints=True
    )
    return target.getvalue()


def _nothing_but_data() -> Any:
    from weasyprint.urls import URLFetcher

    return URLFetcher(allowed_protocols=("data",), allow_redirects=False)


@cache
def _styled() -> tuple[Any, Any]:
    """The fonts and the style of every brief: read once, for reading the fonts takes longer than setting a brief."""
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration

    atexit.register(_styled.cache_clear)  # the fonts' own end needs modules that are gone at the interpreter's
    fonts = FontConfiguration()
    return fonts, weasyprint.CSS(string=_style(), font_config=fonts, url_fetcher=_nothing_but_data())


def _style() -> str:
    static, fonts = files("reports").joinpath("static"), files("reports").joinpath("fonts")
    named = fonts.joinpath("fonts.css").read_text("utf-8")
    carried = re.sub(r"url\(([\w.-]+)\)", lambda found: f"url({_data(fonts.joinpath(found[1]))})", named)
    return carried + "".join(static.joinpath(name).read_text("utf-8") for name in ("style.css", "brief.css"))


def _data(font: Traversable) -> str:
    return "data:font/ttf;base64," + base64.b64encode(font.read_bytes()).decode("ascii")


def described(page: str) -> str:
    """The page with a `<title>` in every drawing: a PDF/UA figure needs an alternative. What is hidden from readers of
    the page, because the words stand beside it, gets the words of its row or item."""
    tree = html.document_fromstring(page)
    for drawing in tree.iter("svg"):
        if drawing.find("title") is None:
            label = drawing.get("aria-label") or _words_beside(drawing)
            title = etree.SubElement(drawing, "title")
            title.text = label
            drawing.insert(0, title)
        for name in ("aria-hidden", "aria-labelledby"):
            drawing.attrib.pop(name, None)
        for words in drawing.iter("text", "tspan"):
            words.text, words.tail = _shaped(words.text), _shaped(words.tail)
    return "<!doctype html>\n" + str(html.tostring(tree, encoding="unicode"))


_ARABIC = re.compile("[\u0600-\u06ff]")
_ISOLATES = dict.fromkeys(range(0x2066, 0x206A))


def _shaped(words: str | None) -> str | None:
    """Arabic as the joined shapes of its letters in the order seen: WeasyPrint sets the text of drawings letter by
    letter from left to right, unlike the text of the page."""
    if words is None or not _ARABIC.search(words):
        return words
    from arabic_reshaper import reshape
    from bidi.algorithm import get_display

    return str(get_display(reshape(words.translate(_ISOLATES)), base_dir="R"))


def _words_beside(drawing: Any) -> str:
    around = next((one for one in drawing.iterancestors() if one.tag in ("tr", "li", "p", "div", "span")), drawing)
    words = " ".join(" ".join(around.itertext()).split())
    return words[:200] or "–"
