"""Every kind of stack that a report must be right about, on a real engine."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.model.codec import from_json, to_json
from bot.model.health import HealthReport
from bot.verify.judge import replay
from tests.docker.verify.stacks import CASES

pytestmark = [pytest.mark.docker, pytest.mark.timeout(400)]


@pytest.mark.parametrize("case", list(CASES))
def test_the_report_says_what_happened_and_why(case: str, reports: Callable[[str], HealthReport]) -> None:
    wanted = CASES[case]
    report = reports(case)
    told = to_json(report, indent=1).decode()

    assert report.outcome == wanted.outcome, told
    verdicts = {service.name: str(service.verdict) for service in report.services}
    assert verdicts | dict(wanted.verdicts) == verdicts, told
    assert report.root_cause == wanted.root or not wanted.root, told
    assert wanted.cause is None or (report.cause is not None and report.cause.code == wanted.cause), told
    assert wanted.also is None or wanted.also(report), told
    assert report.left_behind == ()
    assert replay(from_json(HealthReport, told)) == report
