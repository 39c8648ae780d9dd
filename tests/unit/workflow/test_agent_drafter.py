"""Drafts by conversation with a scripted model, on real git."""

from __future__ import annotations

import asyncio
import subprocess
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from bot.agent.engine import ClaudeEngine, Means
from bot.agent.ledger import MemoryLedger
from bot.agent.limit import Limits, Spent
from bot.agent.message import Reply
from bot.agent.price import price_of
from bot.model.ask import Answer, Ask
from bot.model.brief import Brief
from bot.model.change import Work
from bot.model.finding import Finding, Severity
from bot.model.health import Cause, HealthReport, Outcome
from bot.model.issue import Issue
from bot.workflow.agent_drafter import AgentDrafter, Finish
from bot.workflow.draft import Draft, Order
from bot.workspace.worktree import WorktreeWorkspaces
from tests.fakes.model import ScriptedModel, StoredSteps, says

MODEL = "claude-sonnet-4-5-20250929"
BAD = Finding(rule="healthcheck-localhost", code="HC03", severity=Severity.ERROR, path="src/a", line=1, message="IPv6.")


def uses(name: str, **arguments: Any) -> Reply:
    block = {"type": "tool_use", "id": f"call_{name}_{arguments}", "name": name, "input": arguments}
    return Reply(content=(block,), stop_reason="tool_use", spent=Spent(turns=1, dollars=0.5))


def writes(path: str, content: str) -> Reply:
    return uses("Write", file_path=path, content=content)


@dataclass
class TextChecker:
    """Finds fault while `src/a` says `localhost`."""

    async def check(self, root: Path, change: Any) -> tuple[Finding, ...]:
        del change
        place = root / "src/a"
        return (BAD,) if place.exists() and "localhost" in place.read_text() else ()

    async def stack(self, root: Path) -> None:
        del root


@dataclass
class World:
    repository: Path
    head: str
    states: Path
    steps: StoredSteps = field(default_factory=StoredSteps)
    model: ScriptedModel = field(default_factory=lambda: ScriptedModel([]))
    limits: Limits = field(default_factory=Limits)
    finish: Finish | None = None

    def draft(self, *script: Reply | Exception, name: str = "write", **order: Any) -> Draft:
        self.model = ScriptedModel(list(script))
        means = Means(
            model=self.model,
            model_name=MODEL,
            price=price_of(MODEL),
            ledger=MemoryLedger(100.0),
            limits=self.limits,
        )
        drafter = AgentDrafter(
            workspaces=WorktreeWorkspaces(self.repository),
            engine=ClaudeEngine(means=means),
            checker=TextChecker(),  # type: ignore[arg-type]
            steps=self.steps,
            states=self.states,
            finish=self.finish,
        )
        asked = Order(issue=Issue(title="Shop"), brief=Brief(title="Shop"), head=self.head, **order)
        return asyncio.run(drafter.draft(name, asked))

    @property
    def paid(self) -> int:
        return len(self.model.requests)


