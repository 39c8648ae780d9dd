"""The composition root of the server: settings in, the application out; every adapter is chosen here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot.event.read import NAMES
from bot.forge.github.access import AppIdentity, AppKey, GitHubApp
from bot.forge.github.lost import LostDeliveries
from bot.job.kinds import Context
from bot.settings.server import Settings
from bot.site import GitHubSites, Given, records
from bot.web.app import WebApp
from bot.web.durable_inbox import DurableInbox
from bot.web.inbox import Inbox
from bot.web.installed import installed_page
from bot.web.intake import Intake
from bot.web.journal import Journal
from bot.web.journal_inbox import JournalInbox
from bot.web.run_pages import RunLinks, run_routes
from bot.workflow.actions_verifier import PATIENCE
from bot.workflow.actions_wait import Patience
from bot.workflow.desk import Desk
from bot.workflow.durable import SQLITE, DurableConfig, DurableRuns
from bot.workflow.issue_run import IssueRuns, no_page
from bot.workflow.ports import Engine, Verifier
from bot.workflow.revision_run import RevisionRuns
from bot.workflow.run_views import RunViews
from bot.workflow.server_story import ServerStory

if TYPE_CHECKING:
    from starlette.routing import Route

    from bot.means import Claude


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """The running server's parts."""

    web: WebApp
    inbox: Inbox
    runs: DurableRuns
    who: AppIdentity
    lost: LostDeliveries


@asynccontextmanager
async def application(
    settings: Settings,
    *,
    poll: float = 0.5,
    ttl: float = 60.0,
    verifier: Verifier | None = None,
    engine: Engine | None = None,
    patience: Patience = PATIENCE,
) -> AsyncIterator[Application]:
    """Open the server's parts: who we are is asked of GitHub, the database is taken, unfinished work goes on.

    `verifier` and `engine` stand in for those that the settings name; `patience` is for GitHub Actions, `poll` and
    `ttl` are for the durable runs.

    Raises:
        GroundworkError: GitHub does not know the App, or the database cannot be taken.
    """
    key = AppKey(
        app_id=settings.app_id, private_key=settings.key(), api_url=settings.api_url(), web_url=settings.github_url
    )
    github = GitHubApp(key)
    who = await github.identity()
    context = Context(app_id=settings.app_id, bot=who.bot, label=settings.label)
    given = Given(verifier=verifier, engine=engine, patience=patience, claude=_claude(settings))
    sites = GitHubSites(settings, github, who, given)

    async def alive(run_id: str) -> bool:
        return await runs.state(run_id) != "CANCELLED"

    links = RunLinks(settings.public_url, settings.secrets())
    link = links.link if links.url else no_page
    issue_runs = IssueRuns(sites=sites, alive=alive, link=link)

    async def unfinished(prefix: str) -> list[str]:
        return await runs.unfinished(prefix)

    revisions = RevisionRuns(sites=sites, alive=alive, unfinished=unfinished, quiet=settings.quiet, link=link)
    story = ServerStory(desk=Desk(sites=sites, context=context), issue_runs=issue_runs, revisions=revisions)
    runs = DurableRuns(DurableConfig(url=settings.database(), poll=poll, ttl=ttl), story)
    await runs.open()
    inbox = _inbox(settings.database(), runs)
    try:
        await inbox.open()
        intake = Intake(secrets=settings.secrets(), context=context)
        # Without an address nobody has a link, and so nobody needs the pages.
        pages: list[Route] = []
        if links.url:
            pages = run_routes(links, RunViews(runs), github=settings.github_url, said=partial(_said, settings))
        everyone = installed_page(settings.label)
        web = WebApp(intake, inbox, (everyone, *pages))
        # A ping is lost without harm.
        lost = LostDeliveries(github, NAMES - {"ping"})
        yield Application(web=web, inbox=inbox, runs=runs, who=who, lost=lost)
    finally:
        await inbox.close()
        await runs.close()
        if given.claude:
            await given.claude.close()


def _inbox(database: str, runs: DurableRuns) -> Inbox:
    """Return where jobs are accepted: before a database of one process there is a file beside it, which is quicker."""
    behind = DurableInbox(runs)
    if not database.startswith(SQLITE):
        return behind
    return JournalInbox(Journal(Path(database.removeprefix(SQLITE)).with_suffix(".inbox")), behind)


def _claude(settings: Settings) -> Claude | None:
    """Return the claude engine where it is asked for or could be: its client is imported for it alone."""
    if settings.engine != "claude" and not settings.model_key.get_secret_value():
        return None
    from bot.means import claude

    return claude(settings)


def _said(settings: Settings, run_id: str) -> Path:
    """Return where the transcript of what was said with the model for the issue of a run is, if there is one."""
    _, repository_id, number, *_ = run_id.split("/")
    return records(settings, int(repository_id), int(number)) / "transcript.jsonl"
