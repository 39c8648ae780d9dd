"""Builds the images of a stack: one BuildKit run for all, time and size for each."""

from __future__ import annotations

import time
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from bot.model.measured import Build, Place
from bot.model.redact import Redactor
from bot.verify.build_output import BuildOutput
from bot.verify.compose import Compose
from bot.verify.images import image_size
from bot.verify.plan import Plan
from bot.verify.progress import BuildStep, Progress
from bot.verify.stop import Stop

if TYPE_CHECKING:
    from docker import APIClient

_LONGEST: Final = 400


def build_images(
    compose: Compose,
    client: APIClient,
    plan: Plan,
    output: BuildOutput,
    *,
    root: str,
    stop: Stop,
    progress: Progress,
    redact: Redactor,
) -> tuple[Build, ...]:
    """Build what `plan` builds; in the case of a failure the failing service's entry carries its lines.

    `output` is told all that the build says. `root`: the private tree, to name Dockerfiles relative to it.
    """
    services = tuple(plan.built)
    if not services:
        return ()

    def heard(line: str) -> None:
        if step := output.line(line, time.monotonic()):
            progress.happened(BuildStep(service="", step=redact(step)[:_LONGEST]))

    ran = compose.run("build", "--progress", "plain", stop=stop, heard=heard)
    if ran.ok:
        return tuple(
            Build(service=name, seconds=output.seconds(name), size=image_size(client, image), bases=output.bases(name))
            for name, image in plan.built.items()
        )
    failed = output.failed_service or services[0]
    return (
        Build(
            service=failed,
            ok=False,
            seconds=output.seconds(failed),
            failed_step=redact(output.failed_step)[:_LONGEST],
            place=_place(plan, failed, output.dockerfile, output.failed_step, root),
            lines=redact.lines(line[:_LONGEST] for line in (*output.tail(), output.error) if line)[-30:],
        ),
    )


def _place(plan: Plan, service: str, said: tuple[str, int], step: str, root: str) -> Place | None:
    """Return where the failing step stands; older builders do not say the line."""
    build = plan.model["services"][service].get("build") or {}
    context, dockerfile = str(build.get("context", "")), str(build.get("dockerfile") or "Dockerfile")
    path = PurePosixPath(context) / dockerfile
    try:
        relative = path.relative_to(root).as_posix()
        text = Path(path).read_text("utf-8", "replace")
    except (ValueError, OSError):
        return None
    return Place(path=relative, line=said[1] or step_line(text, step))


def image_check_place(plan: Plan, service: str, root: str) -> Place | None:
    """Return where the Dockerfile of a built service defines its health check, None where it does not."""
    if service not in plan.built:
        return None
    place = _place(plan, service, ("", 0), "HEALTHCHECK", root)
    return place if place is not None and place.line else None


def step_line(dockerfile: str, step: str) -> int:
    """Return the line of the instruction that BuildKit calls `[app 3/4] RUN npm ci`, 0 where it is not found."""
    instruction = " ".join(step.rpartition("] ")[2].split())
    for number, line in enumerate(dockerfile.splitlines(), start=1):
        words = " ".join(line.rstrip("\\ ").split())
        if words and (f"{instruction} ".startswith(f"{words} ") or words.startswith(f"{instruction} ")):
            return number
    return 0
