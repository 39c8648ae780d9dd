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
from bot.forge.github.checks import Checks
from bot.forge.github.comments import Comments
from bot.forge.github.conversation import RepositoryConversation
from bot.forge.github.pulls import Pulls
from bot.forge.github.repository_api import Need, Place, RepositoryApi
from bot.forge.github.repository_forge import GitHubForge
from bot.forge.github.reviews import RepositoryReviews
from bot.job.admit import MAY_WRITE
from bot.job.kinds import Context, Job
from bot.model.health import HealthReport
from bot.model.policy import PATH as POLICY_PATH
from bot.model.policy import Policy
from bot.report.github_texts import github_texts
from bot.settings import Settings
from bot.web.app import web_app
from bot.web.durable_inbox import DurableInbox
from bot.web.inbox import Inbox
from bot.web.installed import installed_page
from bot.web.intake import Intake
from bot.web.journal import Journal
from bot.web.journal_inbox import JournalInbox
from bot.web.run_pages import RunLinks, run_routes
from bot.workflow.desk import Desk
from bot.workflow.draft import Drafter, StepDrafter
from bot.workflow.durable import SQLITE, DurableConfig, DurableRuns
from bot.workflow.implement import Ports
from bot.workflow.issue_run import IssueRuns, no_page
from bot.workflow.parts import DockerVerifier, DocumentUnderstanding, NoVerifier, RuleChecker
from bot.workflow.ports import Engine, Steps, Verifier
from bot.workflow.revision_run import RevisionRuns
from bot.workflow.run_views import RunViews
from bot.workflow.server_story import ServerStory
from bot.workspace.cloned import ClonedWorkspaces
from bot.workspace.worktree import Identity

if TYPE_CHECKING:
    from starlette.types import ASGIApp

_AT_ONCE: Final = 1  # verifications on this machine's engine: side by side they would measure each other


class GitHubSites:
    """Opens repositories on GitHub, with everything a run needs there."""

    def __init__(
        self,
        settings: Settings,
        app: GitHubApp,
        who: AppIdentity,
        verifier: Verifier | None = None,
        engine: Engine | None = None,
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._app = app
        self._who = who
        self._own_verifier = verifier
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
            number=job.number,
            verifying=self._verifying,
            verifier=self._own_verifier,
            engine=self._engine,
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
        number: int,
        verifying: asyncio.Semaphore,
        verifier: Verifier | None,
        engine: Engine | None,
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._who = who
        self._api = api
        self._comments = comments
        self._number = number
        self._verifying = verifying
        self._own_verifier = verifier
        self.conversation = RepositoryConversation(api, comments)
        self.reviews = RepositoryReviews(api, comments, bot=who.bot, may=self._may)

    async def policy(self) -> Policy:
        """Return what the repository and its owner want, within what this server allows."""
        found = await policies.read(self._api)
        return found.within(attempts=self._settings.attempts, rounds=self._settings.rounds)

    def ports(self, steps: Steps, drafter: Drafter | None, policy: Policy) -> Ports:
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
        engine = self._engine or BlueprintEngine()
        if policy.engine == "claude" and not self._engine:
            raise GroundworkError(
                f"`{POLICY_PATH}` asks for the engine `claude`, and this server has no model key.",
                hint="take `engine` out of the file, or ask who runs the server",
            )
        own = StepDrafter(workspaces=workspaces, engine=engine, checker=checker, steps=steps)
        return Ports(
            workspaces=workspaces,
            forge=forge,
            understanding=DocumentUnderstanding(),
            drafter=drafter or own,
            checker=checker,
            verifier=self._verifier(workspaces, policy),
            steps=steps,
        )

    def _workspaces(self) -> ClonedWorkspaces:
        place = self._api.place
        # Its last name is that of the repository: documents without a title are known by it.
        folder = self._settings.data.resolve() / "clones" / f"{place.repository_id}-{self._number}"
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
        if self._own_verifier:
            return self._own_verifier
        if self._settings.verification == "none":
            return NoVerifier("Nothing was started: verification is switched off on this server.")
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


@asynccontextmanager
async def application(
    settings: Settings, *, poll: float = 0.5, verifier: Verifier | None = None, engine: Engine | None = None
) -> AsyncIterator[Application]:
    """Open the server's parts: who we are is asked of GitHub, the database is taken, unfinished work goes on.

    `verifier` and `engine` stand in for those that the settings name.

    Raises:
        GroundworkError: GitHub does not know the App, or the database cannot be taken.
    """
    key = AppKey(
        app_id=settings.app_id, private_key=settings.key(), api_url=settings.api_url(), web_url=settings.github_url
    )
    github = GitHubApp(key)
    who = await github.identity()
    context = Context(app_id=settings.app_id, bot=who.bot, label=settings.label)
    sites = GitHubSites(settings, github, who, verifier, engine)

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
