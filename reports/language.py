"""The language that pages are written in: one is spoken at a time, and every word that a reader sees goes through it.

A message is a whole sentence or label in English with named places (`{cost}`); its translations stand in
`reports/locale/<language>/LC_MESSAGES/remitwatch.po`. A new language needs only such a catalogue. Numbers, dates and
names follow the language through `reports.numbers` and `reports.names`, which take them from CLDR.
"""

from __future__ import annotations

import gettext as system_gettext
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from markupsafe import Markup, escape

from remitwatch.errors import InputError

SOURCE = "en"
"""The language of the messages themselves."""
_CLDR = {"en": "en_GB"}
"""Where the CLDR data of a language is not meant to be that of its largest country: 19 August 2025, not August 19."""
_CONTEXT = "\x04"
"""Between a context and its message, as in compiled catalogues of gettext."""


@dataclass(frozen=True)
class Language:
    """A language of the pages: its code, its own name, its CLDR data, its messages."""

    code: str
    name: str
    locale: Locale
    messages: system_gettext.NullTranslations

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return "rtl" if self.locale.character_order == "right-to-left" else "ltr"


@cache
def languages() -> tuple[str, ...]:
    """Codes of the languages that pages can be made in, English first."""
    folder = files("reports").joinpath("locale")
    found = sorted(path.name for path in folder.iterdir() if _catalogue(path.name).is_file()) if folder.is_dir() else []
    return (SOURCE, *found)


def _catalogue(code: str) -> Any:
    return files("reports").joinpath("locale", code, "LC_MESSAGES", "remitwatch.po")


@cache
def language(code: str) -> Language:
    """A language by its code. Raises InputError where there is no catalogue of it."""
    if code not in languages():
        raise InputError(f"language {code!r}: expected one of {', '.join(languages())}")
    locale = Locale.parse(_CLDR.get(code, code))
    plain = Locale.parse(code, sep="_")
    name = plain.get_display_name(plain) or code
    return Language(code, name[0].upper() + name[1:], locale, _messages(code))


def _messages(code: str) -> system_gettext.NullTranslations:
    if code == SOURCE:
        return system_gettext.NullTranslations()
    with _catalogue(code).open("rb") as file:
        catalogue = read_po(file, locale=code)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return system_gettext.GNUTranslations(compiled)


_SPOKEN: ContextVar[str] = ContextVar("language", default=SOURCE)


@contextmanager
def speaking(code: str) -> Iterator[Language]:
    """Everything inside is written in this language. Raises InputError where there is no catalogue of it."""
    chosen = language(code)
    token = _SPOKEN.set(code)
    try:
        yield chosen
    finally:
        _SPOKEN.reset(token)


def spoken() -> Language:
    """The language spoken now; English where none was chosen."""
    return language(_SPOKEN.get())


def spoken_code() -> str:
    """The code of the language spoken now."""
    return _SPOKEN.get()


def _(message: str, **values: object) -> str:
    """A message in the language spoken, with `values` put into its named places."""
    text = _translated(message)
    return text.format(**values) if values else text


def _translated(message: str) -> str:
    """A message, or one kept with its context by `NP_`, in the language spoken."""
    context, mark, plain = message.rpartition(_CONTEXT)
    return spoken().messages.pgettext(context, plain) if mark else spoken().messages.gettext(message)


def pgettext(context: str, message: str, **values: object) -> str:
    """Like `_`, for a message that means different things in different places."""
    text = spoken().messages.pgettext(context, message)
    return text.format(**values) if values else text


def ngettext(one: str, many: str, n: int, **values: object) -> str:
    """The message for a number of things: the right plural of the language, with `{n}` as the language writes it."""
    from reports.numbers import count

    return spoken().messages.ngettext(one, many, n).format(n=count(n), **values)


def N_(message: str) -> str:
    """Mark a message for the catalogues where it is only kept; it is translated where it is used."""
    return message


def NP_(context: str, message: str) -> str:
    """Like `N_`, for a message that means different things in different places: `_` and `Words` know its context."""
    return f"{context}{_CONTEXT}{message}"


def marked(message: str, **values: object) -> Markup:
    """Like `_`, for a message that holds markup of ours (`<b>`); the values are escaped. In templates: `_m`."""
    return Markup(spoken().messages.gettext(message)).format(**{key: escape(value) for key, value in values.items()})  # noqa: S704 - the catalogue is ours


class Words(Mapping[str, str]):
    """A table of words by code: reading one gives it in the language spoken. Built from messages marked with `N_`
    or `NP_`."""

    def __init__(self, messages: Mapping[str, str]) -> None:
        self._held = dict(messages)

    def __getitem__(self, code: str) -> str:
        return _translated(self._held[code])

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)
