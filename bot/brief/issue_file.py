"""Reads an issue from a Markdown file, for runs without a forge."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from bot.brief.hidden import visible
from bot.errors import UsageError
from bot.model.issue import Issue

LIMIT: Final = 1_000_000
_FRONT: Final = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FIELD: Final = re.compile(r"^(title|number)\s*:\s*(.*?)\s*$", re.IGNORECASE | re.MULTILINE)
_HEADING: Final = re.compile(r"^#{1,6}\s+(.*?)\s*#*\s*$")


def read_issue(path: Path) -> Issue:
    """Return the issue that the Markdown file at `path` holds.

    The title is that of the front matter (`title:`, `number:`), else the first heading, else the first line; the
    rest is the body. Text that a reader would not see (HTML comments, zero-width characters) is left out.

    Raises:
        UsageError: the file is missing, unreadable, binary, empty, or over 1 MB.
    """
    text = visible(_text(path))
    number, title = 0, ""
    if front := _FRONT.match(text):
        fields = {key.lower(): value.strip("\"'") for key, value in _FIELD.findall(front[1])}
        title = fields.get("title", "")
        number = _number(fields.get("number", ""), path)
        text = text[front.end() :]
    lines = text.strip().split("\n")
    if not title:
        first = next((index for index, line in enumerate(lines) if line.strip()), None)
        if first is None:
            raise UsageError(
                f"The issue file {path} is empty.", hint="write a title on its first line, and what you need below it"
            )
        heading = _HEADING.match(lines[first])
        title = (heading[1] if heading else lines[first]).strip()
        lines = lines[first + 1 :]
    return Issue(title=title[:256], body="\n".join(lines).strip(), number=number)


def _text(path: Path) -> str:
    hint = "give a Markdown file: a title on its first line, and what you need below it"
    try:
        if path.is_dir():
            raise UsageError(f"The issue {path} is a directory.", hint=hint)
        if not path.exists():
            raise UsageError(f"There is no issue file at {path}.", hint=hint)
        if not path.is_file():
            raise UsageError(f"The issue {path} is not a regular file.", hint=hint)
        with path.open("rb") as file:
            data = file.read(LIMIT + 1)
    except OSError as error:
        raise UsageError(
            f"The issue file {path} cannot be read: {(error.strerror or str(error)).lower()}.", hint=hint
        ) from error
    if len(data) > LIMIT:
        raise UsageError(f"The issue file {path} is over 1 MB.", hint="shorten it: an issue is a few pages at most")
    if b"\0" in data:
        raise UsageError(f"The issue file {path} is binary.", hint=hint)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"The issue file {path} is not text in UTF-8 (byte {error.start}).", hint=hint) from error


def _number(value: str, path: Path) -> int:
    if not value:
        return 0
    digits = value.removeprefix("#")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 12):
        raise UsageError(
            f"The issue file {path} has the number `{value}`, which is not one.",
            hint="write digits, such as `number: 12`",
        )
    return int(digits)
