"""The composition root of the server: settings in, the application out; every adapter is chosen here."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.errors import GroundworkError
from bot.forge.github import policies
from bot.forge.github.access import AppIdentity, AppKey, GitHubApp
from bot.forge.github.actions import RepositoryActions
from bot.forge.github.checks import Checks
from bot.forge.github.comments import Comments
from bot.forge.github.conversation import RepositoryConversation
from bot.forge.github.pulls import Pulls
from bot.forge.github.repository_api import Need, Place, RepositoryApi
from bot.forge.github.repository_forge import GitHubForge
from bot.forge.github.reviews import RepositoryReviews
from bot.job.admit import MAY_WRITE
from bot.job.kinds import Context, Job, JobKind
from bot.model.actions_run import ActionsRun
from bot.model.health import HealthReport
from bot.model.policy import PATH as POLICY_PATH
from bot.model.policy import Policy
from bot.report.github_texts import github_texts
from bot.settings import Settings
from bot.verify.artifact import Expected, read_artifact
from bot.web.app import web_app
from bot.web.durable_inbox import DurableInbox
from bot.web.inbox import Inbox
from bot.web.installed import installed_page
from bot.web.intake import Intake
from bot.web.journal import Journal
from bot.web.journal_inbox import JournalInbox
from bot.web.run_pages import RunLinks, run_routes
from bot.workflow.actions_verifier import PATIENCE, ActionsVerifier
from bot.workflow.actions_wait import Patience
from bot.workflow.desk import Desk
from bot.workflow.draft import Drafter, StepDrafter
from bot.workflow.durable import SQLITE, DurableConfig, DurableRuns
from bot.workflow.implement import Ports
from bot.workflow.issue_run import IssueRuns, no_page
from bot.workflow.parts import DockerVerifier, DocumentUnderstanding, NoVerifier, RuleChecker
from bot.workflow.ports import Engine, Mail, Prover, Steps, Verifier
from bot.workflow.revision_run import RevisionRuns
from bot.workflow.run_views import RunViews
from bot.workflow.server_story import ServerStory
from bot.workflow.verify_workflow import CHECKOUT, VerifyWorkflow
from bot.workflow.verify_workflow import PATH as WORKFLOW
from bot.workflow.with_workflow import WithWorkflow
from bot.workspace.cloned import ClonedWorkspaces
from bot.workspace.worktree import Identity

if TYPE_CHECKING:
    from starlette.types import ASGIApp

_NO_ACTION: Final = "and this server has no `GROUNDWORK_VERIFY_ACTION`"
_AT_ONCE: Final = 1  # verifications on this machine's engine: side by side they would measure each other


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What is given to the application instead of what the settings name."""

    verifier: Verifier | None = None
    engine: Engine | None = None
    patience: Patience = PATIENCE


class GitHubSites:
    """Opens repositories on GitHub, with everything a run needs there."""

    def __init__(self, settings: Settings, app: GitHubApp, who: AppIdentity, given: Given) -> None:
        self._settings = settings
        self._app = app
        self._who = who
        self._given = given
        # Made here, so that what is wrong with it is said when the server starts.
        self._workflow = _workflow(settings) if settings.verify_action else None
        self._known: dict[tuple[int, int, str], int] = {}
        self._verifying = asyncio.Semaphore(_AT_ONCE)

    def named(self, installation: int, name: str) -> RepositoryConversation:
        """Return what is said in a repository of which no more than the name is known."""
        api = RepositoryApi(self._app, Place(installation=installation, repository_id=0, name=name))
        return RepositoryConversation(api, Comments(api, bot=self._who.bot))

    def at(self, job: Job) -> GitHubSite:
        """Return the repository of `job`."""
        place = Place(installation=job.installation, repository_id=job.repository_id, name=job.repository)
        api = RepositoryApi(self._app, place)
        comments = Comments(api, bot=self._who.bot, known=self._known)
        return GitHubSite(
            settings=self._settings,
            who=self._who,
            api=api,
            comments=comments,
            job=job,
            verifying=self._verifying,
            given=self._given,
            workflow=self._workflow,
        )


