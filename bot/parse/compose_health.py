"""A service's health check, read from its resolved mapping: every form becomes one value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.parse.compose_parts import scalar, truth
from bot.parse.dockerfile_healthcheck import duration_seconds
from bot.parse.dockerfile_text import Text, Word
from bot.parse.nodes import Entry, Mapping, Node, Scalar, Sequence
from bot.parse.shell import Command
from bot.parse.shell_wrappers import exec_commands, run_commands
from bot.parse.source import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """A time such as `start_period: 30s`; `seconds` is None where it is not known or none."""

    node: Scalar
    seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Healthcheck:
    """`healthcheck`.

    Attributes:
        entry: Key and value.
        node: The value.
        test: `test` as written; None where left out.
        disabled: `disable: true` or `test: NONE`; `disabled_at` is where.
        form: `exec` (CMD), `shell` (CMD-SHELL or a string), "" where there is no usable test.
        words: The words behind `CMD`, or the one shell text.
    """

    entry: Entry
    node: Mapping
    test: Node | None = None
    disabled: bool = False
    disabled_at: Span | None = None
    form: Literal["exec", "shell", ""] = ""
    words: tuple[Scalar, ...] = ()
    interval: Duration | None = None
    timeout: Duration | None = None
    start_period: Duration | None = None
    start_interval: Duration | None = None
    retries: Scalar | None = None

    @property
    def known(self) -> bool:
        """Whether its whole command is known here."""
        return bool(self.form) and not any(word.unknown for word in self.words)

    @property
    def command(self) -> str:
        """The command in one line."""
        return " ".join(word.text for word in self.words)

    def commands(self) -> tuple[Command, ...]:
        """Return the commands the check runs, wrappers such as `sh -c` taken off."""
        words = tuple(located_word(word) for word in self.words)
        if self.form == "exec":
            return exec_commands(words) if words else ()
        return run_commands(Text.within(words[0])) if words else ()


def located_word(node: Scalar) -> Word:
    """Return a value as a shell word that stands where the value is written."""
    span = node.span
    return Word(value=node.text, raw=span.text, start=span.start, end=span.end, line=span.line, column=span.column)


def read_healthcheck(entry: Entry | None) -> Healthcheck | None:
    """Read `healthcheck`; None where the service has none (a null is none)."""
    if entry is None or not isinstance(entry.value, Mapping):
        return None
    node = entry.value
    test = node.get("test")
    disable = node.entry("disable")
    disabled_at = disable.value.span if disable is not None and truth(disable.value) else None
    form: Literal["exec", "shell", ""] = ""
    words: tuple[Scalar, ...] = ()
    if isinstance(test, Sequence):
        listed = tuple(item for item in test.items if isinstance(item, Scalar))
        kind = listed[0].text if listed else ""
        if kind == "NONE":
            disabled_at = disabled_at or test.span
        elif kind in {"CMD", "CMD-SHELL"} and len(listed) > 1:
            form = "exec" if kind == "CMD" else "shell"
            words = listed[1:] if form == "exec" else listed[1:2]
    elif isinstance(test, Scalar) and test.value is not None:
        if test.text.strip() == "NONE":
            disabled_at = disabled_at or test.span
        elif test.text.strip():
            form, words = "shell", (test,)
    retries = scalar(node.get("retries"))
    return Healthcheck(
        entry=entry,
        node=node,
        test=test,
        disabled=disabled_at is not None,
        disabled_at=disabled_at,
        form=form,
        words=words,
        interval=_duration(node.get("interval")),
        timeout=_duration(node.get("timeout")),
        start_period=_duration(node.get("start_period")),
        start_interval=_duration(node.get("start_interval")),
        retries=retries,
    )


def _duration(node: Node | None) -> Duration | None:
    found = scalar(node)
    if found is None:
        return None
    return Duration(node=found, seconds=None if found.unknown else duration_seconds(found.text.strip()))
