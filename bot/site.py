"""A repository on GitHub with everything that a run needs there: every adapter of a run is chosen here."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.errors import GroundworkError
from bot.forge.github import policies
from bot.forge.github.access import AppIdentity, GitHubApp
from bot.forge.github.checks import Checks
from bot.forge.github.comments import Comments
from bot.forge.github.conversation import RepositoryConversation
from bot.forge.github.pulls import Pulls
from bot.forge.github.repository_api import Need, Place, RepositoryApi
from bot.forge.github.repository_forge import GitHubForge
from bot.forge.github.reviews import RepositoryReviews
from bot.forge.github.signed_commits import SignedCommits
from bot.job.admit import MAY_WRITE
from bot.job.kinds import Job
from bot.model.policy import PATH as POLICY_PATH
from bot.model.policy import Policy
from bot.report.github_texts import github_texts
from bot.settings.server import Settings
from bot.verifying import Verifying, VerifyingMeans, verify_workflow
from bot.workflow.actions_verifier import PATIENCE
from bot.workflow.actions_wait import Patience
from bot.workflow.draft import Drafter, StepDrafter
from bot.workflow.implement import Ports
from bot.workflow.parts import DocumentUnderstanding, RuleChecker
from bot.workflow.ports import Engine, Mail, Steps, Verifier
from bot.workflow.with_workflow import WithWorkflow
from bot.workspace.cloned import ClonedWorkspaces
from bot.workspace.worktree import Identity

if TYPE_CHECKING:
    from bot.means import Claude

_AT_ONCE: Final = 1  # verifications on this machine's engine: side by side they would measure each other


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What is given to the application instead of what the settings name; `claude` is made from them, once."""

    verifier: Verifier | None = None
    engine: Engine | None = None
    patience: Patience = PATIENCE
    claude: Claude | None = None


class GitHubSites:
    """Opens repositories on GitHub, with everything a run needs there."""

    def __init__(self, settings: Settings, app: GitHubApp, who: AppIdentity, given: Given) -> None:
        self._settings = settings
        self._app = app
        self._who = who
        self._given = given
        # Made here, so that what is wrong with it is said when the server starts.
        self._means = VerifyingMeans(
            turns=asyncio.Semaphore(_AT_ONCE),
            workflow=verify_workflow(settings),
            verifier=given.verifier,
            patience=given.patience,
        )
        self._known: dict[tuple[int, int, str], int] = {}

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
            given=self._given,
            means=self._means,
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
        given: Given,
        means: VerifyingMeans,
    ) -> None:
        self._settings = settings
        self._who = who
        self._api = api
        self._comments = comments
        self._job = job
        self._given = given
        self._means = means
        self.conversation = RepositoryConversation(api, comments)
        self.reviews = RepositoryReviews(api, comments, bot=who.bot, may=self._may)

    async def policy(self) -> Policy:
        """Return what the repository and its owner want, within what this server allows."""
        found = await policies.read(self._api)
        return found.within(attempts=self._settings.attempts, rounds=self._settings.rounds)

    def ports(self, steps: Steps, drafter: Drafter | None, policy: Policy, mail: Mail | None = None) -> Ports:
        """Return what a run of the issue needs."""
        from bot.check.registry import RULES

        workspaces, checker = self._workspaces(), RuleChecker()
        forge = GitHubForge(
            workspaces,
            pulls=Pulls(self._api),
            comments=self._comments,
            checks=Checks(self._api, app_id=self._api.app.key.app_id),
            signed=SignedCommits(self._api),
            render=partial(github_texts, rules=len(RULES)),
            policy=policy,
        )
        verifying = Verifying(self._settings, self._api, self._job, policy, self._means)
        by_model = (policy.engine or self._settings.engine) == "claude" and not self._given.engine
        if by_model and not self._given.claude:
            raise GroundworkError(
                f"`{POLICY_PATH}` asks for the engine `claude`, and this server has no model key.",
                hint="take `engine` out of the file, or ask who runs the server",
            )
        return Ports(
            workspaces=workspaces,
            forge=forge,
            understanding=DocumentUnderstanding(),
            drafter=drafter or self._writer(workspaces, checker, steps, verifying, by_model=by_model),
            checker=checker,
            verifier=verifying.verifier(workspaces),
            steps=steps,
            prover=verifying.prover(steps, mail) if mail else None,
        )

    def _writer(
        self, workspaces: ClonedWorkspaces, checker: RuleChecker, steps: Steps, verifying: Verifying, *, by_model: bool
    ) -> Drafter:
        """Return what writes drafts."""
        from bot.blueprint.engine import BlueprintEngine

        adding = verifying.adding(workspaces)
        if by_model and self._given.claude:
            folder = records(self._settings, self._api.place.repository_id, self._job.number)
            finish = adding.add if adding else None
            return self._given.claude.drafter(
                workspaces, checker, steps, folder, prove=verifying.prove(), finish=finish
            )
        engine = self._given.engine or BlueprintEngine()
        if adding:
            engine = WithWorkflow(engine=engine, adding=adding)
        return StepDrafter(workspaces=workspaces, engine=engine, checker=checker, steps=steps)

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


def records(settings: Settings, repository_id: int, number: int) -> Path:
    """Return the folder that keeps what is said with the model for an issue."""
    return settings.data.resolve() / "model" / f"{repository_id}-{number}"
