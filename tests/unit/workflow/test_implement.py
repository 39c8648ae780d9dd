"""The story of a run, against fakes of its ports."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.errors import RepositoryError
from bot.model.brief import Brief
from bot.model.finding import Finding, Severity
from bot.model.health import Cause, HealthReport, Outcome
from bot.model.issue import Issue
from bot.model.proposal import Base
from bot.workflow.draft import StepDrafter
from bot.workflow.implement import Nothing, Ports, Proposed, implement
from tests.fakes.ports import (
    FakeChecker,
    FakeEngine,
    FakeForge,
    FakeUnderstanding,
    FakeVerifier,
    FakeWorkspaces,
    RecordingSteps,
)

ISSUE = Issue(title="Shop")
HEALTHY = HealthReport(outcome=Outcome.HEALTHY)
SICK = HealthReport(
    outcome=Outcome.UNHEALTHY, root_cause="backend", cause=Cause(code="ipv6-localhost", title="its check looks at IPv6")
)
BROKEN = HealthReport(outcome=Outcome.BUILD_FAILED)
BETTER = HealthReport(
    outcome=Outcome.UNHEALTHY, root_cause="worker", cause=Cause(code="exited", title="it ends at once")
)
WRONG = Finding(rule="healthcheck-localhost", code="HC03", severity=Severity.ERROR, path="c", line=1, message="m")


@dataclass
class World:
    workspaces: FakeWorkspaces
    forge: FakeForge
    engine: FakeEngine
    checker: FakeChecker
    verifier: FakeVerifier
    understanding: FakeUnderstanding
    steps: RecordingSteps

    def run(self, attempts: int = 3, *, merging: bool = True) -> Proposed | Nothing:
        ports = Ports(
            workspaces=self.workspaces,
            forge=self.forge,
            understanding=self.understanding,
            drafter=StepDrafter(workspaces=self.workspaces, engine=self.engine, checker=self.checker, steps=self.steps),
            checker=self.checker,
            verifier=self.verifier,
            steps=self.steps,
        )
        return asyncio.run(implement(ISSUE, ports, attempts=attempts, merging=merging))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(
        FakeWorkspaces(tmp_path),
        FakeForge(),
        FakeEngine(),
        FakeChecker(),
        FakeVerifier([HEALTHY]),
        FakeUnderstanding(),
        RecordingSteps(),
    )


def proposed(ended: Proposed | Nothing) -> Proposed:
    assert isinstance(ended, Proposed)
    return ended


def test_a_healthy_stack_becomes_a_ready_pull_request_on_its_own_branch(world: World) -> None:
    ended = proposed(world.run())
    assert not ended.proposal.draft
    assert ended.proposal.base.branch == "groundwork/shop"
    assert world.forge.branches == {"groundwork/shop": ended.proposal.head}
    assert world.verifier.asked == [ended.proposal.head], "what is proposed is what was verified"
    assert [file.path for file in ended.proposal.change.files] == ["compose.yml"]
    assert world.forge.proposals == [ended.proposal]


def test_a_project_that_needs_nothing_ends_before_anything_is_made(world: World) -> None:
    world.understanding.answer = Brief(needs_infra=False, reason="it is a command-line tool")
    assert world.run() == Nothing(reason="it is a command-line tool")
    assert world.forge.branches == {}
    assert world.engine.asked == []


def test_an_unhealthy_stack_is_repaired_with_the_evidence_and_verified_again(world: World) -> None:
    world.engine.texts = ["bad", "good"]
    world.verifier.reports = [SICK, HEALTHY]
    ended = proposed(world.run())
    assert world.engine.asked[1] == ("repair", (), SICK)
    assert [attempt.outcome for attempt in ended.proposal.attempts] == ["unhealthy", "healthy"]
    assert ended.proposal.attempts[0].words == "`backend`: its check looks at IPv6"
    assert not ended.proposal.draft
    assert world.verifier.asked[-1] == ended.proposal.head == world.forge.branches["groundwork/shop"]


def test_repairs_end_at_the_limit_with_a_draft(world: World) -> None:
    world.engine.texts = ["one", "two", "three", "four"]
    world.verifier.reports = [BROKEN, SICK, BETTER]
    ended = proposed(world.run(attempts=3))
    assert ended.proposal.draft
    assert len(ended.proposal.attempts) == 3
    assert world.engine.texts == ["four"], "no repair is made that nobody would verify"


def test_a_failure_that_comes_back_as_it_was_ends_the_repairs(world: World) -> None:
    world.engine.texts = ["one", "two", "three"]
    world.verifier.reports = [SICK, SICK, HEALTHY]
    ended = proposed(world.run(attempts=3))
    assert ended.proposal.draft
    assert len(ended.proposal.attempts) == 2
    assert world.engine.texts == ["three"], "a third repair is not paid for"
    assert "attempt 2 failed just as the one before" in ended.proposal.work.ended


def test_what_came_furthest_is_kept_when_a_repair_made_it_worse(world: World) -> None:
    world.engine.texts = ["good", "bad"]
    world.verifier.reports = [SICK, BROKEN]
    ended = proposed(world.run(attempts=2))
    assert ended.proposal.draft
    assert [attempt.outcome for attempt in ended.proposal.attempts] == ["unhealthy", "build-failed"]
    assert ended.proposal.health.outcome is Outcome.UNHEALTHY
    assert world.forge.branches == {"groundwork/shop": ended.proposal.head}, "a commit on top, nothing is taken away"
    assert ended.proposal.head not in world.verifier.asked
    kept = world.workspaces.snapshots
    assert kept[ended.proposal.head] == kept[world.verifier.asked[0]] != kept[world.verifier.asked[1]]
    assert "holds what attempt 1 left" in ended.proposal.work.ended


def test_repairs_end_when_the_engine_cannot(world: World) -> None:
    world.engine.texts = ["bad"]
    world.verifier.reports = [SICK]
    ended = proposed(world.run())
    assert ended.proposal.draft
    assert len(ended.proposal.attempts) == 1
    assert "wrote nothing" in ended.proposal.work.confirm, "what the engine said about it is told"


def test_findings_go_back_to_the_engine_before_anything_is_pushed(world: World) -> None:
    world.engine.texts = ["smelly", "clean"]
    world.checker.found = {"smelly": (WRONG,)}
    ended = proposed(world.run())
    assert world.engine.asked[1] == ("repair", (WRONG,), None)
    assert ended.proposal.findings == ()
    assert world.steps.names.count("commit-1") == 1
    assert len(world.verifier.asked) == 1


def test_findings_nobody_mended_are_reported(world: World) -> None:
    world.engine.texts = ["smelly"]
    world.checker.found = {"smelly": (WRONG,)}
    assert proposed(world.run()).proposal.findings == (WRONG,)


def test_no_engine_is_not_answered_with_repairs(world: World) -> None:
    world.verifier.reports = [HealthReport(outcome=Outcome.NO_ENGINE)]
    ended = proposed(world.run())
    assert ended.proposal.draft
    assert len(world.engine.asked) == 1


def test_a_second_run_continues_on_the_branch_it_finds(world: World) -> None:
    first = proposed(world.run()).proposal.head
    world.workspaces.start = world.workspaces.start.__class__(
        commit=world.workspaces.start.commit, head=first, branch="groundwork/shop", base_branch="main"
    )
    world.engine.texts = ["better"]
    world.verifier.reports = [HEALTHY]
    second = proposed(world.run()).proposal.head
    assert second != first
    assert world.forge.branches["groundwork/shop"] == second


def test_a_second_run_with_nothing_new_verifies_what_is_there(world: World) -> None:
    first = proposed(world.run()).proposal.head
    world.workspaces.start = world.workspaces.start.__class__(
        commit=world.workspaces.start.commit, head=first, branch="groundwork/shop", base_branch="main"
    )
    world.verifier.reports = [HEALTHY]
    ended = proposed(world.run())
    assert ended.proposal.head == first
    assert world.verifier.asked == [first, first]


def test_nothing_written_on_a_fresh_branch_is_nothing_to_do(world: World) -> None:
    world.engine.texts = []
    assert isinstance(world.run(), Nothing)
    assert world.forge.branches == {}


def test_a_branch_that_moved_meanwhile_stops_the_run(world: World) -> None:
    world.forge.branches["groundwork/shop"] = "f" * 40
    with pytest.raises(RepositoryError):
        world.run()
    assert world.forge.branches == {"groundwork/shop": "f" * 40}


def test_every_tree_is_closed_however_the_run_ends(world: World) -> None:
    world.verifier.reports = []
    with pytest.raises(IndexError):
        world.run()
    assert world.workspaces.open_now == 0


def test_what_the_repository_s_ignore_rules_leave_out_is_told(world: World) -> None:
    world.workspaces.ignored = ("src/.env.example", "src/frontend/node_modules/", "src/.env")
    kept = proposed(world.run()).proposal.work.kept
    assert [item.path for item in kept] == ["src/.env.example"]


def left_behind(world: World, ours: str, theirs: str) -> Base:
    """An earlier run left `ours`, and the base branch got `theirs` meanwhile."""
    world.workspaces.snapshots |= {"1" * 40: {"compose.yml": ours}, "2" * 40: {"app.py": "", "compose.yml": theirs}}
    if not theirs:
        del world.workspaces.snapshots["2" * 40]["compose.yml"]
    world.forge.branches["groundwork/shop"] = "1" * 40
    world.workspaces.start = Base(
        commit="2" * 40, head="1" * 40, branch="groundwork/shop", base_branch="main", behind=3
    )
    return world.workspaces.start


def test_what_came_to_the_base_branch_is_merged_before_anything_is_written(world: World) -> None:
    left_behind(world, "old", "")
    ended = proposed(world.run())
    (merge,) = [commit for commit in world.workspaces.opened.values() if commit not in {"1" * 40, "2" * 40}][:1]
    assert world.workspaces.snapshots[merge] == {"app.py": "", "compose.yml": "old"}
    assert world.workspaces.snapshots[ended.proposal.head] == {"app.py": "", "compose.yml": "good"}
    assert ended.proposal.base.notes == ("The branch lacked the newest 3 commits of `main`; they were merged into it.",)
    assert world.forge.branches == {"groundwork/shop": ended.proposal.head}


def test_a_conflict_with_the_base_is_told_and_the_branch_is_built_upon_as_it_is(world: World) -> None:
    left_behind(world, "old", "theirs")
    ended = proposed(world.run())
    (note,) = ended.proposal.base.notes
    assert "conflicts with the newest 3 commits of `main` in `compose.yml`, so nothing was merged" in note
    assert "Merge `main` into `groundwork/shop`" in note
    assert world.workspaces.snapshots[ended.proposal.head] == {"compose.yml": "good"}


def test_a_branch_that_is_only_looked_at_is_not_merged_into(world: World) -> None:
    left_behind(world, "old", "")
    world.engine.texts = []
    ended = proposed(world.run(merging=False))
    assert ended.proposal.head == "1" * 40 == world.forge.branches["groundwork/shop"]
    assert ended.proposal.base.notes == ("The branch lacks the newest 3 commits of `main`, which were not merged.",)
