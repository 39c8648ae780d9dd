"""What a build of one target gives: what holds in the image."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from posixpath import join, normpath
from typing import Final

from bot.parse.dockerfile_model import Dockerfile, DockerfileHealthcheck, Instruction, Stage
from bot.parse.dockerfile_stages import lineage_of, target_stage
from bot.parse.dockerfile_text import Word
from bot.parse.dockerfile_values import PLATFORM_ARGS, expand, global_values


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltImage:
    """The image of one target.

    Attributes:
        dockerfile: The file.
        stage: The target.
        lineage: The stages it is made of, oldest first; the last is `stage`.
        base: The image that the oldest begins with, ARGs expanded; None where that cannot be known.
        instructions: Of all of `lineage`, in the order in which they take effect.
        env: ENV of the lineage; None for a value that cannot be known.
        user: As written in the last USER, variables expanded where known; "" where the base decides.
        workdir: "" where the base decides.
        exposed: Port numbers.
        healthcheck: The one in force, or None where the base decides.
        cmd: The one in force; None where the base decides, or where an ENTRYPOINT made it void.
        entrypoint: None where the base decides.
    """

    dockerfile: Dockerfile
    stage: Stage
    lineage: tuple[Stage, ...]
    base: str | None
    instructions: tuple[Instruction, ...]
    env: dict[str, str | None]
    user: str
    user_place: Word | None
    workdir: str
    exposed: tuple[int, ...]
    healthcheck: DockerfileHealthcheck | None
    cmd: Instruction | None
    entrypoint: Instruction | None
    args: dict[str, str | None]


def built_image(
    dockerfile: Dockerfile, target: str = "", args: Mapping[str, str | None] | None = None
) -> BuiltImage | None:
    """Return what a build of `target` gives, or None where there is no such stage."""
    stage = target_stage(dockerfile, target)
    if stage is None:
        return None
    globals_ = global_values(dockerfile, args)
    lineage, base = lineage_of(dockerfile, stage, globals_)
    return _Effect(dockerfile, lineage, base, globals_, args or {}).image()


class _Effect:
    """Walks a lineage and keeps what holds at its end."""

    def __init__(
        self,
        dockerfile: Dockerfile,
        lineage: tuple[Stage, ...],
        base: str | None,
        globals_: dict[str, str | None],
        args: Mapping[str, str | None],
    ) -> None:
        self.dockerfile, self.lineage, self.base = dockerfile, lineage, base
        self.globals, self.given = globals_, args
        self.env: dict[str, str | None] = {}
        self.args: dict[str, str | None] = dict(PLATFORM_ARGS)
        self.user = self.workdir = ""
        self.user_place: Word | None = None
        self.exposed: dict[int, None] = {}
        self.healthcheck: DockerfileHealthcheck | None = None
        self.cmd: Instruction | None = None
        self.cmd_here = False
        self.entrypoint: Instruction | None = None

    def image(self) -> BuiltImage:
        for stage in self.lineage:
            self.cmd_here = False
            for instruction in stage.instructions:
                self._take(instruction)
        return BuiltImage(
            dockerfile=self.dockerfile,
            stage=self.lineage[-1],
            lineage=self.lineage,
            base=self.base,
            instructions=tuple(i for stage in self.lineage for i in stage.instructions),
            env=self.env,
            user=self.user,
            user_place=self.user_place,
            workdir=self.workdir,
            exposed=tuple(self.exposed),
            healthcheck=self.healthcheck,
            cmd=self.cmd,
            entrypoint=self.entrypoint,
            args=self.args,
        )

    def _expand(self, text: str) -> str | None:
        return expand(text, {**self.args, **self.env})

    def _take(self, instruction: Instruction) -> None:
        handler = _HANDLERS.get(instruction.keyword)
        if handler is not None:
            handler(self, instruction)

    def env_(self, instruction: Instruction) -> None:
        values = {**self.args, **self.env}  # one ENV's pairs see what held before it
        for pair in instruction.pairs:
            self.env[pair.name] = expand(pair.value or "", values)

    def args_(self, instruction: Instruction) -> None:
        for pair in instruction.pairs:
            self.args[pair.name] = self._arg(pair.name, pair.value)

    def user_(self, instruction: Instruction) -> None:
        self.user_place = instruction.words[0]
        self.user = self._expand(instruction.words[0].value) or instruction.words[0].value

    def workdir_(self, instruction: Instruction) -> None:
        path = self._expand(instruction.body.text.strip().strip("\"'")) or instruction.body.text
        self.workdir = normpath(join(self.workdir or "/", path))

    def expose_(self, instruction: Instruction) -> None:
        for word in instruction.words:
            self.exposed.update(dict.fromkeys(_ports(self._expand(word.value))))

    def healthcheck_(self, instruction: Instruction) -> None:
        self.healthcheck = self.dockerfile.healthcheck(instruction)

    def cmd_(self, instruction: Instruction) -> None:
        self.cmd, self.cmd_here = instruction, True

    def entrypoint_(self, instruction: Instruction) -> None:
        self.entrypoint = instruction
        if not self.cmd_here:
            self.cmd = None  # Docker drops the CMD of the image below

    def _arg(self, name: str, default: str | None) -> str | None:
        if name in self.given:
            return self.given[name]
        if default is not None:
            return self._expand(default)
        return self.globals.get(name)


_HANDLERS: Final[dict[str, Callable[[_Effect, Instruction], None]]] = {
    "ENV": _Effect.env_,
    "ARG": _Effect.args_,
    "USER": _Effect.user_,
    "WORKDIR": _Effect.workdir_,
    "EXPOSE": _Effect.expose_,
    "HEALTHCHECK": _Effect.healthcheck_,
    "CMD": _Effect.cmd_,
    "ENTRYPOINT": _Effect.entrypoint_,
}


def _ports(text: str | None) -> list[int]:
    """Return the ports of `80`, `80/tcp` or `8000-8003`; a range of absurd length gives none."""
    match = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?(?:/\w+)?", text or "")
    if not match:
        return []
    first = int(match[1])
    last = int(match[2] or match[1])
    return list(range(first, last + 1)) if 0 <= last - first < 1000 else []
