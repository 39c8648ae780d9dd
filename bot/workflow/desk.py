"""The desk: takes one accepted job, decides with what is known now, and does it or says why not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.event.kinds import Ignored
from bot.job.admit import Permission, Standing, admit
from bot.job.kinds import Context, Job, JobKind
from bot.job.words import explain, help_text
from bot.model.codec import to_builtins
from bot.report import run_comment
from bot.workflow.issue_run import RunOrder, run_prefix, subject
from bot.workflow.ports import Steps
from bot.workflow.site import Conversation, Runs, Sites

# What a stopped run may be waiting for.
_TOPICS: Final = ("verdict",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Does jobs that are no runs themselves; each effect is a step, so that a crash repeats at most one of them."""

    sites: Sites
    context: Context

    async def handle(self, job: Job, steps: Steps, runs: Runs) -> str:
        """Do `job` and return what became of it, one clause."""
        if not job.repository_id:
            return "installations need nothing yet"
        conversation = self.sites.at(job).conversation
        running = await runs.active(run_prefix(job))
        permission: Permission = "none"
        if job.needs_write:
            permission = await steps.run("permission", Permission, lambda: conversation.permission(job.actor))  # type: ignore[arg-type]
        admitted = admit(job, Standing(permission=permission, running=bool(running)))
        if isinstance(admitted, Ignored):
            return f"ignored: {admitted.reason}"
        return await self._do(admitted, running, steps, runs, conversation)

    async def _do(self, job: Job, running: str, steps: Steps, runs: Runs, conversation: Conversation) -> str:
        match job.kind:
            case JobKind.START | JobKind.RETRY:
                await steps.run("seen", str, lambda: _done(conversation.seen(job), "seen"))
                run_id = f"{run_prefix(job)}{job.key.rpartition('/')[2]}"
                order = to_builtins(RunOrder(run_id=run_id, job=job))
                started = await runs.start(
                    order, run_id=run_id, subject=subject(job), organisation=job.repository.partition("/")[0]
                )
                return f"run {started}"
            case JobKind.STOP:
                await runs.cancel(running, topics=_TOPICS, key=job.key)
                text = run_comment.stopped(explain(job, self.context))
                await steps.run("tell", str, lambda: _shown(conversation, job.number, run_comment.MARKER, text))
                return f"stopped {running}"
            case JobKind.EXPLAIN:
                await self._answer(job, explain(job, self.context), steps, conversation)
                return "explained"
            case JobKind.HELP:
                await self._answer(job, help_text(), steps, conversation)
                return "helped"
            case JobKind.STATUS:
                known = await steps.run("shown", str, lambda: conversation.shown(job.number, run_comment.MARKER))
                await self._answer(job, run_comment.standing("", known), steps, conversation)
                return "told"
            case _:
                return f"{job.kind} needs nothing yet"

    async def _answer(self, job: Job, text: str, steps: Steps, conversation: Conversation) -> None:
        """Answer in a comment of its own, once for each job's key."""
        marker = f"<!-- groundwork:answer {job.key.replace('--', '-')} -->"
        body = f"{marker}\n{text}\n"
        await steps.run("answer", str, lambda: _shown(conversation, job.number, marker, body))


async def _shown(conversation: Conversation, number: int, marker: str, text: str) -> str:
    await conversation.show(number, marker, text)
    return "shown"


async def _done(effect: object, word: str) -> str:
    await effect  # type: ignore[misc]
    return word
