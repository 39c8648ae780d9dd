"""Pieces of GitHub Markdown that hold untrusted text without letting it out.

A *prose* string is a sentence in which backticks mark code, as people write it; everything else in it is literal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from bot.report import plain

# Zero-width space: splits what GitHub would turn into a notification or a cross-reference. `plain` lets none through.
_SPLIT: Final = "\u200b"
_SPAN: Final = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_LITERAL: Final = re.compile(r"[\\`*\[\]<>|~$]|&(?=#?\w+;)|(?<![^\W_])_|_(?![^\W_])")
_ENTITY: Final = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "$": "&#36;"}
_SIGNS: Final = re.compile(r"[!-,.:;<>-@\[-`{-~]")  # of ASCII all but letters, digits, space, `-`, `/` and `=`
# @name, #12, GH-12, scheme://, www., :emoji:
_LIVE: Final = re.compile(r"@(?=\w)|#(?=\d)|(?i:\bGH)(?=-\d)|:(?=//)|(?i:www)(?=\.)|:(?=[a-z0-9_+-]+:)")
_BLOCK_START: Final = re.compile(r"^(?:([-+=#])|(\d{1,9})([.)]))")


def text(words: str, *, limit: int = 0) -> str:
    """Return `words` as literal Markdown on one line: no markup, link, mention, reference or HTML in it is alive."""
    return _literal(plain.line(words, limit=limit))


def _literal(line: str) -> str:
    dead = _LIVE.sub(lambda found: f"{found[0]}{_SPLIT}", line)
    escaped = _LITERAL.sub(lambda found: _ENTITY.get(found[0], f"\\{found[0]}"), dead)
    return escaped.replace(_SPLIT, "&#8203;")


def opening(markdown: str) -> str:
    """Return one finished line for the start of a paragraph or list item, where `-` or `1.` would begin a block."""
    return _BLOCK_START.sub(lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}", markdown)


def code(words: str, *, limit: int = 0) -> str:
    """Return `words` as inline code on one line; safe in table cells, where a pipe cannot be escaped reliably."""
    line = plain.line(words, limit=limit)
    if not line:
        return ""
    if "`" in line or "|" in line or line.endswith("\\"):
        safe = _SIGNS.sub(lambda found: f"&#{ord(found[0])};", line)
        return f"<code>{safe}</code>"
    return f"`{line}`"


def prose(words: str, *, limit: int = 0) -> str:
    """Return a prose string as Markdown: spans in backticks become code, the rest is literal."""
    line = plain.line(words, limit=limit)
    parts, position = [], 0
    for found in _SPAN.finditer(line):
        parts += [_literal(line[position : found.start()]) if position < found.start() else "", code(found[2])]
        position = found.end()
    return "".join([*parts, _literal(line[position:])])


def span(name: str) -> str:
    """Return `name` as a code span of a prose string."""
    return f"`{plain.line(name, limit=120).replace('`', chr(0x2019))}`"


def place(path: str, number: int = 0) -> str:
    """Return `path:line` as inline code, or the path alone where no line is known."""
    return code(f"{path}:{number}" if number else path, limit=200)


def table(header: Sequence[str], align: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; `align` holds `---` or `--:` for each column; cells are finished Markdown."""
    lines = [header, *rows]
    drawn = ["|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|" for cells in lines]
    return "\n".join([drawn[0], "|" + "|".join(align) + "|", *drawn[1:]])


def fence(content: str, language: str = "") -> str:
    """Return a fenced block that `content` cannot close: the fence is longer than any run of backticks in it."""
    shown = plain.lines(content)
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    marks = "`" * max(3, longest + 1)
    return f"{marks}{language}\n{shown}\n{marks}"


def details(summary: str, content: str) -> str:
    """Return folded `content` (finished Markdown) under `summary` (finished HTML)."""
    return f"<details><summary>{summary}</summary>\n\n{content}\n</details>"


def html_code(words: str) -> str:
    """Return `words` as an HTML code element, for places where Markdown is not read, such as a summary."""
    line = plain.line(words, limit=120)
    return f"<code>{line.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')}</code>"
