"""The Dockerfile parser: every instruction and word with its place, and errors where BuildKit would stop."""

from __future__ import annotations

import re
from typing import Final

from bot.errors import ParseError
from bot.parse.dockerfile_healthcheck import read_healthcheck
from bot.parse.dockerfile_lines import LogicalLine, read_lines
from bot.parse.dockerfile_model import Dockerfile, DockerfileHealthcheck, Instruction, Stage
from bot.parse.dockerfile_text import Text, Word
from bot.parse.dockerfile_words import json_words, split_flags, split_pairs, split_words
from bot.parse.source import Source

MAX_CHARACTERS: Final = 2_000_000
_JSON_FORMS: Final = frozenset({"ADD", "COPY", "CMD", "ENTRYPOINT", "RUN", "SHELL", "VOLUME"})
_PAIRED: Final = frozenset({"ENV", "LABEL", "ARG"})
# keyword -> (fewest, most) words; None: any number
_ARITY: Final[dict[str, tuple[int, int | None]]] = {
    "ADD": (1, None),
    "ARG": (1, None),
    "CMD": (0, None),
    "COPY": (1, None),
    "ENTRYPOINT": (0, None),
    "ENV": (1, None),
    "EXPOSE": (1, None),
    "FROM": (1, 3),
    "HEALTHCHECK": (1, None),
    "LABEL": (1, None),
    "MAINTAINER": (1, None),
    "ONBUILD": (1, None),
    "RUN": (1, None),
    "SHELL": (1, None),
    "STOPSIGNAL": (1, 1),
    "USER": (1, 1),
    "VOLUME": (1, None),
    "WORKDIR": (1, None),
}
_NOT_TRIGGERS: Final = frozenset({"ONBUILD", "FROM", "MAINTAINER"})
_STAGE_NAME: Final = re.compile(r"[a-z][a-z0-9._-]*\Z")
_KEYWORD: Final = re.compile(r"\S+")


def parse_dockerfile(file: Source | str, path: str = "Dockerfile") -> Dockerfile:
    """Parse a Dockerfile; `path` is for errors and spans where only its text is given.

    Raises:
        ParseError: where a build would stop before its first step; with line and column.
    """
    source = Source(path, file) if isinstance(file, str) else file
    text, path = source.text, source.path
    if len(text) > MAX_CHARACTERS:
        raise ParseError(
            f"{path} has {len(text):,} characters, more than the {MAX_CHARACTERS:,} of any sensible Dockerfile",
            path=path,
            hint="check that this file is really a Dockerfile",
        )
    lines = read_lines(source, path)
    instructions = [_read(line.text, line, lines.escape, path) for line in lines.lines]
    if not instructions:
        raise ParseError(f"{path} holds no instruction", path=path, hint="a Dockerfile begins with FROM")
    first = next((i for i, each in enumerate(instructions) if each.keyword != "ARG"), len(instructions))
    if first == len(instructions) or instructions[first].keyword != "FROM":
        at = instructions[min(first, len(instructions) - 1)]
        raise _error(path, at.place, f"{at.keyword} stands before the first FROM, where only ARG may stand")
    return Dockerfile(
        path=path,
        source=source,
        directives=lines.directives,
        global_args=tuple(instructions[:first]),
        stages=_stages(instructions[first:]),
        healthchecks=_healthchecks(instructions, path),
    )


def _error(path: str, word: Word, what: str, hint: str = "") -> ParseError:
    return ParseError(what, path=path, line=word.line, column=word.column, hint=hint)


