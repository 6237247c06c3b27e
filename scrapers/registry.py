"""Finds the sources by their .toml files, and the scraper beside each of them. There is no list to keep."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from types import ModuleType

from remitwatch.errors import InputError
from remitwatch.sources import SourceDefinition, SourceKind, read_definition
from scrapers.base import Scraper

HERE = Path(__file__).parent


def definitions(extra: Iterable[Path] = ()) -> dict[str, SourceDefinition]:
    """Every source's definition by key, sorted by key.

    `extra` are further folders laid out like this package (`<folder>/<kind>/<key>.toml`).
    Raises InputError for a definition that cannot be read and for one key in two places.
    """
    found = {path.stem: _definition(path) for path in files(extra)}
    return dict(sorted(found.items()))


def scraper(key: str, extra: Iterable[Path] = ()) -> Scraper:
    """The scraper of the source `key`, ready to ask and read.

    Raises InputError for an unknown key (the known ones are named), and for a module without exactly one Scraper.
    """
    paths = {path.stem: path for path in files(extra)}
    if key not in paths:
        raise InputError(f"unknown source {key!r}: expected one of {', '.join(sorted(paths)) or '(none is installed)'}")
    path = paths[key]
    definition = _definition(path)
    module = _module(path.with_suffix(".py"))
    classes = [
        value
        for value in vars(module).values()
        if inspect.isclass(value)
        and issubclass(value, Scraper)
        and value.__module__ == module.__name__
        and not inspect.isabstract(value)
    ]
    if len(classes) != 1:
        names = ", ".join(value.__name__ for value in classes) or "none"
        raise InputError(f"{path.parent.name}/{key}.py: expected exactly one Scraper class, found {names}")
    return classes[0](definition)


@cache
def _definition(path: Path) -> SourceDefinition:
    """A definition, read once in the life of a process: every step of a cycle asks for all of them."""
    return read_definition(path)


def files(extra: Iterable[Path] = ()) -> list[Path]:
    """The .toml of every source, `extra` as in `definitions`. Raises InputError for one key in two places."""
    found: dict[str, Path] = {}
    for folder in (HERE, *extra):
        for kind in SourceKind:
            for path in sorted((folder / kind.value).glob("*.toml")):
                if path.stem in found:
                    raise InputError(f"source {path.stem!r} is defined twice: {found[path.stem]} and {path}")
                found[path.stem] = path
    return list(found.values())


def _module(path: Path) -> ModuleType:
    if not path.is_file():
        raise InputError(f"{path.parent.name}/{path.name}: missing: a source is a .toml and a .py of the same name")
    if path.is_relative_to(HERE):
        return importlib.import_module(f"scrapers.{path.parent.name}.{path.stem}")
    name = f"scrapers_extra.{path.parent.name}.{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # before it runs: dataclasses and pydantic look their module up by name
    try:
        spec.loader.exec_module(module)
    except BaseException:  # an interrupt too must not leave a half module; it is raised again
        del sys.modules[name]
        raise
    return module
