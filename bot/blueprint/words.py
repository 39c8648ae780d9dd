"""What the engine says of its work, in sentences for the pull request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from bot.blueprint.choice import Choice, Missing
from bot.blueprint.skill import Part
from bot.model.brief import Brief
from bot.model.change import Decision

PART_WORDS: Final[dict[Part, str]] = {
    "database": "database",
    "cache": "cache",
    "queue": "queue",
    "backend": "back end",
    "worker": "worker",
    "frontend": "front end",
    "proxy": "proxy",
    "extra": "extra",
}

# Orchestrators whose files the blueprint does not write, and what such a project needs instead.
OTHER_HOSTS: Final[dict[str | None, str]] = {
    "serverless": "The documents ask for a serverless host, which runs no containers of its own.",
    "none": "The documents ask for no container host.",
}


def decisions(brief: Brief, choice: Choice) -> tuple[Decision, ...]:
    """Return a decision for each part that is built, with the strongest evidence of the Brief."""
    parts = tuple(
        Decision(what=f"{skill.title} as the {PART_WORDS[part]}", why=_why(brief, part, choice.names[part], choice))
        for part, skill in choice.skills.items()
    )
    return parts + tuple(
        Decision(what=f"{skill.title} beside them", why=_why(brief, "extra", name, choice))
        for name, skill in choice.extras.items()
    )


def _why(brief: Brief, part: Part, name: str, choice: Choice) -> str:
    for one in choice.assumed:
        if one.part == part:
            return f"{one.by.title} needs one"
    for fact in brief.facts:
        # One Redis is cache and queue, whatever it was called where it was named.
        same = fact.topic == part or {fact.topic, part} == {"cache", "queue"}
        if same and (fact.value, fact.rejected) == (name, False) and fact.evidence:
            place = fact.evidence[0]
            return f'`{place.path}:{place.line}` "{place.quote}"'
    if any(point.topic == part and point.assumed == name for point in brief.open):
        return "the documents leave it open; this is the default"
    for skill in choice.skills.values():
        if part in skill.requires:
            return f"{skill.title} needs one"
    return "the documents ask for it"


def assumed(choice: Choice) -> Iterator[str]:
    """Yield a sentence for each part that was added because another needs it."""
    for one in choice.assumed:
        yield f"{one.by.title} needs a {PART_WORDS[one.part]}; the documents name none, so it is {one.skill.title}."


def unlocked(choice: Choice) -> Iterator[str]:
    """Yield what a person does for each scaffold that comes without a lock file."""
    for skill in choice.skills.values():
        if skill.unlocked:
            yield skill.unlocked


def unlinked(choice: Choice) -> Iterator[str]:
    """Yield a sentence for each service that runs without the application using it yet."""
    backend = choice.skills.get("backend")
    if backend is None:
        return
    for part in ("database", "cache", "queue"):
        if part in choice.skills and choice.names[part] not in backend.supports.get(part, ()):
            if backend.facts:
                yield (
                    f"{choice.skills[part].title} runs, but no variable that `src/{backend.directory}` reads could be "
                    f"recognised as its address as a {PART_WORDS[part]}: connect it where your code needs it."
                )
                continue
            yield (
                f"{choice.skills[part].title} runs, but the {backend.title} scaffold has no code that uses it as a "
                f"{PART_WORDS[part]}: connect it where your code needs it."
            )


def unused(choice: Choice) -> Iterator[str]:
    """Yield a sentence for each extra that no scaffold has code for."""
    for skill in choice.extras.values():
        # What waits for a part of the stack is there for people, who need no code.
        if not any(service.links for service in skill.services):
            service = skill.services[0]
            yield (
                f"{skill.title} runs at `{service.name}:{service.port}`; no application here has been told of it: "
                f"connect it where your code needs it."
            )


def domains(choice: Choice) -> Iterator[str]:
    """Yield what a custom domain still needs from a person."""
    if not choice.domains or not choice.skills:
        return
    names = ", ".join(f"`{domain}`" for domain in choice.domains)
    proxy = choice.skills.get("proxy")
    if proxy is None:
        yield f"The documents name {names}; the stack has no proxy, so nothing answers to it yet."
    elif proxy.domain:
        yield proxy.domain.format(domains=names)


def ci(path: str) -> Decision:
    """Return why a workflow is part of the change."""
    return Decision(
        what=f"A workflow that builds, tests and scans the stack: `{path}`",
        why="the issue asks for continuous integration",
    )


def ci_unverified(path: str) -> str:
    """Return what is not proved of the workflow at `path`."""
    return f"GitHub has not run `{path}` yet: it does so for the pull request."


def not_built(missing: Iterable[Missing]) -> Iterator[str]:
    """Yield a sentence for each part that was asked for and is not built."""
    for one in missing:
        yield f"`{one.name}` ({PART_WORDS[one.part]}) was not built: {one.why}."


def ended(choice: Choice) -> str:
    """Return why the work is less than what was asked, or ""."""
    if not choice.missing:
        return ""
    reasons = "; ".join(f"`{one.name}`: {one.why}" for one in choice.missing)
    if not choice.skills:
        return f"Nothing was written ({reasons}); free-form work needs a model key."
    return f"Less than what was asked was built ({reasons}); the rest needs a model key."
