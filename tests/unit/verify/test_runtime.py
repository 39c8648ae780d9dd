"""The runtime rules: each finds what it is about, and nothing in a stack that is well."""

from __future__ import annotations

import pytest

from bot.model.measured import Answer, Probe, Record
from bot.verify.judge import judge
from bot.verify.runtime import CODES
from tests.unit.verify.records import failing, healthy, moments, record

SILENT = Answer(service="app", published=8080, target=80, protocol="tcp", error="closed at once")
CASES = {
    "all-healthy": record(failing()),
    "starting-too-long": record(healthy(moments=moments((0.2, "started"), (130.0, "healthy"))), window_began=131.0),
    "probe-duration": record(healthy(probes=(Probe(at=1, seconds=4.0, exit_code=0),))),
    "published-responds": record(healthy(), answers=(SILENT,)),
    "log-errors": record(healthy(log_errors=("ERROR: boom",))),
    "root-owned-files": record(healthy(root_owned=("src/app/cache",))),
    "stack-left-running": record(healthy(), left_behind=("container x",)),
}


@pytest.mark.parametrize("rule", list(CODES))
def test_each_rule_finds_its_own(rule: str) -> None:
    found = {finding.rule: finding for finding in judge(CASES[rule]).observed}
    assert rule in found
    assert found[rule].code == CODES[rule]
    assert found[rule].path == "src/docker-compose.yml"


def test_a_stack_that_is_well_has_none() -> None:
    assert judge(record(healthy("db"), healthy("app"))).observed == ()


@pytest.mark.parametrize("ended", ["no-engine", "refused", "engine-lost"])
def test_what_never_ran_is_not_held_against_anybody(ended: str) -> None:
    assert judge(Record(ended=ended, services=(healthy(running=False, moments=()),))).observed == ()  # type: ignore[arg-type]
