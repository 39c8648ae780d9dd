"""JUnit: failures fail, what was not measured is skipped, never passed."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from bot.model.health import Outcome
from bot.report.junit import junit_xml
from tests.unit.report import reports
from tests.unit.report.hostile import report_of
from tests.unit.report.reading import hostile


@pytest.mark.parametrize("name", ["healthy", "unhealthy", "build_failed", "refused", "no_engine"])
def test_text(name: str, snapshot: SnapshotAssertion) -> None:
    assert junit_xml(reports.ALL[name]) == snapshot


def stack(xml: str) -> ET.Element:
    found = ET.fromstring(xml).find("testsuite/testcase[@classname='groundwork.stack']")
    assert found is not None
    return found


@pytest.mark.parametrize("outcome", list(Outcome))
def test_only_a_healthy_stack_passes(outcome: Outcome) -> None:
    case = stack(junit_xml(replace(reports.HEALTHY, outcome=outcome)))
    assert (len(case) == 0) == (outcome is Outcome.HEALTHY)


def test_the_numbers_are_those_of_the_cases() -> None:
    suite = ET.fromstring(junit_xml(reports.UNHEALTHY)).find("testsuite")
    assert suite is not None
    assert int(suite.get("tests", "")) == len(suite.findall("testcase")) == 6
    assert int(suite.get("failures", "")) == len(suite.findall("testcase/failure")) == 2
    assert int(suite.get("skipped", "")) == len(suite.findall("testcase/skipped")) == 1


def test_a_service_that_was_not_judged_is_skipped() -> None:
    case = ET.fromstring(junit_xml(reports.NO_CHECK)).find("testsuite/testcase[@name='redis']")
    assert case is not None
    assert [child.get("message") for child in case] == ["unverified: has no health check"]


def test_a_silent_port_fails() -> None:
    silent = replace(reports.HEALTHY.answers[0], ok=False, status=0, error="refused")
    failure = ET.fromstring(junit_xml(replace(reports.HEALTHY, answers=(silent,)))).find("testsuite/testcase/failure")
    assert failure is not None
    assert failure.get("message") == "GET :8000/health ❌ refused"


@given(hostile, st.sampled_from(Outcome))
def test_any_text_is_well_formed_xml(words: str, outcome: Outcome) -> None:
    ET.fromstring(junit_xml(report_of(words, outcome)))
