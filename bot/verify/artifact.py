"""The report that a workflow left, read as what it is: somebody else's words, until they agree with what we know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.errors import InvalidValueError
from bot.model.artifact import NOTE, REPORT, RunNote
from bot.model.codec import from_builtins, from_json
from bot.model.health import HealthReport, Outcome
from bot.model.redact import Redactor
from bot.verify.judge import replay
from bot.verify.unzip import BOUNDS, Bounds, read_files


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What is known of the workflow run from GitHub itself.

    Attributes:
        commit: That was pushed.
        repository: `owner/name`.
        run_id: Of the run; `run_attempt` counts its re-runs.
        succeeded: Its conclusion is `success`: nothing in it failed.
    """

    commit: str
    repository: str
    run_id: int
    run_attempt: int
    succeeded: bool


def read_artifact(data: bytes, expected: Expected, bounds: Bounds = BOUNDS) -> HealthReport:
    """Return the report in the archive `data`, judged again from its record, with secrets taken out.

    A workflow file can be changed by whoever may push, so an artifact can be forged as a whole; what is refused here
    is everything that contradicts itself, GitHub, or the commit that was pushed.

    Raises:
        InvalidValueError: It does not; one clause says what.
    """
    files = read_files(data, (NOTE, REPORT), bounds)
    for name in (NOTE, REPORT):
        if name not in files:
            raise InvalidValueError(f"it holds no `{name}`")
    note = from_json(RunNote, files[NOTE])
    _held_against(note, expected)
    claimed = from_builtins(HealthReport, _redacted(_json(files[REPORT])))
    if claimed.version != 1:
        raise InvalidValueError("its report has a form that is not known here")
    judged = _judged(claimed)
    if judged.outcome is not claimed.outcome or judged.outcome.value != note.outcome:
        raise InvalidValueError("its verdict is not the one that its own record gives")
    if judged.commit != expected.commit or claimed.commit != expected.commit:
        raise InvalidValueError("its report is about another commit")
    if judged.outcome is Outcome.HEALTHY:
        _held_against_health(judged, expected)
    return judged


def _held_against(note: RunNote, expected: Expected) -> None:
    if note.version != 1:
        raise InvalidValueError("it has a form that is not known here")
    if note.repository.casefold() != expected.repository.casefold():
        raise InvalidValueError("it is of another repository")
    if (note.run_id, note.run_attempt) != (expected.run_id, expected.run_attempt):
        raise InvalidValueError("it is of another run of the workflow")
    if note.commit != expected.commit:
        raise InvalidValueError("it is about another commit")


def _held_against_health(judged: HealthReport, expected: Expected) -> None:
    if not expected.succeeded:
        raise InvalidValueError("it says healthy, but the workflow failed")
    if judged.dirty:
        raise InvalidValueError("files were changed between the commit and the verification")


def _judged(claimed: HealthReport) -> HealthReport:
    try:
        return replay(claimed)
    except InvalidValueError:
        raise
    except Exception as error:  # a record made by hand can contradict itself in any way
        raise InvalidValueError(f"its record cannot be judged: {type(error).__name__}") from error


def _json(data: bytes) -> Any:
    import json

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    try:
        return json.loads(data, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise InvalidValueError("its report is no JSON") from error


_REDACT = Redactor()


def _redacted(value: Any) -> Any:
    """Return the JSON `value` with secrets taken out of every string."""
    if isinstance(value, str):
        return _REDACT(value)
    if isinstance(value, list):
        return [_redacted(item) for item in value]
    if isinstance(value, dict):
        return {key: _redacted(item) for key, item in value.items()}
    return value
