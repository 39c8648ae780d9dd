"""Where a stack is verified: on this server's engine, in GitHub Actions, or nowhere, and why."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.forge.github.actions import RepositoryActions
from bot.forge.github.repository_api import RepositoryApi
from bot.job.kinds import Job, JobKind
from bot.model.actions_run import ActionsRun
from bot.model.health import HealthReport
from bot.model.policy import PATH as POLICY_PATH
from bot.model.policy import Policy
from bot.settings.server import Settings
from bot.verify.artifact import Expected, read_artifact
from bot.workflow.actions_verifier import PATIENCE, ActionsVerifier
from bot.workflow.actions_wait import Patience
from bot.workflow.parts import DockerVerifier, NoVerifier, in_thread
from bot.workflow.ports import Mail, Prover, Steps, Verifier
from bot.workflow.verify_workflow import CHECKOUT, VerifyWorkflow
from bot.workflow.verify_workflow import PATH as WORKFLOW
from bot.workflow.with_workflow import AddedWorkflow
from bot.workspace.cloned import ClonedWorkspaces

if TYPE_CHECKING:
    from bot.workflow.agent_drafter import Prove

_NO_ACTION: Final = "and this server has no `GROUNDWORK_VERIFY_ACTION`"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyingMeans:
    """What all repositories of the server are verified with; `verifier` stands in for what the settings name."""

    turns: asyncio.Semaphore
    workflow: VerifyWorkflow | None = None
    verifier: Verifier | None = None
    patience: Patience = PATIENCE


@dataclass(frozen=True, slots=True)
class OneAtATime:
    """Lets a verification wait for its turn on the engine."""

    verifier: Verifier
    turns: asyncio.Semaphore

    async def verify(self, branch: str, commit: str) -> HealthReport:
        """Verify when it is our turn."""
        async with self.turns:
            return await self.verifier.verify(branch, commit)


class Verifying:
    """Where the stacks of one repository are verified, as its policy and the settings of this server have it."""

    def __init__(self, settings: Settings, api: RepositoryApi, job: Job, policy: Policy, means: VerifyingMeans) -> None:
        self._settings = settings
        self._api = api
        self._job = job
        self._policy = policy
        self._means = means

    def _in_actions(self) -> bool:
        return self._means.workflow is not None and self._place() == "actions" and not self._means.verifier

    def _place(self) -> str:
        """Return where stacks are verified: a repository may choose, but not what the server has switched off."""
        server = self._settings.verified_by()
        return server if server == "none" else self._policy.verification or server

    def adding(self, workspaces: ClonedWorkspaces) -> AddedWorkflow | None:
        """Return what adds the workflow that verifies, where that is the place."""
        if self._means.workflow is None or not self._in_actions():
            return None
        return AddedWorkflow(
            workspaces=workspaces,
            workflow=self._means.workflow,
            may_add=RepositoryActions(self._api, WORKFLOW).may_add_workflows,
            always=self._job.kind is JobKind.RETRY,
        )

    def prover(self, steps: Steps, mail: Mail) -> Prover | None:
        """Return what verifies in GitHub Actions, where that is the place."""
        if not self._in_actions():
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
            patience=self._means.patience,
        )

    def verifier(self, workspaces: ClonedWorkspaces) -> Verifier:
        """Return what starts the stack here, or says why nothing is started."""
        if self._policy.verification == "none":
            return NoVerifier(f"Nothing was started: `{POLICY_PATH}` switches verification off.")
        if self._means.verifier:
            return self._means.verifier
        if self._settings.verified_by() == "none":
            return NoVerifier("Nothing was started: verification is switched off on this server.")
        if self._place() == "actions":
            return NoVerifier(f"Nothing was started: `{POLICY_PATH}` asks for `actions`, {_NO_ACTION}.")
        if self._settings.verified_by() == "actions":
            return NoVerifier(
                f"Nothing was started: `{POLICY_PATH}` asks for `docker`, and this server verifies in GitHub Actions."
            )
        return OneAtATime(DockerVerifier(workspaces.tree, self._verify_root), self._means.turns)

    def prove(self) -> Prove | None:
        """Return how the model has its tree verified before it is pushed, where an engine of ours is for that."""
        if self._means.verifier or self._settings.verified_by() != "docker" or self._place() != "docker":
            return None

        async def prove(root: Path) -> HealthReport:
            async with self._means.turns:
                return await in_thread(lambda cancel: self._verify_root(root, "", cancel))

        return prove

    def _verify_root(self, root: Path, commit: str, cancel: threading.Event) -> HealthReport:
        from bot.check.escape import escape_findings
        from bot.verify.run import verify_tree

        settings = self._settings
        return verify_tree(
            root,
            gate=escape_findings,
            commit=commit,
            timeout=settings.timeout,
            window=settings.window,
            cancel=cancel,
        )


def verify_workflow(settings: Settings) -> VerifyWorkflow | None:
    """Return the workflow that a run adds where GitHub Actions verifies; what is wrong with it is raised."""
    if not settings.verify_action:
        return None
    return VerifyWorkflow(
        action=settings.verify_action,
        checkout=settings.checkout_action or CHECKOUT,
        runner=settings.runner_labels(),
        timeout=settings.timeout,
        window=settings.window,
    )
