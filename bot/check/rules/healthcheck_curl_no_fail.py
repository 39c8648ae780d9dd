"""HC11: curl that calls an error page a success."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.check.probes import Probe, probes
from bot.check.rule import Rule, safe
from bot.check.tree import Tree
from bot.model.finding import Edit, Finding, Fix, Severity
from bot.parse.dockerfile_text import Word
from bot.parse.nodes import Scalar, Sequence
from bot.parse.shell import Command
from bot.parse.yaml_edit import add_item

_FAIL: Final = frozenset({"--fail", "--fail-with-body"})
_JUDGES: Final = frozenset(
    {"grep", "egrep", "fgrep", "rg", "jq", "awk", "sed", "test", "[", "[[", "case", "expr", "python3"}
)
# Single-letter options that take the rest of the word as their value: an `f` behind them is no option.
_VALUED: Final = "AbcCdDeEFhHKmoPQrtTuUwxXyYz"


def _check(tree: Tree) -> Iterator[Finding]:
    for probe in probes(tree):
        commands = probe.commands
        if any(command.program in _JUDGES for command in commands):
            continue
        for index, command in enumerate(commands):
            following = commands[index + 1] if index + 1 < len(commands) else None
            piped = following is not None and following.operator in {"|", "|&"}
            if command.program == "curl" and not piped and _passes(command):
                word = command.words[0]
                yield RULE.finding(
                    probe.word_span(word),
                    f"The check of {probe.label} runs curl without `-f`: it passes on HTTP 500, too.",
                    _fix(probe, word),
                )
                break


def _passes(command: Command) -> bool:
    """Whether curl ends well whatever the server answers."""
    arguments = command.arguments
    for argument in arguments:
        if argument in _FAIL or "$" in argument.split("://", 1)[0] or argument in {"-K", "--config"}:
            return False
        if re.match(r"(?:telnet|ftp|sftp|ldap|smtp|imap|mqtt|file|dict)s?://", argument):
            return False
        if re.match(r"-[A-Za-z#0-9]", argument) and "f" in re.split(f"[{_VALUED}]", argument[1:], maxsplit=1)[0]:
            return False
    return any(not argument.startswith("-") for argument in arguments)


def _fix(probe: Probe, word: Word) -> Fix | None:
    if probe.source.text[word.start : word.end] != word.raw or not word.raw.strip("\"'").endswith("curl"):
        return None
    check = probe.compose
    if check is not None and check.form == "exec" and isinstance(check.test, Sequence):
        return _exec_fix(check.test, word)
    if probe.own is not None and probe.own.shell is None:
        words = probe.own.words
        index = next((i for i, each in enumerate(words) if each.start == word.start), None)
        if index is None or index + 1 >= len(words):
            return None
        at = words[index + 1].start
        return safe("let curl fail on HTTP errors", Edit(path=probe.source.path, start=at, end=at, text='"-f", '))
    return safe("let curl fail on HTTP errors", Edit(path=probe.source.path, start=word.end, end=word.end, text=" -f"))


def _exec_fix(test: Sequence, word: Word) -> Fix | None:
    index = next((i for i, item in enumerate(test.items) if item.span.start == word.start), None)
    if index is None:  # inside `sh -c`
        return safe("let curl fail on HTTP errors", Edit(path=test.span.path, start=word.end, end=word.end, text=" -f"))
    if index + 1 >= len(test.items):
        return None
    item = test.items[index]
    quote = item.style if isinstance(item, Scalar) and item.style in {"'", '"'} else ""
    edit = add_item(test, index + 1, f"{quote}-f{quote}")
    return safe("let curl fail on HTTP errors", edit) if edit is not None else None


RULE = Rule(
    name="healthcheck-curl-no-fail",
    code="HC11",
    severity=Severity.WARNING,
    summary="curl without `-f` or `--fail`: it passes on HTTP 500",
    needs=("compose", "dockerfile"),
    fix="safe",
    check=_check,
)