class GitHubSite:
    """One repository on GitHub."""

    def __init__(
        self,
        *,
        settings: Settings,
        who: AppIdentity,
        api: RepositoryApi,
        comments: Comments,
        job: Job,
        verifying: asyncio.Semaphore,
        given: Given,
        workflow: VerifyWorkflow | None,
    ) -> None:
        self._settings = settings
        self._who = who
        self._api = api
        self._comments = comments
        self._job = job
        self._verifying = verifying
        self._given = given
        self._workflow = workflow
        self.conversation = RepositoryConversation(api, comments)
        self.reviews = RepositoryReviews(api, comments, bot=who.bot, may=self._may)

    async def policy(self) -> Policy:
        """Return what the repository and its owner want, within what this server allows."""
        found = await policies.read(self._api)
        return found.within(attempts=self._settings.attempts, rounds=self._settings.rounds)

    def ports(self, steps: Steps, drafter: Drafter | None, policy: Policy, mail: Mail | None = None) -> Ports:
        """Return what a run of the issue needs."""
        from bot.blueprint.engine import BlueprintEngine
        from bot.check.registry import RULES

        workspaces, checker = self._workspaces(), RuleChecker()
        forge = GitHubForge(
            workspaces,
            pulls=Pulls(self._api),
            comments=self._comments,
            checks=Checks(self._api, app_id=self._api.app.key.app_id),
            render=partial(github_texts, rules=len(RULES)),
            policy=policy,
        )
        engine = self._given.engine or BlueprintEngine()
        if policy.engine == "claude" and not self._given.engine:
            raise GroundworkError(
                f"`{POLICY_PATH}` asks for the engine `claude`, and this server has no model key.",
                hint="take `engine` out of the file, or ask who runs the server",
            )
        engine = self._with_workflow(engine, workspaces, policy)
        own = StepDrafter(workspaces=workspaces, engine=engine, checker=checker, steps=steps)
        return Ports(
            workspaces=workspaces,
            forge=forge,
            understanding=DocumentUnderstanding(),
            drafter=drafter or own,
            checker=checker,
            verifier=self._verifier(workspaces, policy),
            steps=steps,
            prover=self._prover(steps, mail, policy) if mail else None,
        )

    def _in_actions(self, policy: Policy) -> bool:
        return self._workflow is not None and self._place(policy) == "actions" and not self._given.verifier

    def _place(self, policy: Policy) -> str:
        """Return where stacks are verified: a repository may choose, but not what the server has switched off."""
        server = self._settings.verified_by()
        return server if server == "none" else policy.verification or server

    def _with_workflow(self, engine: Engine, workspaces: ClonedWorkspaces, policy: Policy) -> Engine:
        if self._workflow is None or not self._in_actions(policy):
            return engine
        return WithWorkflow(
            engine=engine,
            workspaces=workspaces,
            workflow=self._workflow,
            may_add=RepositoryActions(self._api, WORKFLOW).may_add_workflows,
            always=self._job.kind is JobKind.RETRY,
        )

    def _prover(self, steps: Steps, mail: Mail, policy: Policy) -> Prover | None:
        """Return what verifies in GitHub Actions, where that is the place."""
        if not self._in_actions(policy):
            return None
        repository = self._api.place.name

        def read(data: bytes, commit: str, run: ActionsRun) -> HealthReport:
            expected = Expected(
                commit=commit,
                repository=repository,
                run_id=run.id,
                run_attempt=run.attempt,
                succeeded=run.conclusion == "success",
            )
            return read_artifact(data, expected)

        return ActionsVerifier(
            actions=RepositoryActions(self._api, WORKFLOW),
            steps=steps,
            mail=mail,
            read=read,
            again=self._job.kind in {JobKind.VERIFY, JobKind.RETRY},
            patience=self._given.patience,
        )

    def _workspaces(self) -> ClonedWorkspaces:
        place = self._api.place
        # Its last name is that of the repository: documents without a title are known by it.
        folder = self._settings.data.resolve() / "clones" / f"{place.repository_id}-{self._job.number}"
        return ClonedWorkspaces(
            folder / place.name.rpartition("/")[2],
            f"{self._settings.github_url}/{place.name}.git",
            self._credential,
            identity=Identity(name=self._who.bot, email=self._who.email(self._settings.github_url)),
        )

    async def _may(self, login: str) -> bool:
        """Whether the words of `login` count there."""
        return await self.conversation.permission(login) in MAY_WRITE or (await self.policy()).trusts(login)

    async def _credential(self, *, write: bool = False, workflows: bool = False) -> str:
        need = Need.READ_CONTENTS
        if write:
            need = Need.CONTENTS_AND_WORKFLOWS if workflows else Need.CONTENTS
        place = self._api.place
        return await self._api.app.token(place.installation, place.repository_id, need.permissions)

    def _verifier(self, workspaces: ClonedWorkspaces, policy: Policy) -> Verifier:
        if policy.verification == "none":
            return NoVerifier(f"Nothing was started: `{POLICY_PATH}` switches verification off.")
        if self._given.verifier:
            return self._given.verifier
        if self._settings.verified_by() == "none":
            return NoVerifier("Nothing was started: verification is switched off on this server.")
        if self._place(policy) == "actions":
            return NoVerifier(f"Nothing was started: `{POLICY_PATH}` asks for `actions`, {_NO_ACTION}.")
        if self._settings.verified_by() == "actions":
            return NoVerifier(
                f"Nothing was started: `{POLICY_PATH}` asks for `docker`, and this server verifies in GitHub Actions."
            )
        settings = self._settings

        def verify_root(root: Path, commit: str, cancel: threading.Event) -> HealthReport:
            from bot.check.escape import escape_findings
            from bot.verify.run import verify_tree

            return verify_tree(
                root,
                gate=escape_findings,
                commit=commit,
                timeout=settings.timeout,
                window=settings.window,
                cancel=cancel,
            )

        return OneAtATime(DockerVerifier(workspaces.tree, verify_root), self._verifying)


