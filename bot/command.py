"""Commands people write in comments, `/infra run` and its like: a pure parser of what a reader sees as their words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.model.untrusted import visible

PREFIX: Final = "/infra"


class Verb(StrEnum):
    """What can be asked for; the value is the word to write."""

    RUN = "run"
    STOP = "stop"
    RETRY = "retry"
    VERIFY = "verify"
    STATUS = "status"
    HELP = "help"


HELP: Final[dict[Verb, str]] = {
    Verb.RUN: "start, or continue where it stopped",
    Verb.STOP: "stop; what is on the branch stays",
    Verb.RETRY: "one more round after it ended unhealthy",
    Verb.VERIFY: "verify the branch as it is now, without changing it",
    Verb.STATUS: "say what is going on",
    Verb.HELP: "show this list",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command; `words` is what follows it on its line, such as what a revision should do."""

    verb: Verb
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Misspelt:
    """`/infra` with a word that is no command, and the command it may have meant."""

    word: str
    meant: Verb | None = None


_VERBS: Final = {verb.value: verb for verb in Verb}
# What other bots call it; asked back rather than obeyed, so that there is one word for one thing.
_OTHER_WORDS: Final = {
    "start": Verb.RUN,
    "continue": Verb.RUN,
    "resume": Verb.RUN,
    "cancel": Verb.STOP,
    "abort": Verb.STOP,
    "rerun": Verb.RETRY,
    "again": Verb.RETRY,
    "check": Verb.VERIFY,
    "test": Verb.VERIFY,
}
# At most three spaces before it: with four, it would be a code block.
_COMMAND: Final = re.compile(r" {0,3}/infra(?:[ \t]+(?P<rest>.*))?", re.IGNORECASE)
_FENCE: Final = re.compile(r" {0,3}(?P<fence>`{3,}|~{3,})(?P<info>.*)")
_QUOTE: Final = re.compile(r" {0,3}>")
_RAW_OPENS: Final = re.compile(r" {0,3}<(?P<tag>pre|code|script|style|textarea|blockquote)\b", re.IGNORECASE)
_WORD: Final = re.compile(r"[\W_]*(?P<word>[^\W_][\w-]*)[\W_]*")


def parse(text: str) -> tuple[Command | Misspelt, ...]:
    """Return the commands in a comment's Markdown, in order; usually none or one.

    A command stands at the beginning of a line. Not read are code blocks, quotes (and the lines that continue them
    without a mark, as Markdown does), raw HTML blocks of code or quotes, and what is hidden.
    """
    return tuple(
        _command(found["rest"] or "") for line in _spoken(visible(text)) if (found := _COMMAND.fullmatch(line))
    )


def _command(rest: str) -> Command | Misspelt:
    first, _, words = rest.strip().partition(" ")
    if not first:
        return Command(verb=Verb.HELP)
    found = _WORD.fullmatch(first)
    word = found["word"].lower() if found else first[:40]
    if word in _VERBS:
        return Command(verb=_VERBS[word], words=words.strip())
    known = {**_VERBS, **_OTHER_WORDS}
    close = difflib.get_close_matches(word[:40], known, n=1)
    return Misspelt(word=word[:40], meant=known[close[0]] if close else None)


def _spoken(text: str) -> Iterator[str]:
    """Yield the lines that their author says, rather than quotes or shows as code."""
    fence, raw, quoted = "", "", False
    for line in re.split(r"\r\n|\r|\n", text):
        if fence:
            closing = _FENCE.fullmatch(line)
            if closing and closing["fence"].startswith(fence) and not closing["info"].strip():
                fence = ""
        elif raw:
            raw = "" if f"</{raw}>" in line.lower() else raw
        elif (opening := _FENCE.fullmatch(line)) and not (opening["fence"][0] == "`" and "`" in opening["info"]):
            fence, quoted = opening["fence"], False
        elif opening := _RAW_OPENS.match(line):
            tag = opening["tag"].lower()
            raw = "" if f"</{tag}>" in line.lower() else tag
        elif _QUOTE.match(line):
            quoted = True
        elif not line.strip():
            quoted = False
        elif not quoted:
            yield line