@pytest.fixture
def world(tmp_path: Path) -> World:
    repository = tmp_path / "shop"
    repository.mkdir()
    (repository / "IDEA.md").write_text("A shop.\n")
    git = ["git", "-C", str(repository), "-c", "user.name=A", "-c", "user.email=a@example.org"]
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "Begin"]):
        subprocess.run([*git, *words], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    return World(repository=repository, head=head, states=tmp_path / "states")


def test_what_the_model_writes_becomes_the_draft_with_its_words_and_cost(world: World) -> None:
    draft = world.draft(
        uses("Read", file_path="IDEA.md"), writes("src/a", "127.0.0.1\n"), says("Done.\nDecision: a file | IDEA.md:1")
    )
    assert [file.path for file in draft.change.files] == ["src/a"]
    assert draft.work.decisions[0].what == "a file"
    assert draft.work.cost_usd == pytest.approx(1.01)
    assert draft.work.ended == ""
    assert not (world.repository / "src").exists()


def test_what_the_rules_find_goes_back_until_they_are_content(world: World) -> None:
    draft = world.draft(writes("src/a", "localhost\n"), says("done"), writes("src/a", "127.0.0.1\n"), says("mended"))
    assert draft.findings == ()
    assert "+127.0.0.1" in draft.change.patch
    assert [one.phase for one in draft.work.phases] == ["implementing", "repairing"]
    assert sum(one.usd for one in draft.work.phases) == pytest.approx(draft.work.cost_usd)
    assert "healthcheck-localhost" in str(world.model.requests[2].messages)


MENDED = uses("Edit", file_path="src/a", old_string="localhost", new_string="127.0.0.1")


def test_what_goes_back_is_mended_in_what_was_written(world: World) -> None:
    draft = world.draft(writes("src/a", "localhost\n"), writes("src/b", "2\n"), says("done"), MENDED, says("mended"))
    assert draft.findings == ()
    assert [file.path for file in draft.change.files] == ["src/a", "src/b"]


def test_a_crash_between_findings_and_their_mend_loses_nothing_and_pays_nothing_twice(world: World) -> None:
    with pytest.raises(RuntimeError, match="killed"):
        world.draft(writes("src/a", "localhost\n"), says("done"), RuntimeError("killed"))
    draft = world.draft(MENDED, says("mended"))
    assert world.paid == 2
    assert draft.findings == ()
    assert draft.work.cost_usd == pytest.approx(1.02)


def test_what_is_not_the_model_s_to_write_is_added_and_stays_through_a_mend(world: World) -> None:
    async def finish(root: Path, work: Work) -> Work:
        (root / "src/added").write_text("by us\n")
        return replace(work, confirm=(*work.confirm, "see src/added"))

    world.finish = finish
    draft = world.draft(writes("src/a", "localhost\n"), says("done"), MENDED, says("mended"))
    assert [file.path for file in draft.change.files] == ["src/a", "src/added"]
    assert draft.work.confirm == ("see src/added",)


def test_the_same_failure_twice_ends_it_and_the_draft_says_so(world: World) -> None:
    draft = world.draft(writes("src/a", "localhost\n"), says("done"), says("I cannot"), says("never asked"))
    assert draft.findings == (BAD,)
    assert world.paid == 3


def test_after_a_crash_no_turn_is_paid_again_and_the_tree_is_as_it_was(world: World) -> None:
    with pytest.raises(RuntimeError, match="killed"):
        world.draft(writes("src/a", "1\n"), writes("src/b", "2\n"), RuntimeError("killed"))
    draft = world.draft(uses("Read", file_path="src/a"), says("done"))
    assert world.paid == 2
    assert [file.path for file in draft.change.files] == ["src/a", "src/b"]
    read = str(world.model.requests[1].messages[-1])
    assert "'1\\n'" in read


def test_a_crash_after_the_last_turn_pays_nothing(world: World) -> None:
    first = world.draft(writes("src/a", "1\n"), says("done"))
    del world.steps.stored["write-check"]
    assert world.draft() == first


def test_the_next_run_on_the_same_commit_pays_its_own_turns(world: World) -> None:
    world.draft(writes("src/a", "1\n"), says("done"))
    world.steps = StoredSteps()
    world.draft(writes("src/a", "2\n"), says("done"))
    assert world.paid == 2


def test_what_was_made_with_a_refused_request_is_dropped(world: World) -> None:
    draft = world.draft(writes("src/a", "1\n"), says("no", "refusal"))
    assert draft.change.empty
    assert "declined" in draft.work.ended


def test_a_limit_keeps_what_is_there_and_holds_for_the_whole_draft(world: World) -> None:
    world.limits = Limits(dollars=0.6)
    draft = world.draft(writes("src/a", "localhost\n"), writes("src/b", "2\n"), says("never asked"))
    assert len(draft.change.files) == 2
    assert "budget of $0.60" in draft.work.ended
    assert world.paid == 2


def test_a_repair_is_told_what_broke(world: World) -> None:
    health = HealthReport(outcome=Outcome.UNHEALTHY, root_cause="db", cause=Cause(code="oom", title="out of memory"))
    before = world.draft(writes("src/a", "1\n"), says("done"))
    world.draft(says("cannot"), name="repair-2", before=before, health=health)
    assert "out of memory" in str(world.model.requests[0].messages[0])


def test_a_revision_answers_each_ask(world: World) -> None:
    ask = Ask(kind="thread", number=7, author="ann", words="Rename it", path="src/a", line=1)
    draft = world.draft(writes("src/b", "1\n"), says("ANSWER thread-7 done: it is `b` now"), name="revise", asks=(ask,))
    assert draft.answers == (Answer(ask="thread-7", done=True, words="it is `b` now"),)
    assert "Rename it" in str(world.model.requests[0].messages[0])


def test_wrong_hands_are_kept_from_git_s_own_files(world: World) -> None:
    draft = world.draft(writes(".git/hooks/x", "1\n"), writes(".github/workflows/x.yml", "on: push\n"), says("done"))
    assert draft.change.empty
