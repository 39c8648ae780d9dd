"""What there is to answer an issue's criteria from: the stack, what was measured of it, and names."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Final

from bot.model.health import HealthReport, Outcome, ServiceHealth
from bot.model.proposal import Proposal
from bot.model.stack import Role, Stack, StackService
from bot.report import names


class Ground:
    """What there is to answer from: the proposed stack, what was measured of it, and the files."""

    def __init__(self, proposal: Proposal) -> None:
        self.proposal = proposal
        self.health: HealthReport = proposal.health

    @cached_property
    def stack(self) -> Stack:
        """The proposed stack; empty where there is none."""
        return self.proposal.stack or Stack(path="", services=())

    def measured(self, service: StackService) -> ServiceHealth | None:
        """What was measured of `service`."""
        return next((one for one in self.health.services if one.name == service.name), None)

    @cached_property
    def why_not(self) -> str:
        """Why nothing was measured, in few words: the report has the long ones."""
        if self.health.outcome is Outcome.UNVERIFIED and not self.health.services:
            return "nothing was started"
        return _WHY_NOT.get(self.health.outcome, "it could not be judged")

    def stand_in(self, service: StackService) -> str:
        """What really ran where the official image of `service` could not be had; "" where it could."""
        stem = service.image.partition("@")[0]
        matching = (
            one.actual for one in self.health.stand_ins if stem == one.image or stem.startswith(f"{one.image}-")
        )
        return next(matching, "")

    def named(self, words: str) -> tuple[dict[str, StackService | None], str]:
        """Return the services that `words` name (None: named, not in the stack), and the words without the names."""
        rest, found = f" {words.lower()} ", {}
        for spelling, (name, service) in self._spellings.items():
            if spelling not in rest:
                continue
            pattern = rf"(?<![\w.-]){re.escape(spelling)}(?![\w-])"
            if re.search(pattern, rest):
                rest = re.sub(pattern, " ", rest)
                found[name] = service
        return found, rest

    @cached_property
    def _spellings(self) -> dict[str, tuple[str, StackService | None]]:
        """Every spelling of a service or technology, longest first, with what it stands for here."""
        table: dict[str, tuple[str, StackService | None]] = {}
        for canonical in names.known():
            if canonical in {"docker-compose", "kubernetes"}:  # no services: the orchestrator itself
                continue
            service = self._service_of(canonical)
            for spelling in names.spellings(canonical):
                if len(spelling) > 2 or service is not None:
                    table[spelling] = (canonical, service)
        for role, spellings in _ROLE_WORDS.items():
            service = self._only(role)
            for spelling in spellings:
                if service is not None:
                    table.setdefault(spelling, (service.name, service))
        for service in self.stack.services:
            if len(service.name) <= _LONGEST_NAME:
                table[service.name.lower()] = (service.name, service)
        return dict(sorted(table.items(), key=lambda item: (-len(item[0]), item[0])))

    def _service_of(self, canonical: str) -> StackService | None:
        by_image = [one for one in self.stack.services if names.of_image(one.image) == canonical and not one.one_shot]
        if len(by_image) == 1:
            return by_image[0]
        brief = self.proposal.brief
        if canonical in brief.backend:
            return self._only("backend") if len(brief.backend) == 1 else None
        if canonical in brief.frontend:
            return self._only("frontend") if len(brief.frontend) == 1 else None
        return self._only("proxy") if canonical == brief.proxy else None

    def _only(self, role: Role) -> StackService | None:
        found = [service for service in self.stack.services if service.role == role]
        return found[0] if len(found) == 1 else None


_LONGEST_NAME: Final = 64  # nobody writes longer ones into an issue
_WHY_NOT: Final = {
    Outcome.NO_ENGINE: "no Docker engine answered",
    Outcome.INTERRUPTED: "the verification was interrupted",
    Outcome.BUILD_FAILED: "an image could not be built, so nothing was started",
    Outcome.INVALID: "the stack is not valid, so nothing was started",
    Outcome.REFUSED: "the stack was refused, so nothing was started",
}
_ROLE_WORDS: Final[dict[Role, tuple[str, ...]]] = {
    "backend": ("backend", "back end", "back-end", "api"),
    "frontend": ("frontend", "front end", "front-end"),
    "database": ("database", "db"),
    "cache": ("cache",),
    "queue": ("queue", "message queue", "broker"),
    "worker": ("worker",),
    "proxy": ("proxy", "reverse proxy"),
}
