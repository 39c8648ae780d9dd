"""The one check run of a commit: made or renewed, with a summary and annotations beside the lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from bot.forge.github.repository_api import Need, RepositoryApi
from bot.model.posted import CheckText, Remark

NAME: Final = "Groundwork"
_AT_ONCE: Final = 50  # annotations that one request may hold
_MOST: Final = 200


class Checks:
    """The App's check runs in one repository."""

    def __init__(self, api: RepositoryApi, *, app_id: int) -> None:
        self._api = api
        self._app_id = app_id

    async def show(self, head: str, check: CheckText) -> None:
        """Make the check run of the commit `head`, or renew it; twice is once.

        Raises:
            GroundworkError: GitHub refused, in words.
        """
        batches = list(_batches(check.remarks))
        found = await self._find(head)
        first = _output(check, batches[0])
        body: dict[str, Any] = {"name": NAME, "status": "completed", "conclusion": check.conclusion, "output": first}
        if found:
            await self._api.ask(Need.CHECKS, "PATCH", f"check-runs/{found['id']}", json=body)
            if found.get("output", {}).get("annotations_count"):
                return  # annotations are added, never replaced: those of this commit are there
            number = int(found["id"])
        else:
            body["head_sha"] = head
            number = int((await self._api.ask(Need.CHECKS, "POST", "check-runs", json=body))["id"])
        for batch in batches[1:]:
            more = {"output": _output(check, batch)}
            await self._api.ask(Need.CHECKS, "PATCH", f"check-runs/{number}", json=more)

    async def _find(self, head: str) -> Any | None:
        path = f"commits/{head}/check-runs"
        listing = await self._api.ask(Need.CHECKS, "GET", path, params={"check_name": NAME, "filter": "latest"})
        runs = listing["check_runs"]
        return next((run for run in runs if run["name"] == NAME and _of(run, self._app_id)), None)


def _of(run: Any, app_id: int) -> bool:
    return not run.get("app") or int(run["app"].get("id", app_id)) == app_id


def _batches(annotations: Sequence[Remark]) -> Iterator[Sequence[Remark]]:
    yield annotations[:_AT_ONCE]
    for start in range(_AT_ONCE, min(len(annotations), _MOST), _AT_ONCE):
        yield annotations[start : start + _AT_ONCE]


def _output(check: CheckText, annotations: Sequence[Remark]) -> dict[str, Any]:
    return {
        "title": check.title,
        "summary": check.summary,
        "annotations": [
            {
                "path": annotation.path,
                "start_line": annotation.line,
                "end_line": annotation.line,
                "annotation_level": annotation.level,
                "title": annotation.title[:255],
                "message": annotation.message,
            }
            for annotation in annotations
        ],
    }
