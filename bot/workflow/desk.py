"""The desk: takes one accepted job, decides with what is known now, and does it or says why not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final, cast

from bot.errors import GroundworkError, NotNowError
from bot.event.kinds import Ignored
from bot.job.admit import MAY_WRITE, Permission, Standing, admit
from bot.job.kinds import Context, Job, JobKind
from bot.job.words import explain, help_text
from bot.model.codec import from_builtins, to_builtins
from bot.model.policy import Policy
from bot.model.pull import PullView
from bot.report import review_answer, run_comment
from bot.report.github_texts import REPORT_MARKER
from bot.workflow.actions_verifier import TOPIC as VERDICT
from bot.workflow.issue_run import RunOrder, run_prefix, subject
from bot.workflow.ports import Steps
from bot.workflow.revision_run import REVISION
from bot.workflow.revision_run import TOPIC as TURN
from bot.workflow.site import Conversation, Runs, Site, Sites
from bot.workflow.told import told_or_logged

# What a stopped run may be waiting for.
_TOPICS: Final = (VERDICT, TURN)
_STARTS: Final = frozenset({JobKind.START, JobKind.RETRY, JobKind.VERIFY})
_LABELS_AT_ONCE: Final = 50
_NO_PULL: Final = PullView()
_UNKNOWN: Final = "No run of this issue is known here. Write `/infra run` on the issue."


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Does jobs that are no runs themselves; each effect is a step, so that a crash repeats at most one of them."""

    sites: Sites
    context: Context

    async def handle(self, job: Job, steps: Steps, runs: Runs) -> str:
        """Do `job` and return what became of it, one clause."""
        if not job.repository_id:
            return await self._installation(job, steps)
        site = self.sites.at(job)
        at = _At(job=job, steps=steps, runs=runs, site=site)
        try:
            return await self._decided(at)
        except NotNowError:
            raise
        except GroundworkError as error:
            if job.kind in _STARTS and not job.on_pull_request:
                await self._tell_failed(at, error)
            return f"failed: {error.what}"

    async def _tell_failed(self, at: _At, error: GroundworkError) -> None:
        """Say on the issue why nothing was started; where we may not even speak there, only the log can tell."""
        text = run_comment.failed(error.what, error.hint)

        async def tell() -> None:
            await told_or_logged(at.job, at.talk.show(at.job.number, run_comment.MARKER, text))

        await at.step("tell-failed", tell)

    async def _decided(self, at: _At) -> str:
        job = at.job
        if job.kind is JobKind.ACTIONS_ENDED:
            return await self._woken(at)
        pull = PullView()
        if job.on_pull_request or not job.number:
            pull = await at.steps.run("pull", PullView, lambda: _pull(at))
            # GitHub tells of a check's commit, or a workflow's branch, but not of the pull request they belong to.
            job = replace(job, number=job.number or pull.number, on_pull_request=True)
        # A run belongs to its issue, also where the job comes from the pull request.
        about = replace(job, number=pull.issue) if pull.issue else job
        running = tuple(await at.steps.run("running", list[str], lambda: at.runs.unfinished(run_prefix(about))))
        permission: Permission = "none"
        named = False
        if job.needs_write:
            # It was one when it was stored.
            asked = await at.steps.run("permission", str, lambda: at.talk.permission(job.actor))
            permission = cast("Permission", asked)
            if permission not in MAY_WRITE:
                named = (await at.steps.run("policy", Policy, at.site.policy)).trusts(job.actor)
        approved = False
        if job.kind is JobKind.REVISE and job.review and not job.words:
            number, review = job.number, job.review
            approved = await at.steps.run("approves", bool, lambda: at.site.reviews.approves(number, review))
        standing = Standing(permission=permission, named=named, running=bool(running), approved=approved)
        admitted = admit(job, standing)
        if isinstance(admitted, Ignored):
            return f"ignored: {admitted.reason}"
        return await self._done(replace(at, job=admitted, about=about, pull=pull, running=running))

    async def _done(self, at: _At) -> str:
        job = at.job
        match job.kind:
            case JobKind.START:
                return await self._start(at, job)
            case JobKind.RETRY | JobKind.VERIFY:
                return await self._again(at)
            case JobKind.STOP:
                return await self._stop(at)
            case JobKind.EXPLAIN:
                return await at.answer(explain(job, self.context), "explained")
            case JobKind.HELP:
                return await at.answer(help_text(), "helped")
            case JobKind.STATUS:
                number = at.about_number
                known = await at.steps.run("shown", str, lambda: at.talk.shown(number, run_comment.MARKER))
                return await at.answer(run_comment.standing(known), "told")
            case JobKind.REVISE:
                return await self._revise(at)
            case JobKind.HEAD_MOVED:
                return await self._moved(at)
            case JobKind.ENDED:
                await at.cancel()
                return "ended"
            case _:
                return f"ignored: {job.kind} concerns no run here"

    async def _start(self, at: _At, job: Job) -> str:
        """Start a run for `job`, and show at once that it was read."""
        await at.step("seen", lambda: at.talk.seen(at.job))
        run_id = f"{run_prefix(job)}{at.job.key.rpartition('/')[2]}"
        order = to_builtins(RunOrder(run_id=run_id, job=job))
        owner = job.repository.partition("/")[0]
        return f"run {await at.runs.start(order, run_id=run_id, subject=subject(job), organisation=owner)}"

    async def _again(self, at: _At) -> str:
        """Start a run that goes on with, or only verifies, what an earlier run left."""
        last = await at.steps.run("last", dict, lambda: at.runs.last(run_prefix(at.about or at.job)))
        if not last:
            return await at.answer(_UNKNOWN, "explained")
        before = from_builtins(RunOrder, last).job
        return await self._start(at, replace(at.job, number=before.number, on_pull_request=False, issue=before.issue))

    async def _revise(self, at: _At) -> str:
        """Start a revision; it waits until it is quiet and for its turn, and then answers all there is."""
        if not at.pull.open:
            return "ignored: the pull request is closed"
        about = at.about or at.job
        last = await at.steps.run("last", dict, lambda: at.runs.last(run_prefix(about)))
        if not last:
            return await at.answer(_UNKNOWN, "explained")
        await at.step("seen", lambda: at.talk.seen(at.job))
        run_id = f"{run_prefix(about)}{REVISION}{at.job.key.rpartition('/')[2]}"
        job = replace(
            about,
            issue=from_builtins(RunOrder, last).job.issue,
            on_pull_request=False,
            branch=at.pull.branch,
            head=at.pull.head,
        )
        order = to_builtins(RunOrder(run_id=run_id, job=job, pull=at.pull.number))
        owner = job.repository.partition("/")[0]
        return f"run {await at.runs.start(order, run_id=run_id, subject=run_id, organisation=owner)}"

    async def _stop(self, at: _At) -> str:
        await at.cancel()
        text = run_comment.stopped(explain(at.job, self.context))
        await at.step("tell", lambda: at.talk.show(at.about_number, run_comment.MARKER, text))
        return f"stopped {' '.join(at.running)}"

    async def _moved(self, at: _At) -> str:
        """Say on the report that it is about an older commit, then prove the new one."""

        async def renewed() -> str:
            report = await at.talk.shown(at.job.number, REPORT_MARKER)
            if report:
                await at.talk.show(at.job.number, REPORT_MARKER, review_answer.stale(report, at.job.head))
            return "renewed"

        await at.steps.run("stale", str, renewed)
        return await self._again(at)

    async def _woken(self, at: _At) -> str:
        """Wake the run that waits for a workflow; the branch says whose it is, a pull request there may not be yet."""
        about = replace(at.job, number=PullView(branch=at.job.branch).issue)
        running = await at.steps.run("running", list[str], lambda: at.runs.unfinished(run_prefix(about)))
        if not running:
            return "ignored: no run waits for it"
        message = {"kind": "ended", "run": at.job.actions_run}
        oldest = running[0]  # later ones wait for their turn
        await at.step("wake", lambda: at.runs.tell(oldest, VERDICT, message, key=at.job.key))
        return f"woke {oldest}"

    async def _installation(self, job: Job, steps: Steps) -> str:
        """Make the label where the App came to, so that people find it; a repository that refuses is left as it is."""
        for name in job.added[:_LABELS_AT_ONCE]:

            async def label(name: str = name) -> str:
                try:
                    await self.sites.named(job.installation, name).labelled(self.context.label)
                except NotNowError:
                    raise
                except GroundworkError as error:
                    return error.what
                return ""

            await steps.run(f"label {name}", str, label)
        return f"labels made in {len(job.added[:_LABELS_AT_ONCE])} repositories"


