"""GitHub Actions in one repository: runs of our workflow, their artifact, and what GitHub remarks on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from bot.errors import GroundworkError, InvalidValueError
from bot.forge.github.refusal import GitHubError, UnansweredError
from bot.forge.github.repository_api import Need, RepositoryApi, segment
from bot.model.actions_run import ActionsRun, Trouble
from bot.model.artifact import NAME

_MOST: Final = 20 * 1024 * 1024  # bytes of an artifact
_REMARKS: Final = 20
_TIMEOUT: Final = 60.0
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


class RepositoryActions:
    """Actions in the repository of `api`; `workflow` is the path of our workflow's file."""

    def __init__(self, api: RepositoryApi, workflow: str) -> None:
        self._api = api
        self._workflow = workflow

    async def runs(self, commit: str) -> Sequence[ActionsRun]:
        """Return the runs of our workflow for `commit`."""
        params: dict[str, str | int] = {"head_sha": commit, "per_page": 100}
        found = await self._api.ask(Need.ACTIONS, "GET", "actions/runs", params=params)
        return tuple(_run(it) for it in found["workflow_runs"] if self._ours(it, commit))

    def _ours(self, found: Any, commit: str) -> bool:
        # A path may carry the branch it was read from: `.github/workflows/x.yml@main`.
        return found["head_sha"] == commit and str(found.get("path", "")).partition("@")[0] == self._workflow

    async def run_again(self, run: ActionsRun) -> None:
        """Ask for another attempt of a run that has ended."""
        await self._api.ask(Need.ACTIONS, "POST", f"actions/runs/{run.id}/rerun")

    async def may_add_workflows(self) -> bool:
        """Whether the installation lets the App write workflow files."""
        place = self._api.place
        try:
            await self._api.app.token(place.installation, place.repository_id, Need.CONTENTS_AND_WORKFLOWS.permissions)
        except GitHubError:
            return False
        return True

    async def artifact(self, run: ActionsRun) -> bytes | None:
        """Return the newest artifact of the run by our name, None where it left none.

        Raises:
            InvalidValueError: It is larger than any honest one, or is not where an artifact can be.
            UnansweredError: It could not be fetched; asking again may help.
        """
        listing = await self._api.ask(Need.ACTIONS, "GET", f"actions/runs/{run.id}/artifacts", params={"name": NAME})
        found = [it for it in listing["artifacts"] if it["name"] == NAME and not it["expired"]]
        if not found:
            return None
        newest = max(found, key=lambda it: int(it["id"]))
        if int(newest["size_in_bytes"]) > _MOST:
            raise InvalidValueError(f"it is larger than {_MOST} bytes")
        return await self._downloaded(int(newest["id"]))

    async def _downloaded(self, artifact: int) -> bytes:
        """Follow GitHub to where the archive lies; our token goes no further than GitHub."""
        import httpx

        place = self._api.place
        token = await self._api.app.token(place.installation, place.repository_id, Need.ACTIONS.permissions)
        url = f"{self._api.app.key.api_url}/repos/{place.name}/actions/artifacts/{artifact}/zip"
        headers = {"Authorization": f"Bearer {token}", "User-Agent": "groundwork"}
        async with httpx.AsyncClient(timeout=_TIMEOUT, follow_redirects=False) as client:
            try:
                answer = await client.get(url, headers=headers)
                if answer.status_code not in _REDIRECTS:
                    raise UnansweredError(f"GET {urlsplit(url).path}: {answer.status_code}")
                target = answer.headers.get("location", "")
                if urlsplit(target).scheme != urlsplit(url).scheme:
                    raise InvalidValueError("it is not where an artifact can be")
                async with client.stream("GET", target, headers={"User-Agent": "groundwork"}) as stream:
                    if stream.status_code != 200:
                        raise UnansweredError(f"the artifact's storage answered {stream.status_code}")
                    return await _bounded(stream.aiter_bytes())
            except httpx.HTTPError as error:
                raise UnansweredError(f"the artifact could not be fetched: {type(error).__name__}") from error

    async def trouble(self, commit: str, run: ActionsRun | None) -> Trouble:
        """Return what GitHub says of a run that left nothing, or of none having come."""
        return await self._of_none(commit) if run is None else await self._of(run)

    async def _of_none(self, commit: str) -> Trouble:
        params = {"ref": commit}
        file = await self._api.ask(Need.READ_CONTENTS, "GET", f"contents/{self._workflow}", params=params, absent=True)
        name = segment(self._workflow.rpartition("/")[2])
        known = await self._api.ask(Need.ACTIONS, "GET", f"actions/workflows/{name}", absent=True)
        return Trouble(
            on_branch=file is not None,
            may_add=file is not None or await self.may_add_workflows(),
            workflow=str(known["state"]) if known else "",
        )

    async def _of(self, run: ActionsRun) -> Trouble:
        listing = await self._api.ask(Need.ACTIONS, "GET", f"actions/runs/{run.id}/jobs", params={"filter": "latest"})
        said: list[str] = []
        failed, labels = "", list[str]()
        for job in listing["jobs"][:_REMARKS]:
            labels = labels or [str(label) for label in job.get("labels") or ()]
            steps = job.get("steps") or ()
            failed = failed or next((str(it["name"]) for it in steps if it.get("conclusion") == "failure"), "")
            said += await self._remarks(int(job["id"]))
        return Trouble(said=tuple(said[:_REMARKS]), failed=failed, labels=tuple(labels))

    async def _remarks(self, job: int) -> list[str]:
        """Return what GitHub remarks on a job; a job is a check run of the same id."""
        try:
            found = await self._api.ask(Need.CHECKS, "GET", f"check-runs/{job}/annotations", absent=True)
        except GroundworkError:
            return []  # the reason in full is only nice to have
        return [str(it.get("message") or "")[:1000] for it in (found or ())[:_REMARKS]]


async def _bounded(chunks: Any) -> bytes:
    data = bytearray()
    async for chunk in chunks:
        data += chunk
        if len(data) > _MOST:
            raise InvalidValueError(f"it is larger than {_MOST} bytes")
    return bytes(data)


def _run(found: Any) -> ActionsRun:
    return ActionsRun(
        id=int(found["id"]),
        attempt=int(found.get("run_attempt") or 1),
        event=str(found["event"]),
        status=str(found["status"]),
        conclusion=str(found["conclusion"] or ""),
        url=str(found["html_url"]),
    )
