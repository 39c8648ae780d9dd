"""GitHub Actions for a story: a push starts our workflow where the commit holds it, and it ends as the story wants."""

from __future__ import annotations

import io
import re
import subprocess
import threading
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.model.artifact import NAME, RunNote
from bot.model.measured import Record
from bot.report.artifact import artifact_files
from bot.verify.judge import judge
from bot.workflow.verify_workflow import PATH

_LISTING = re.compile(r"/repos/([^/]+/[^/]+)/actions/runs")
_OF_RUN = re.compile(r"/repos/[^/]+/[^/]+/actions/runs/(\d+)/(rerun|artifacts|jobs)")
_ZIP = re.compile(r"/repos/[^/]+/[^/]+/actions/artifacts/(\d+)/zip")
_REMARKS = re.compile(r"/repos/[^/]+/[^/]+/check-runs/(\d+)/annotations")
_WORKFLOW = re.compile(r"/repos/[^/]+/[^/]+/actions/workflows/infra-verify\.yml")
_CONTENTS = re.compile(rf"/repos/([^/]+/[^/]+)/contents/{re.escape(PATH)}")


@dataclass(frozen=True)
class Ends:
    """How a run of the workflow ends, or where it stays.

    Attributes:
        record: What its verification recorded; None leaves no artifact.
        artifact: Makes the archive instead, from the honest one.
        said: GitHub's remarks on its job.
        status: Anything but `completed` is where it stays.
    """

    conclusion: str = "success"
    record: Record | None = None
    artifact: Callable[[bytes], bytes] | None = None
    said: tuple[str, ...] = ()
    failed: str = ""
    status: str = "completed"


@dataclass
class Run:
    """A run that is there."""

    id: int
    repository: str
    commit: str
    branch: str
    ends: Ends
    attempt: int = 1
    looks: int = 0
    event: str = "push"
    archive: bytes | None = None

    def told(self, url: str, *, over: bool) -> dict[str, Any]:
        return {
            "id": self.id,
            "run_attempt": self.attempt,
            "event": self.event,
            "status": self.ends.status if over else "in_progress",
            "conclusion": self.ends.conclusion if over and self.ends.status == "completed" else None,
            "html_url": f"{url}/{self.repository}/actions/runs/{self.id}",
            "path": PATH,
            "head_sha": self.commit,
            "head_branch": self.branch,
        }


@dataclass
class EmulatedActions:
    """All runs in all repositories; `plan` says how the next ones end, the last again and again."""

    repositories: Path
    plan: list[Ends] = field(default_factory=list)
    enabled: bool = True
    workflow_state: str = "active"
    held: bool = False
    verify: Callable[[Run], bytes] | None = None
    runs: list[Run] = field(default_factory=list)
    begun: threading.Event = field(default_factory=threading.Event)
    asked_of_storage: list[dict[str, str]] = field(default_factory=list)

    @property
    def routes(self) -> list[Route]:
        return [Route("/_storage/{run:int}", self._storage)]

    def reset(self) -> None:
        self.__init__(self.repositories)  # type: ignore[misc]

    def release(self) -> Run:
        """Let the run that is held end."""
        self.held = False
        return self.runs[-1]

    def answer(self, method: str, path: str, query: dict[str, str], url: str) -> Response | None:
        """Answer a request of the App, None for what is not about Actions."""
        if found := _LISTING.fullmatch(path):
            runs = self._of(found[1], query["head_sha"])
            return JSONResponse({"total_count": len(runs), "workflow_runs": [self._told(run, url) for run in runs]})
        if found := _OF_RUN.fullmatch(path):
            return self._of_run(self._run(int(found[1])), found[2])
        if found := _ZIP.fullmatch(path):
            return RedirectResponse(f"{url}/_storage/{found[1]}", 302)
        if found := _REMARKS.fullmatch(path):
            said = self._run(int(found[1])).ends.said
            return JSONResponse([{"message": text, "annotation_level": "failure"} for text in said])
        if _WORKFLOW.fullmatch(path):
            known = self.enabled and self.runs
            return JSONResponse(
                {"state": self.workflow_state}
                if known or self.workflow_state != "active"
                else {"message": "Not Found"},
                200 if known or self.workflow_state != "active" else 404,
            )
        if (found := _CONTENTS.fullmatch(path)) and method == "GET":
            there = self._holds(found[1], query["ref"])
            return JSONResponse({"path": PATH} if there else {"message": "Not Found"}, 200 if there else 404)
        return None

    def _told(self, run: Run, url: str) -> dict[str, Any]:
        run.looks += 1
        # The first look finds it working: nothing is ready at once.
        return run.told(url, over=run.looks > 1 and not self.held)

    def _of(self, repository: str, commit: str) -> list[Run]:
        there = [run for run in self.runs if (run.repository, run.commit) == (repository, commit)]
        if there or not self.enabled or self.workflow_state != "active" or not self._holds(repository, commit):
            return there
        branches = self._git(repository, "for-each-ref", "--format=%(refname:short)", "--points-at", commit).split()
        run = Run(4_000 + len(self.runs), repository, commit, branches[0], self._next())
        self.runs.append(run)
        self.begun.set()
        return [run]

    def _next(self) -> Ends:
        return self.plan.pop(0) if len(self.plan) > 1 else self.plan[0]

    def _of_run(self, run: Run, what: str) -> Response:
        if what == "rerun":
            run.attempt, run.looks, run.ends, run.archive = run.attempt + 1, 0, self._next(), None
            self.begun.set()
            return JSONResponse({}, 201)
        if what == "jobs":
            steps = [{"name": run.ends.failed, "conclusion": "failure"}] if run.ends.failed else []
            job = {"id": run.id, "steps": steps, "labels": ["ubuntu-latest"], "conclusion": run.ends.conclusion}
            return JSONResponse({"total_count": 1, "jobs": [job]})
        archive = self._archive(run)
        listed = {"id": run.id, "name": NAME, "expired": False, "size_in_bytes": len(archive or b"")}
        return JSONResponse({"total_count": 1, "artifacts": [listed] if archive is not None else []})

    def _archive(self, run: Run) -> bytes | None:
        if run.archive is None and self.verify is not None:
            run.archive = self.verify(run)
        elif run.archive is None and run.ends.record is not None:
            report = judge(replace(run.ends.record, commit=run.commit))
            note = RunNote(
                outcome=report.outcome.value,
                commit=run.commit,
                repository=run.repository,
                run_id=run.id,
                run_attempt=run.attempt,
            )
            honest = zipped({name: text.encode() for name, text in artifact_files(report, note).items()})
            run.archive = run.ends.artifact(honest) if run.ends.artifact else honest
        return run.archive

    async def _storage(self, request: Request) -> Response:
        self.asked_of_storage.append(dict(request.headers))
        return Response(self._run(request.path_params["run"]).archive or b"")

    def _run(self, number: int) -> Run:
        return next(run for run in self.runs if run.id == number)

    def _holds(self, repository: str, commit: str) -> bool:
        return bool(self._git(repository, "ls-tree", "--name-only", commit, "--", PATH))

    def _git(self, repository: str, *words: str) -> str:
        command = ["git", "-C", str(self.repositories / f"{repository}.git"), *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def zipped(files: dict[str, bytes]) -> bytes:
    """An archive as GitHub makes it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()
