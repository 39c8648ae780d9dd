"""Layers of a build, kept in a folder: what carries it from one machine to the next makes the next build short.

BuildKit knows by itself what may be reused: a step whose words, files and earlier steps are the same, such as the
installation of what a lock file names. Two kinds of engine let layers out in two ways: where images are in containerd's
store, BuildKit writes and reads a folder; in Docker's older store, images carry the keys of their steps with them, and
are saved and loaded again, one for each finished stage.
"""

from __future__ import annotations

import json
import re
import shutil
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from bot.verify.compose import Compose, Ran, spawn
from bot.verify.environment import clean_environment
from bot.verify.identity import OWNER_LABEL
from bot.verify.saved_images import NAME, next_number, saved_names
from bot.verify.stop import Stop

if TYPE_CHECKING:
    from docker import APIClient

_MOST_BYTES: Final = 6 * 10**9  # GitHub keeps 10 GB for all caches of a repository
_SECONDS: Final = 300.0  # for reading and writing: what takes longer is no help

Model = Mapping[str, Any]
Stages = Sequence[tuple[str, str]]
ComposeFor = Callable[[str, Model], Compose]


class BuildCache(Protocol):
    """What earlier builds left, offered to a build; and what this build leaves."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to offer."""
        ...

    def offered(self, model: Model) -> Model:
        """Return the compose model with what its builds may reuse."""
        ...

    def keep(self, model: Model, stages: Stages, *, whole: bool) -> str:
        """Write the layers of finished `stages`; return why it could not be, or "". `whole`: all is built."""
        ...

    def close(self) -> None:
        """Remove from the engine what was offered."""
        ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a cache is, how it runs Compose for a model that it writes to a file, and when it has to end."""

    folder: Path
    compose: ComposeFor
    cancel: threading.Event | None = None

    def stop(self) -> Stop:
        """Return when to give up something that begins now."""
        return Stop(_SECONDS, self.cancel)

    def built(self, builds: Model) -> str:
        """Build; return why it could not be, or ""."""
        if not builds:
            return "no stage was finished"
        ran = self.compose("kept.json", {"services": builds}).run("build", "--progress", "plain", stop=self.stop())
        return "" if ran.ok else _words(ran)

    def ran(self, *words: str) -> Ran:
        """Run a command to its end, or until it has to end."""
        stop, running = self.stop(), spawn(words, clean_environment())
        while not running.wait(stop.nap()):
            if stop:
                return running.end()
        return running.ran()

    def written(self) -> None:
        """Say that there is something new: by a file that differs each time."""
        (self.folder / "written").write_text(f"{time.time_ns()}\n", "utf-8")


def cache_for(client: APIClient, surroundings: Surroundings) -> BuildCache:
    """Return the cache as this engine can use it."""
    told: Mapping[str, Any] = client.info()
    in_containerd = "io.containerd.snapshotter" in str(told.get("DriverStatus"))
    return _Exported(surroundings) if in_containerd else _Images(surroundings)


class _Exported:
    """One folder for each service, as BuildKit writes it."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings
        self._folder = surroundings.folder / "layers"

    @property
    def is_empty(self) -> bool:
        return not any(self._folder.glob("*/index.json"))

    def offered(self, model: Model) -> Model:
        return _with_sources(model, [f"type=local,src={path.parent}" for path in self._folder.glob("*/index.json")])

    def keep(self, model: Model, stages: Stages, *, whole: bool) -> str:
        fresh = self._folder.with_name("layers.new")
        shutil.rmtree(fresh, ignore_errors=True)
        # The last stage of a service holds all that it needs.
        builds = _builds(self.offered(model), _ends(model) if whole else _named(stages))
        for name, service in builds.items():
            service["build"]["cache_to"] = [f"type=local,dest={fresh / name},mode=max,compression=zstd"]
        error = self._around.built(builds)
        size = sum(path.stat().st_size for path in fresh.rglob("*") if path.is_file())
        if error or size > _MOST_BYTES:
            shutil.rmtree(fresh, ignore_errors=True)
            return error or _too_large(size)
        shutil.rmtree(self._folder, ignore_errors=True)
        fresh.rename(self._folder)
        self._around.written()
        return ""

    def close(self) -> None:
        """Nothing of it is on the engine."""