@dataclass(frozen=True, slots=True)
class OneAtATime:
    """Lets a verification wait for its turn on the engine."""

    verifier: Verifier
    turns: asyncio.Semaphore

    async def verify(self, branch: str, commit: str) -> HealthReport:
        """Verify when it is our turn."""
        async with self.turns:
            return await self.verifier.verify(branch, commit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """The running server's parts."""

    web: ASGIApp
    inbox: Inbox
    runs: DurableRuns
    who: AppIdentity


def _workflow(settings: Settings) -> VerifyWorkflow:
    return VerifyWorkflow(
        action=settings.verify_action,
        checkout=settings.checkout_action or CHECKOUT,
        runner=settings.runner_labels(),
        timeout=settings.timeout,
        window=settings.window,
    )


@asynccontextmanager
async def application(
    settings: Settings,
    *,
    poll: float = 0.5,
    verifier: Verifier | None = None,
    engine: Engine | None = None,
    patience: Patience = PATIENCE,
) -> AsyncIterator[Application]:
    """Open the server's parts: who we are is asked of GitHub, the database is taken, unfinished work goes on.

    `verifier` and `engine` stand in for those that the settings name; `patience` is for GitHub Actions.

    Raises:
        GroundworkError: GitHub does not know the App, or the database cannot be taken.
    """
    key = AppKey(
        app_id=settings.app_id, private_key=settings.key(), api_url=settings.api_url(), web_url=settings.github_url
    )
    github = GitHubApp(key)
    who = await github.identity()
    context = Context(app_id=settings.app_id, bot=who.bot, label=settings.label)
    sites = GitHubSites(settings, github, who, Given(verifier=verifier, engine=engine, patience=patience))

    async def alive(run_id: str) -> bool:
        return await runs.state(run_id) != "CANCELLED"

    links = RunLinks(settings.public_url, settings.secrets())
    link = links.link if links.url else no_page
    issue_runs = IssueRuns(sites=sites, alive=alive, link=link)

    async def unfinished(prefix: str) -> list[str]:
        return await runs.unfinished(prefix)

    revisions = RevisionRuns(sites=sites, alive=alive, unfinished=unfinished, quiet=settings.quiet, link=link)
    story = ServerStory(desk=Desk(sites=sites, context=context), issue_runs=issue_runs, revisions=revisions)
    runs = DurableRuns(DurableConfig(url=settings.database(), poll=poll), story)
    await runs.open()
    inbox = _inbox(settings.database(), runs)
    try:
        await inbox.open()
        intake = Intake(secrets=settings.secrets(), context=context)
        # Without an address nobody has a link, and so nobody needs the pages.
        pages = run_routes(links, RunViews(runs), github=settings.github_url) if links.url else ()
        everyone = installed_page(settings.label)
        yield Application(web=web_app(intake, inbox, (everyone, *pages)), inbox=inbox, runs=runs, who=who)
    finally:
        await inbox.close()
        await runs.close()


def _inbox(database: str, runs: DurableRuns) -> Inbox:
    """Return where jobs are accepted: before a database of one process there is a file beside it, which is quicker."""
    behind = DurableInbox(runs)
    if not database.startswith(SQLITE):
        return behind
    return JournalInbox(Journal(Path(database.removeprefix(SQLITE)).with_suffix(".inbox")), behind)
