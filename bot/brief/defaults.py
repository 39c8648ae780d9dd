"""Fills in what the documents leave open, and lists each assumption as a question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from bot.brief import words
from bot.brief.managed import PLATFORMS
from bot.model.brief import Brief, Fact, OpenPoint, Topic

_DEFAULTS: Final[dict[Topic, tuple[str, str, str]]] = {
    "backend": ("express", "back end", "Express"),
    "frontend": ("react-vite", "front end", "React with Vite and TypeScript"),
    "database": ("postgresql", "database", "PostgreSQL"),
}
# Front ends that bring their own server, and back ends that render their own pages.
_WHOLE: Final = frozenset({"nextjs", "nuxt", "sveltekit", "remix", "astro", "blazor"})
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
    }
    | {"aspnet-core", "spring-boot", "strapi", "directus"}
)


def with_defaults(brief: Brief) -> Brief:
    """Return `brief` with the defaults for what is open in its tuples, each with an OpenPoint.

    The defaults are Docker Compose, Express, React with Vite and TypeScript, and PostgreSQL. A front end is assumed
    only where the documents describe one without naming it, or name nothing at all; an API alone stays an API. Where
    nothing is to be built, or everything is said, `brief` comes back as it was.
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
    known = {point.topic: point for point in brief.open}
    wanted: dict[Topic, Callable[[Brief, OpenPoint | None], bool]] = {
        "backend": _lacks_backend,
        "frontend": _lacks_frontend,
        "database": _lacks_database,
    }
    return tuple(_point(topic, known.get(topic)) for topic, lacks in wanted.items() if lacks(brief, known.get(topic)))


def _lacks_backend(brief: Brief, known: OpenPoint | None) -> bool:
    if brief.backend or set(brief.frontend) & _WHOLE:
        return False
    return known is not None or _silent(brief) or bool(brief.databases or brief.queues)


def _lacks_frontend(brief: Brief, known: OpenPoint | None) -> bool:
    if brief.frontend:
        return False
    return known is not None or _silent(brief) or (brief.wants_frontend and not set(brief.backend) & _RENDERS)


def _lacks_database(brief: Brief, known: OpenPoint | None) -> bool:
    if brief.databases:
        return False
    of_database = [fact for fact in brief.facts if fact.topic == "database"]
    elsewhere = any(fact.detail.startswith("managed") for fact in of_database)
    elsewhere = elsewhere or any(_holds_data(fact) for fact in brief.facts)
    refused = any(fact.rejected for fact in of_database)
    elsewhere = elsewhere or brief.stores_nothing
    return known is not None or (not elsewhere and (_silent(brief) or (bool(brief.backend) and not refused)))


def _holds_data(fact: Fact) -> bool:
    """Whether a service of others is said to be the project's database."""
    said = words.anywhere("topic", "database")
    return fact.value in PLATFORMS and not fact.rejected and any(said.search(place.quote) for place in fact.evidence)


def _silent(brief: Brief) -> bool:
    """Whether the documents name no part of the project at all."""
    return not (brief.backend or brief.frontend or brief.databases)


def _point(topic: Topic, known: OpenPoint | None) -> OpenPoint:
    name, noun, title = _DEFAULTS[topic]
    if known is None:
        question = f"The documents name no {noun}: is {title} right?"
        return OpenPoint(topic=topic, question=question, assumed=name)
    if known.assumed:
        return known
    return replace(known, question=f"{known.question} {title} is assumed.", assumed=name)


def _one(name: str | None) -> tuple[str, ...]:
    return (name,) if name else ()
