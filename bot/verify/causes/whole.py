"""Causes that concern the verification as a whole: nothing was started, or not to the end."""

from __future__ import annotations

import re
from typing import Final

from bot.model.health import Cause, Outcome, ServiceHealth
from bot.model.measured import Place, Record

_NO_BASE: Final = re.compile(
    r"(?i)failed to (?:resolve source metadata|do request|authorize)|pull access denied|manifest unknown|no such host"
)
_DISK: Final = re.compile(r"(?i)no space left on device")


def whole_cause(record: Record, outcome: Outcome, services: tuple[ServiceHealth, ...]) -> Cause | None:
    """Return why there is no verdict on services, None where a service's own cause says it better."""
    if outcome is Outcome.BUILD_FAILED:
        return _build(record)
    if record.ended == "invalid":
        return Cause(
            code="unknown",
            title="Compose does not accept the file",
            evidence=record.words[:3],
            place=Place(path=record.path) if record.path else None,
            next_step="Mend the compose file; `docker compose config` shows the same error.",
        )
    if record.ended == "engine-lost":
        return Cause(
            code="engine-lost",
            title="the Docker engine stopped, or somebody stopped containers, while the stack was watched",
            explanation="Nothing is known to be wrong with the stack: what was not measured is unverified.",
            next_step="Verify again.",
        )
    if record.ended == "start-failed" and not any(service.cause for service in services):
        return Cause(
            code="unknown",
            title="Compose could not start the stack",
            evidence=record.words[-3:],
            next_step="Read Compose's words.",
        )
    return None


def _build(record: Record) -> Cause:
    failed = next((build for build in record.builds if not build.ok), None)
    lines = failed.lines[-4:] if failed else record.words[-4:]
    text = "\n".join(lines)
    service = f"`{failed.service}`" if failed else "an image"
    place = failed.place if failed else None
    if _NO_BASE.search(text):
        return Cause(
            code="image-unavailable",
            title=f"the base image of {service} could not be fetched",
            evidence=lines,
            place=place,
            next_step="Verify again when the registry answers, or check the image's name and tag.",
        )
    if _DISK.search(text):
        return Cause(
            code="disk-full",
            title="the disk is full",
            evidence=lines,
            place=place,
            next_step="Free space on the Docker host.",
        )
    step = failed.failed_step if failed else ""
    return Cause(
        code="build-step",
        title=f"{service} could not be built" + (f": `{step}` failed" if step else ""),
        evidence=lines,
        place=place,
        next_step="Mend the step; its last lines are above.",
    )
