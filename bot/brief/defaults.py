"""Fills in what the documents leave open, and lists each assumption as a question."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.model.brief import Brief, OpenPoint

BACKEND: Final = "express"
FRONTEND: Final = "react-vite"
DATABASE: Final = "postgresql"
_WHOLE: Final = frozenset(
    {"nextjs", "nuxt", "sveltekit", "remix", "astro", "blazor"}
)  # front ends that bring their own server
_RENDERS: Final = frozenset(
    {
        "django",
        "laravel",
        "rails",
        "flask",
        "phoenix",
        "symfony",
        "codeigniter",
        "wordpress",
        "php",
        "streamlit",
        "gradio",
        "aspnet-core",
        "spring-boot",
        "strapi",
        "directus",
    }
)


def with_defaults(brief: Brief) -> Brief:
    """Return `brief` with the defaults for what is open in its tuples, each with an OpenPoint; unchanged where nothing is to be built.

    The defaults are Docker Compose, Express, React with Vite and TypeScript, and PostgreSQL. A front end is assumed only where the documents
    describe one without naming it, or name nothing at all; an API alone stays an API.
    """
    if not brief.needs_infra:
        return brief
    assumed = assumptions(brief)
    filled = {point.topic: point.assumed for point in assumed}
    settled = tuple(point for point in brief.open if point.topic not in filled)
    return replace(
        brief,
        orchestrator=brief.orchestrator or "docker-compose",
        backend=brief.backend or _one(filled.get("backend")),
        frontend=brief.frontend or _one(filled.get("frontend")),
        databases=brief.databases or _one(filled.get("database")),
        open=(*settled, *assumed),
    )


def assumptions(brief: Brief) -> tuple[OpenPoint, ...]:
    """Return what `with_defaults` would assume, as questions."""
    if not brief.needs_infra:
        return ()
    nothing = not (brief.backend or brief.frontend or brief.databases)
    points: list[OpenPoint] = []
    known = {point.topic: point for point in brief.open}
    if (
        not brief.backend
        and not (set(brief.frontend) & _WHOLE)
        and (nothing or brief.databases or brief.queues or "backend" in known)
    ):
        points.append(_point("backend", BACKEND, "back end", "Express", known.get("backend")))
    if not brief.frontend and (
        nothing or "frontend" in known or (brief.wants_frontend and not set(brief.backend) & _RENDERS)
    ):
        points.append(
            _point("frontend", FRONTEND, "front end", "React with Vite and TypeScript", known.get("frontend"))
        )
    managed = any(fact.topic == "database" and fact.detail.startswith("managed") for fact in brief.facts)
    refused = any(fact.topic == "database" and fact.rejected for fact in brief.facts)
    if (
        not brief.databases
        and not managed
        and (nothing or "database" in known or (bool(brief.backend) and not refused))
    ):
        points.append(_point("database", DATABASE, "database", "PostgreSQL", known.get("database")))
    return tuple(points)


def _point(topic: str, name: str, noun: str, words: str, known: OpenPoint | None) -> OpenPoint:
    if known:
        return OpenPoint(
            topic=known.topic, question=f"{known.question} {words} is assumed.", assumed=name, evidence=known.evidence
        )
    return OpenPoint(topic=topic, question=f"The documents name no {noun}: is {words} right?", assumed=name)  # type: ignore[arg-type]


def _one(name: str | None) -> tuple[str, ...]:
    return (name,) if name else ()
