"""What runs: each service of a rendered stack as production would run it, on whatever host."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from bot.blueprint.choice import Choice
from bot.blueprint.compose import COMPOSE_PATH
from bot.blueprint.graph import Node, nodes
from bot.blueprint.image_user import user_id
from bot.blueprint.skill import Condition, Part, RenderedFile, Skill
from bot.parse.dockerfile import parse_dockerfile
from bot.parse.dockerfile_healthcheck import duration_seconds
from bot.parse.dockerfile_image import BuiltImage, built_image
from bot.parse.dockerfile_model import DockerfileHealthcheck

_ADDRESS: Final = re.compile(r"http://(?:127\.0\.0\.1|localhost):(?P<port>\d+)(?P<path>/[^\s'\",)]*)")
_MEBI: Final = 1024 * 1024
_UNITS: Final = {"b": 1, "k": 1024, "m": _MEBI, "g": 1024 * _MEBI}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A health check: the command as an argument list, and its times in seconds."""

    command: tuple[str, ...]
    interval: float
    timeout: float
    retries: int
    start_period: float

    @property
    def page(self) -> tuple[int, str] | None:
        """Port and path of the page that it asks for; None where it does something else."""
        found = _ADDRESS.search(" ".join(self.command))
        return (int(found["port"]), found["path"]) if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """One service.

    Attributes:
        name: As the others call it.
        skill: Whose it is, and `parts` what that plays.
        image: The reference of a stock image, or "".
        directory: The folder under `src/` that its image is built from, or "".
        stage: The Dockerfile's last stage, the production one, as an image; None for a stock image.
        uid: As whom it serves, and `gid` its group.
        port: Where it listens; 0 where it does not.
        command: What is run; () for what the image runs by itself.
        environment: As compose has it, variables not yet filled in, without what is for development only.
        check: None for what ends.
        needs: What it waits for.
        volumes: Named volumes it keeps data in, each with its path.
        files: Single files of the repository that a stock image reads, each with its path.
        writable: Folders that are empty at the start and may be written.
        read_only: Nothing else may be.
        cpus: Its limit, and `memory` in MiB; `shared_memory` in MiB, 0 for the host's own choice.
        once: It ends when its work is done.
    """

    name: str
    skill: Skill
    parts: tuple[Part, ...]
    image: str = ""
    directory: str = ""
    stage: BuiltImage | None = None
    uid: int
    gid: int
    port: int
    command: tuple[str, ...]
    environment: Mapping[str, str]
    check: Check | None
    needs: Mapping[str, Condition]
    volumes: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, str], ...]
    writable: tuple[str, ...]
    read_only: bool
    cpus: float
    memory: int
    shared_memory: int
    once: bool


def running(choice: Choice, files: Mapping[str, RenderedFile]) -> tuple[Running, ...]:
    """Return the services of `choice`, read from its rendered `files` (by path), in file order."""
    stack = yaml.load(files[COMPOSE_PATH].content, Loader=yaml.CSafeLoader)
    named = stack.get("volumes") or {}
    return tuple(_running(node, stack["services"][node.service.name], named, choice, files) for node in nodes(choice))


def _running(
    node: Node, told: Mapping[str, Any], named: Mapping[str, Any], choice: Choice, files: Mapping[str, RenderedFile]
) -> Running:
    directory = told["build"]["context"].removeprefix("./") if "build" in told else ""
    stage = _stage(files[f"src/{directory}/Dockerfile"]) if directory else None
    uid, gid = user_id(stage) if stage else (node.service.uid, node.service.gid)
    # The service that is called as its folder is the application itself: in production its image knows what to run.
    itself = bool(directory) and node.service.name == directory
    command = () if itself else node.service.command or tuple(map(str, told.get("command", ())))
    once = told.get("restart") == "no"
    mounts = [mount.split(":") for mount in told.get("volumes", ())]
    limits = told["deploy"]["resources"]["limits"]
    return Running(
        name=node.service.name,
        skill=node.skill,
        parts=tuple(part for part, skill in choice.skills.items() if skill is node.skill),
        image=told.get("image", ""),
        directory=directory,
        stage=stage,
        uid=uid,
        gid=gid,
        port=_port(stage) if stage and itself else node.service.port,
        command=command,
        environment={
            name: str(value)
            for name, value in (told.get("environment") or {}).items()
            if name not in node.skill.development
        },
        check=None if once else _check(told, stage if itself else None),
        needs={name: wait["condition"] for name, wait in told.get("depends_on", {}).items()},
        volumes=tuple(
            (source, path) for source, path, *_ in mounts if source in named and source not in node.skill.development
        ),
        files=tuple(_files(mounts, files)),
        writable=tuple(
            path for path in (mount.partition(":")[0] for mount in told.get("tmpfs", ())) if not _is_code(path, stage)
        ),
        read_only=bool(told.get("read_only")),
        cpus=float(limits["cpus"]),
        memory=mebibytes(limits["memory"]),
        shared_memory=mebibytes(told.get("shm_size", "0")),
        once=once,
    )


def mebibytes(size: object) -> int:
    """Return what compose's `512M` or `128mb` is in MiB: Docker counts in powers of two."""
    text = str(size).lower().removesuffix("b")
    unit = text[-1:] if text[-1:] in _UNITS else "b"
    return round(float(text.removesuffix(unit)) * _UNITS[unit]) // _MEBI


def _stage(dockerfile: RenderedFile) -> BuiltImage | None:
    return built_image(parse_dockerfile(dockerfile.content.decode(), dockerfile.path))


def _port(stage: BuiltImage) -> int:
    return stage.exposed[-1] if stage.exposed else 0


def _is_code(path: str, stage: BuiltImage | None) -> bool:
    """Tell whether `path` lies in the image's own code: development's tools write there, production has it built."""
    if stage is None:
        return False
    every = (one for made in stage.dockerfile.stages for one in made.instructions)
    return any(one.keyword == "WORKDIR" and path.startswith(f"{one.words[0].value}/") for one in every)


def _files(mounts: list[list[str]], files: Mapping[str, RenderedFile]) -> Iterator[tuple[str, str]]:
    for source, path, *_ in mounts:
        place = f"src/{source.removeprefix('./')}"
        # Grants for the tests' own database are for development.
        if place in files and not path.endswith("/test-database.sql"):
            yield place, path


def _check(told: Mapping[str, Any], stage: BuiltImage | None) -> Check | None:
    """Return the check of the production image where there is one, else the one that compose runs."""
    written = told.get("healthcheck")
    if stage is not None and stage.healthcheck:
        return _of_image(stage.healthcheck)
    if not written:
        return None
    kind, *words = written["test"]
    command = ("/bin/sh", "-c", words[0]) if kind == "CMD-SHELL" else tuple(words)
    return Check(
        command=tuple(word.replace("$$", "$") for word in command),
        interval=duration_seconds(written["interval"]) or 5.0,
        timeout=duration_seconds(written["timeout"]) or 5.0,
        retries=int(written["retries"]),
        start_period=duration_seconds(written["start_period"]) or 0.0,
    )


def _of_image(found: DockerfileHealthcheck) -> Check:
    shell = ("/bin/sh", "-c", found.shell.text) if found.shell else ()
    return Check(
        command=shell or tuple(word.value for word in found.words),
        interval=found.interval or 10.0,
        timeout=found.timeout or 5.0,
        retries=found.retries or 3,
        start_period=found.start_period or 0.0,
    )
