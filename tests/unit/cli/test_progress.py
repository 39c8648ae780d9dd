"""What a person sees while a command works."""

from __future__ import annotations

import asyncio
import io

import pytest

from bot.cli.progress import Progress, TerminalSteps


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_plain_lines_where_there_is_no_terminal() -> None:
    stream = io.StringIO()
    progress = Progress(quiet=False, stream=stream)
    with progress.step("verifying"):
        progress.now("building backend")
    lines = stream.getvalue().splitlines()
    assert lines[0] == "  building backend"
    assert lines[1].startswith("✓ verifying (0.")
    assert "\x1b" not in stream.getvalue(), "no control sequences in a log file"


def test_a_terminal_sees_what_is_happening_now() -> None:
    stream = Terminal()
    progress = Progress(quiet=False, stream=stream)
    with progress.step("verifying"):
        progress.now("building [backend]")
    assert "✓ verifying" in stream.getvalue()


def test_quiet_prints_nothing() -> None:
    stream = io.StringIO()
    progress = Progress(quiet=True, stream=stream)
    with progress.step("verifying"):
        progress.now("building")
    assert stream.getvalue() == ""


def test_a_step_that_fails_is_marked_so() -> None:
    stream = io.StringIO()
    progress = Progress(quiet=False, stream=stream)
    with pytest.raises(ValueError, match="broken"), progress.step("verifying"):
        raise ValueError("broken")
    assert stream.getvalue().startswith("✗ verifying")


def test_marks_do_not_break_a_stream_that_cannot_show_them() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    with Progress(quiet=False, stream=stream).step("verifying"):
        pass
    assert raw.getvalue().decode("ascii").startswith("? verifying")


def test_steps_of_the_story_are_told_in_words() -> None:
    stream = io.StringIO()
    steps = TerminalSteps(Progress(quiet=False, stream=stream))

    async def work() -> str:
        return "done"

    assert asyncio.run(steps.run("verify-2", str, work)) == "done"
    assert stream.getvalue().startswith("✓ verifying, attempt 2 (")
