"""Words of an instruction: blanks, quotes, escapes, JSON arrays, flags and `name=value` pairs."""

from __future__ import annotations

import json
import re

from bot.parse.dockerfile_model import Flag, Pair
from bot.parse.dockerfile_text import Text, Word

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_FLAG = re.compile(r"--([A-Za-z][A-Za-z0-9-]*)(?:=(.*))?$", re.DOTALL)
_BLANK = " \t\r\n"


def split_words(text: Text, escape: str) -> list[Word]:
    """Return the blank-separated words of `text`, quotes and escapes removed from their values."""
    words: list[Word] = []
    raw, length, at = text.text, len(text.text), 0
    while True:
        while at < length and raw[at] in _BLANK:
            at += 1
        if at >= length:
            return words
        start = at
        at, value = _read(raw, at, escape)
        words.append(text.word(start, at, value))


def _read(raw: str, at: int, escape: str) -> tuple[int, str]:
    """Read one word that begins at `at`: where it ends, and its value."""
    value: list[str] = []
    quote = ""
    length = len(raw)
    while at < length:
        char = raw[at]
        if char == escape and quote != "'" and at + 1 < length:
            following = raw[at + 1]
            # In double quotes an escape means itself, unless it protects a quote, a dollar or itself.
            value.append(following if not quote or following in f'"${escape}' else char + following)
            at += 2
            continue
        if quote:
            if char == quote:
                quote = ""
            else:
                value.append(char)
        elif char in "'\"":
            quote = char
        elif char in _BLANK:
            break
        elif raw.startswith("${", at):
            # A default may hold blanks: `${TAG:-a b}` is one word.
            end = raw.find("}", at)
            end = length - 1 if end < 0 else end
            value.append(raw[at : end + 1])
            at = end
        else:
            value.append(char)
        at += 1
    return at, "".join(value)


def split_flags(text: Text, escape: str) -> tuple[tuple[Flag, ...], Text]:
    """Take `--name=value` words off the front of `text`; return them and what is left."""
    flags = []
    raw, at = text.text, 0
    while True:
        while at < len(raw) and raw[at] in _BLANK:
            at += 1
        if not raw.startswith("--", at):
            break
        end, value = _read(raw, at, escape)
        match = _FLAG.match(value)
        if not match:
            break
        flags.append(Flag(name=match[1].lower(), value=match[2] or "", word=text.word(at, end, value)))
        at = end
    end = len(raw.rstrip(_BLANK))
    return tuple(flags), text.slice(at, max(at, end))


def json_words(text: Text) -> tuple[Word, ...] | None:
    """Return the words of a JSON array of strings, or None where `text` is none (then it is a shell form)."""
    raw = text.text
    if not raw.startswith("["):
        return None
    try:
        values = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        return None
    return tuple(
        text.word(match.start(), match.end(), value) for match, value in zip(_STRING.finditer(raw), values, strict=True)
    )


def split_pairs(words: list[Word], text: Text, *, bare: bool) -> tuple[Pair, ...]:
    """Return the pairs of ENV, LABEL (`bare` False: also the old form `NAME the rest`) or ARG (`bare` True)."""
    if not words:
        return ()
    if not bare and "=" not in words[0].raw:
        if len(words) < 2:
            return ()
        rest = words[1].start
        index = next(i for i in range(len(text.text)) if text.offset(i) == rest)
        old = text.word(index, len(text.text))
        return (Pair(name=words[0].value, value=old.value, word=words[0]),)
    pairs = []
    for word in words:
        name, equals, value = word.value.partition("=")
        pairs.append(Pair(name=name, value=value if equals else None, word=word))
    return tuple(pairs)