@dataclass(frozen=True, slots=True, kw_only=True)
class _At:
    """A job on the desk, and what was found out about it.

    Attributes:
        about: The job, with the number of the issue that its run belongs to.
        running: The runs that are on or wait for their turn, oldest first.
    """

    job: Job
    steps: Steps
    runs: Runs
    site: Site
    about: Job | None = None
    pull: PullView = _NO_PULL
    running: tuple[str, ...] = ()

    @property
    def talk(self) -> Conversation:
        """What is said in the job's repository."""
        return self.site.conversation

    @property
    def about_number(self) -> int:
        """The issue that the run belongs to."""
        return self.about.number if self.about else self.job.number

    async def cancel(self) -> None:
        """End the runs of the issue that are on."""
        for run_id in reversed(self.running):  # those that wait would begin as soon as the first is gone
            await self.runs.cancel(run_id, topics=_TOPICS, key=f"{self.job.key}/{run_id}")

    async def step(self, name: str, effect: Callable[[], Awaitable[object]]) -> None:
        """Have an effect, as a step."""

        async def had() -> str:
            await effect()
            return name

        await self.steps.run(name, str, had)

    async def answer(self, text: str, became: str) -> str:
        """Answer in a comment of its own, once for each job's key."""
        marker = f"<!-- groundwork:answer {self.job.key.replace('--', '-')} -->"
        await self.step("answer", lambda: self.talk.show(self.job.number, marker, f"{marker}\n{text}\n"))
        return became


async def _pull(at: _At) -> PullView:
    if at.job.number:
        return await at.talk.pull(at.job.number)
    return await at.talk.pull_of(at.job.branch, at.job.head)