class _Images:
    """One file with an image for each stage, in the form of `docker save`."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings
        self._file = surroundings.folder / "images.tar"
        self._loaded: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not saved_names(self._file)

    def offered(self, model: Model) -> Model:
        names = () if self._loaded else saved_names(self._file)
        if names and self._around.ran("docker", "load", "--quiet", "--input", str(self._file)).ok:
            self._loaded = names
        offered = _with_sources(model, self._loaded)
        return _changed(offered, lambda build: {"args": {**(build.get("args") or {}), "BUILDKIT_INLINE_CACHE": "1"}})

    def keep(self, model: Model, stages: Stages, *, whole: bool) -> str:
        wanted = [*_named(stages), *(_ends(model) if whole else ())]
        builds = _builds(self.offered(model), wanted, first=next_number(self._loaded))
        fresh = self._file.with_suffix(".new")
        fresh.parent.mkdir(parents=True, exist_ok=True)
        error = self._around.built(builds)
        if not error:
            names = [str(service["image"]) for service in builds.values()]
            saved = self._around.ran("docker", "save", "--output", str(fresh), *names)
            error = "" if saved.ok else _words(saved)
        size = fresh.stat().st_size if fresh.exists() else 0
        if error or size > _MOST_BYTES:
            fresh.unlink(missing_ok=True)
            return error or _too_large(size)
        fresh.replace(self._file)
        self._around.written()
        return ""

    def close(self) -> None:
        if self._loaded:
            self._around.ran("docker", "image", "rm", "--force", *self._loaded)


def _changed(model: Model, change: Callable[[Mapping[str, Any]], dict[str, Any]]) -> Model:
    services = {
        name: {**service, "build": {**build, **change(build)}} if (build := service.get("build")) else service
        for name, service in model["services"].items()
    }
    return {**model, "services": services}


def _with_sources(model: Model, sources: Sequence[str]) -> Model:
    return _changed(model, lambda build: {"cache_from": [*(build.get("cache_from") or ()), *sources]})


def _ends(model: Model) -> Stages:
    """Return what each service itself builds."""
    return [(name, "") for name, service in model["services"].items() if service.get("build")]


def _named(stages: Stages) -> Stages:
    """Return the stages that can be built alone: BuildKit shows others by a number, and takes that for no target."""
    return [(name, stage) for name, stage in stages if not re.fullmatch(r"stage-\d+", stage)]


def _builds(model: Model, stages: Stages, *, first: int = 1) -> dict[str, dict[str, Any]]:
    """Return a service for each of `stages` ("": what the service itself builds), each that is built alike once."""
    found: dict[str, dict[str, Any]] = {}
    seen: set[str] = set()
    for service, stage in stages:
        build = {key: value for key, value in model["services"][service]["build"].items() if key != "cache_to"}
        labels = build.pop("labels", None) or {}
        if stage:
            build["target"] = stage
        alike = json.dumps(build, sort_keys=True)
        if alike not in seen:
            seen.add(alike)
            name = "-".join(re.findall(r"[a-z0-9]+", f"{service}-{stage}".lower())) or "service"
            build["labels"] = {OWNER_LABEL: labels.get(OWNER_LABEL, "")}
            number = first + len(found)
            found[f"{name}-{number}"] = {"build": build, "image": f"{NAME}{name}:{number}"}
    return found


def _words(ran: Ran) -> str:
    return "it took too long" if ran.status is None else " ".join(ran.lines[-2:])[-300:] or f"status {ran.status}"


def _too_large(size: int) -> str:
    return f"it would be {size / 1e9:.1f} GB, and no more than {_MOST_BYTES / 1e9:.0f} GB are kept"
