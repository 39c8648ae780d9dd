"""Templates: Jinja2 with delimiters that no file we render uses, and an error for every name that is not given."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment, Template


def fill(source: str, values: Mapping[str, Any]) -> str:
    """Return `source` with `[= name =]` and `[% statement %]` filled from `values`.

    Braces stay free for JSX and compose, double brackets for Python types and shells. Nothing is escaped for HTML:
    what is rendered are configuration files and source code.

    Raises:
        jinja2.UndefinedError: the template uses a name that is not among `values`.
    """
    return _template(source).render(values)


@cache
def _template(source: str) -> Template:
    return _environment().from_string(source)


@cache
def _environment() -> Environment:
    import jinja2

    return jinja2.Environment(
        block_start_string="[%",
        block_end_string="%]",
        variable_start_string="[=",
        variable_end_string="=]",
        comment_start_string="[#",
        comment_end_string="#]",
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - configuration files and source code, never a page served to a browser
    )
