"""The images of a plan: fetched, or built with what earlier builds left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.model.measured import Build
from bot.model.redact import Redactor
from bot.verify.build import build_images
from bot.verify.build_cache import BuildCache, ComposeFor, Surroundings, cache_for
from bot.verify.build_output import BuildOutput
from bot.verify.environment import clean_environment
from bot.verify.images import fetch_images, missing_images
from bot.verify.plan import Plan, without
from bot.verify.progress import Progress
from bot.verify.stop import Stop

if TYPE_CHECKING:
    from docker import APIClient

_WORTH: Final = 8.0  # seconds of work; a cache that is there already has what takes long, mostly


class Building:
    """Gets the images of `plan`; `cache`: the folder with layers of earlier builds, None for none."""

    def __init__(self, client: APIClient, plan: Plan, compose: ComposeFor, *, cache: Path | None, stop: Stop) -> None:
        self._client = client
        self._plan = plan
        self._compose = compose
        self._stop = stop
        self._output = BuildOutput(services=tuple(plan.built))
        self._cache: BuildCache | None = None
        if cache is not None and plan.built:
            self._cache = cache_for(client, Surroundings(cache.resolve(), compose, stop.event))
        self._was_empty = self._cache is None or self._cache.is_empty
        self._whole = False

    def run(self, *, root: str, progress: Progress, redact: Redactor) -> tuple[tuple[Build, ...], Plan]:
        """Return what was built, and the plan with services marked whose image cannot be had; `root`: its tree."""
        missing = missing_images(self._client, self._plan.images.values())
        gone = fetch_images(missing, clean_environment(), self._stop)
        plan = without(self._plan, self._left_out(gone, redact)) if gone else self._plan
        model = self._cache.offered(plan.model) if self._cache else plan.model
        builds = build_images(
            self._compose("build.json", model),
            self._client,
            plan,
            self._output,
            root=root,
            stop=self._stop,
            progress=progress,
            redact=redact,
        )
        self._whole = all(build.ok for build in builds)
        return builds, plan

    @property
    def is_worth_keeping(self) -> bool:
        """Whether the next build would save more by what this one did than writing it takes."""
        if self._cache is None or not self._output.finished:
            return False
        return self._output.worked > (0 if self._was_empty else _WORTH)

    def keep(self) -> str:
        """Keep the layers for the next build; return why that could not be, or ""."""
        if self._cache is None:
            return ""
        try:
            return self._cache.keep(self._plan.model, self._output.finished, whole=self._whole)
        except OSError as error:  # a full disk takes the layers, never the verdict
            return (error.strerror or str(error)).lower()

    def close(self) -> None:
        """Remove what was offered to the build."""
        if self._cache:
            self._cache.close()

    def _left_out(self, gone: Mapping[str, str], redact: Callable[[str], str]) -> Mapping[str, str]:
        return {name: redact(gone[image]) for name, image in self._plan.images.items() if image in gone}