def _read(text: Text, line: LogicalLine, escape: str, path: str) -> Instruction:
    """Read the instruction that `text` holds: a logical line, or what an ONBUILD holds back."""
    match = _KEYWORD.match(text.text)
    end = match.end() if match else 0
    place = text.word(0, end)
    keyword = place.value.upper()
    if keyword not in _ARITY:
        raise _error(path, place, f"unknown instruction {place.value[:40]!r}", _hint(keyword))
    flags, body = split_flags(text.slice(end, len(text.text)), escape)
    words = json_words(body) if keyword in _JSON_FORMS else None
    exec_form = words is not None
    listed = split_words(body, escape) if words is None else list(words)
    fewest, most = _ARITY[keyword]
    if (len(listed) < fewest and not exec_form) or (most is not None and len(listed) > most):
        raise _error(path, place, _arity_words(keyword, fewest, most))
    pairs = split_pairs(listed, body, bare=keyword == "ARG") if keyword in _PAIRED else ()
    trigger = None
    if keyword == "ONBUILD":
        trigger = _read(body, line, escape, path)
        if trigger.keyword in _NOT_TRIGGERS:
            raise _error(path, trigger.place, f"ONBUILD cannot hold back {trigger.keyword}")
    _validate(keyword, place, listed, pairs, path, exec_form=exec_form)
    return Instruction(
        keyword=keyword,
        place=place,
        flags=flags,
        body=body,
        words=tuple(listed),
        exec_form=exec_form,
        pairs=pairs,
        heredocs=tuple(line.heredocs) if keyword in {"RUN", "COPY", "ADD"} else (),
        start=text.offset(0),
        end=line.end,
        trigger=trigger,
    )


def _hint(keyword: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(keyword[:20], _ARITY, n=1)
    return f"did you mean {close[0]}?" if close else "a line that goes on needs an escape at the end of the one before"


def _arity_words(keyword: str, fewest: int, most: int | None) -> str:
    if most == fewest:
        return f"{keyword} takes exactly one argument"
    return f"{keyword} needs an argument" if most is None else f"{keyword} takes one to {most} arguments"


def _validate(
    keyword: str,
    place: Word,
    words: list[Word],
    pairs: tuple[object, ...],
    path: str,
    *,
    exec_form: bool,
) -> None:
    if keyword == "SHELL" and not exec_form:
        raise _error(path, place, 'SHELL must be a JSON array, such as ["/bin/sh", "-c"]')
    if keyword in {"COPY", "ADD"} and len(words) < 2:
        raise _error(path, place, f"{keyword} needs a source and a destination")
    if keyword in {"ENV", "LABEL"} and not pairs:
        raise _error(path, place, f"{keyword} needs a name and a value")
    if keyword in {"ENV", "LABEL"} and len(words) > 1 and "=" in words[0].raw:
        stray = next((word for word in words if "=" not in word.raw), None)
        if stray is not None:
            raise _error(
                path, stray, f"{stray.value[:40]!r} in {keyword} has no value", "quote values that hold blanks"
            )
    if keyword == "FROM" and len(words) > 1:
        if len(words) != 3 or words[1].value.lower() != "as":
            raise _error(path, words[1], "FROM takes an image and then nothing, or AS and a stage name")
        if not _STAGE_NAME.match(words[2].value.lower()):
            raise _error(path, words[2], f"{words[2].value[:40]!r} is no valid name for a stage")


def _stages(instructions: list[Instruction]) -> tuple[Stage, ...]:
    groups: list[list[Instruction]] = []
    for each in instructions:
        if each.keyword == "FROM":
            groups.append([each])
        else:
            groups[-1].append(each)
    stages = []
    for index, (first, *rest) in enumerate(groups):
        stages.append(
            Stage(
                index=index,
                name=first.words[2].value.lower() if len(first.words) == 3 else "",
                base=first.words[0],
                platform=first.flag("platform") or "",
                from_=first,
                instructions=tuple(rest),
            )
        )
    return tuple(stages)


def _healthchecks(instructions: list[Instruction], path: str) -> dict[int, DockerfileHealthcheck]:
    found = {}
    for each in instructions:
        target = each.trigger or each
        if target.keyword == "HEALTHCHECK":
            found[target.start] = read_healthcheck(target, path)
    return found
