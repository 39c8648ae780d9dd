"""Health checks wherever they are written: in compose, and in the Dockerfiles that services are built from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.check.images import base_name
from bot.check.tree import Built, Tree
from bot.parse.compose import ComposeStack, Service
from bot.parse.compose_health import Healthcheck
from bot.parse.dockerfile_image import BuiltImage, built_image
from bot.parse.dockerfile_model import Dockerfile, DockerfileHealthcheck
from bot.parse.dockerfile_text import Word
from bot.parse.shell import Command
from bot.parse.shell_wrappers import exec_commands, run_commands
from bot.parse.source import Source, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One health check's command.

    Attributes:
        label: Whose it is, for people: "`web`", or "This image".
        source: The file it is written in.
        span: Where its command is written.
        commands: What it runs, wrappers taken off.
        compose: Where it is written in compose; None for a Dockerfile's.
        own: Where it is written in a Dockerfile; None for compose's.
        service: The service, for compose's.
    """

    label: str
    source: Source
    span: Span
    commands: tuple[Command, ...]
    compose: Healthcheck | None = None
    own: DockerfileHealthcheck | None = None
    service: Service | None = None

    def word_span(self, word: Word) -> Span:
        """Return where a word is written; the whole command where escapes hide its place."""
        if self.span.start <= word.start < word.end <= self.span.end:
            return self.source.span(word.start, word.end)
        return self.span


def probes(tree: Tree) -> Iterator[Probe]:
    """Yield every health check that runs something: each place once, however many services share it."""
    seen: set[tuple[str, int]] = set()
    for stack in tree.stacks:
        for service in stack.services:
            check = service.healthcheck
            if check is None or check.disabled or not check.known or check.test is None:
                continue
            span = check.test.span
            if (span.path, span.start) not in seen:
                seen.add((span.path, span.start))
                yield Probe(
                    label=f"`{service.name}`",
                    source=span.source,
                    span=span,
                    commands=check.commands(),
                    compose=check,
                    service=service,
                )
    for dockerfile in tree.dockerfiles:
        for own in dockerfile.healthchecks.values():
            if not own.none:
                yield Probe(
                    label="This image",
                    source=dockerfile.source,
                    span=dockerfile.span(own.instruction),
                    commands=own_commands(own),
                    own=own,
                )


def own_commands(own: DockerfileHealthcheck) -> tuple[Command, ...]:
    """Return what a HEALTHCHECK runs."""
    return run_commands(own.shell) if own.shell is not None else exec_commands(own.words)


def image_check(built: Built | None) -> DockerfileHealthcheck | None:
    """Return the check in force in the image that a service is built to; None for none, and for NONE."""
    image = built.image if built is not None else None
    check = image.healthcheck if image is not None else None
    return check if check is not None and not check.none else None


# Repositories with a name of their own whose images are known to have no check built in.
_CHECKLESS = ("bitnami/", "grafana/", "prom/", "minio/", "confluentinc/", "timescale/", "postgis/", "pgvector/")


def checked(tree: Tree, service: Service) -> bool | None:
    """Whether a service has any check, in compose or its image; None where that cannot be known here."""
    check = service.healthcheck
    if check is not None and check.disabled:
        return False
    if check is not None and check.form:
        return True
    if check is not None and check.test is not None and not check.form:
        return None
    built = tree.built(service)
    if built is not None:
        if built.image is None:
            inline = service.build.inline if service.build is not None else None
            return "HEALTHCHECK" in inline.text.upper() if inline is not None else None
        own = built.image.healthcheck
        if own is not None:
            return not own.none
        return False if built.image.base is not None and "/" not in built.image.base else None
    if service.image is None or service.image.unknown:
        return None
    name = service.image.text.removeprefix("docker.io/").removeprefix("library/")
    return False if "/" not in name or name.startswith(_CHECKLESS) else None


def stage_images(dockerfile: Dockerfile) -> Iterator[tuple[DockerfileHealthcheck, BuiltImage]]:
    """Yield each check of a Dockerfile with the image of the stage it stands in."""
    for index, stage in enumerate(dockerfile.stages):
        for instruction in stage.instructions:
            own = dockerfile.healthchecks.get(instruction.start)
            if instruction.keyword == "HEALTHCHECK" and own is not None and not own.none:
                image = built_image(dockerfile, str(index))
                if image is not None:
                    yield own, image


def users_of(
    tree: Tree, own: DockerfileHealthcheck, dockerfile: Dockerfile
) -> tuple[tuple[ComposeStack, Service], ...]:
    """Return the services whose image has `own` in force."""
    return tuple(
        (built.stack, built.service)
        for built in tree.builds
        if built.dockerfile is dockerfile
        and built.image is not None
        and built.image.healthcheck is not None
        and built.image.healthcheck.instruction.start == own.instruction.start
    )


def runtime_of(tree: Tree, service: Service) -> str:
    """Return the name of the image that a service runs on, such as `node` or `postgres`; "" where not known."""
    built = tree.built(service)
    if built is None:
        return service.image_name
    return base_name(built.image.base) if built.image is not None else ""
