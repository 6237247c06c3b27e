"""The templates of pages, messages and feeds: what they may use, and how what they print is escaped."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.compiler import CodeGenerator, Frame
from jinja2.nodes import Expr
from markupsafe import Markup, escape

from reports import language, numbers

_SHORT = 64
"""Letters of a text of which the escaped form is kept: most of what a page prints are numbers, codes and labels that
stand in many places."""


def printed(value: object) -> Markup:
    """A value as a template prints it: markup as it is, everything else as text (`markupsafe.escape`)."""
    if type(value) is str:
        return _short(value) if len(value) <= _SHORT else escape(value)
    if isinstance(value, Markup):
        return value
    return printed(str(value)) if isinstance(value, str) else escape(value)


@lru_cache(maxsize=1 << 14)
def _short(text: str) -> Markup:
    return escape(text)


class _Generator(CodeGenerator):
    """Templates as code that prints with `printed` where Jinja's own prints with `escape`: pages print millions of
    values."""

    def _output_child_pre(self, node: Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.printed(")


class _Templates(Environment):
    code_generator_class = _Generator
    printed = staticmethod(printed)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """`row.name`: of a dict what it holds under the name. Jinja looks for an attribute first, which costs an
        exception for each of many."""
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


@cache
def _templates() -> Environment:
    """The templates: always escaped, whatever their names, and strict about names that are not given."""
    environment = _Templates(
        loader=PackageLoader("reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(_=language._, _m=language.marked, ngettext=language.ngettext, pgettext=language.pgettext)
    environment.filters.update(
        percent=numbers.percent,
        points=numbers.change,
        number=numbers.number,
        count=numbers.count,
        day=numbers.day,
        words=numbers.listed,
        rate=numbers.rate,
        separated=numbers.separated,
    )
    return environment


def rendered(template: str, **view: object) -> str:
    """What a template makes of a view. What it looked at is let go at once: its macros hold the context that holds
    them, and all pages of an edition together would be kept until the next search for such cycles."""
    made = _templates().get_template(template)
    context = made.new_context(view)
    try:
        return _templates().concat(made.root_render_func(context))
    finally:
        context.vars.clear()
