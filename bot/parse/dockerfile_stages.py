"""The stages of a Dockerfile as a graph: what each begins with, and what it copies from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from bot.parse.dockerfile_model import Dockerfile, Instruction, Stage
from bot.parse.dockerfile_values import expand, global_values

_MOUNT_FROM: Final = re.compile(r"(?:^|,)from=([^,]+)")


def target_stage(dockerfile: Dockerfile, target: str = "") -> Stage | None:
    """Return the stage that a build of `target` ends with: the last where none is named; None: there is no such."""
    return dockerfile.stage_named(target) if target else dockerfile.stages[-1]


def parent_stage(dockerfile: Dockerfile, stage: Stage, args: Mapping[str, str | None] | None = None) -> Stage | None:
    """Return the stage that `stage` begins with, or None where it begins with an image."""
    name = expand(stage.base.value, global_values(dockerfile, args))
    return dockerfile.stage_named(name, stage.index) if name and not name.isdigit() else None


def sources_of(dockerfile: Dockerfile, stage: Stage, args: Mapping[str, str | None] | None = None) -> tuple[Stage, ...]:
    """Return the other stages of the file that `stage` copies or mounts from."""
    values = global_values(dockerfile, args)
    found: dict[int, Stage] = {}
    for instruction in stage.instructions:
        for each in (instruction, instruction.trigger):
            for name in _from_names(each):
                expanded = expand(name, values)
                source = dockerfile.stage_named(expanded, stage.index) if expanded else None
                if source is not None:
                    found[source.index] = source
    return tuple(found.values())


def needed_stages(dockerfile: Dockerfile, stage: Stage, args: Mapping[str, str | None] | None = None) -> frozenset[int]:
    """Return the indices of all stages that a build of `stage` runs, its own included."""
    needed: set[int] = set()
    waiting = [stage]
    while waiting:
        current = waiting.pop()
        if current.index in needed:
            continue
        needed.add(current.index)
        parent = parent_stage(dockerfile, current, args)
        waiting += [*([parent] if parent else []), *sources_of(dockerfile, current, args)]
    return frozenset(needed)


def _from_names(instruction: Instruction | None) -> tuple[str, ...]:
    if instruction is None:
        return ()
    if instruction.keyword in {"COPY", "ADD"}:
        name = instruction.flag("from")
        return (name,) if name else ()
    if instruction.keyword == "RUN":
        return tuple(m[1].strip() for value in instruction.flag_values("mount") if (m := _MOUNT_FROM.search(value)))
    return ()


def lineage_of(
    dockerfile: Dockerfile, stage: Stage, values: dict[str, str | None]
) -> tuple[tuple[Stage, ...], str | None]:
    """Return the stages that `stage` is made of, oldest first, and the image the oldest begins with, where known."""
    chain = [stage]
    while True:
        name = expand(chain[-1].base.value, values)
        parent = dockerfile.stage_named(name, chain[-1].index) if name and not name.isdigit() else None
        if parent is None:
            return tuple(reversed(chain)), name or None
        chain.append(parent)
