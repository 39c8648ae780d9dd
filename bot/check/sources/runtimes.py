"""All services of a tree as they run, and which of them a health check is in force for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.check.probes import Probe, users_of
from bot.check.sources.once import once_per_tree
from bot.check.sources.runtime import Runtime
from bot.check.tree import Tree
from bot.parse.compose import Service
from bot.parse.dockerfile_image import BuiltImage, built_image
from bot.parse.dockerfile_model import Dockerfile, DockerfileHealthcheck


@dataclass(frozen=True, slots=True)
class Checked:
    """A health check with what it checks."""

    probe: Probe
    runtime: Runtime


def checked_runtimes(tree: Tree, found: Probe) -> Iterator[Checked]:
    """Yield the runtimes that a health check is in force for; for an image nobody builds, the image itself."""
    if found.service is not None:
        yield Checked(found, runtime_of(tree, found.service))
        return
    if found.own is None:
        return
    dockerfile = tree.dockerfile(found.source.path)
    if dockerfile is None:
        return
    users = [
        service
        for _stack, service in users_of(tree, found.own, dockerfile)
        if service.healthcheck is None or not (service.healthcheck.form or service.healthcheck.disabled)
    ]
    for service in users:
        yield Checked(found, runtime_of(tree, service))
    overridden = users_of(tree, found.own, dockerfile)
    if users or overridden:
        return
    for image in _ends(dockerfile, found.own):
        yield Checked(found, Runtime(tree, service=None, stack=None, built=None, image=image))


def _ends(dockerfile: Dockerfile, own: DockerfileHealthcheck) -> Iterator[BuiltImage]:
    """Yield the images in which a check is in force and that no other stage begins with."""
    begun = {stage.base.value.lower() for stage in dockerfile.stages}
    for stage in dockerfile.stages:
        image = built_image(dockerfile, str(stage.index))
        if image is None or image.stage is not stage or image.healthcheck is None or stage.name in begun - {""}:
            continue
        if image.healthcheck.instruction.start == own.instruction.start:
            yield image


@once_per_tree
def runtimes(tree: Tree) -> tuple[Runtime, ...]:
    """Return every service of every stack as it runs."""
    found = []
    for stack in tree.stacks:
        for service in stack.services:
            built = tree.built(service)
            image = built.image if built is not None else None
            found.append(Runtime(tree, service=service, stack=stack, built=built, image=image))
    return tuple(found)


def runtime_of(tree: Tree, service: Service) -> Runtime:
    """Return one service as it runs."""
    return next(runtime for runtime in runtimes(tree) if runtime.service is service)
