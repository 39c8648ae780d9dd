"""The choice: which skill plays which part of the stack that a Brief asks for, and what no skill can play."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.blueprint.library import Library
from bot.blueprint.skill import PARTS, Part, Skill
from bot.model.brief import Brief

_DOMAIN: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_IN_TITLES: Final = " -_.,\N{RIGHT SINGLE QUOTATION MARK}"
_NO_SCAFFOLD: Final = "the blueprint engine has no scaffold for it yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A part the documents ask for that is not built: its canonical name, and why, as a clause."""

    part: Part
    name: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """A part that nobody asked for and that another cannot do without."""

    part: Part
    skill: Skill
    by: Skill


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One combination, ready to render.

    Attributes:
        name: The compose project's name.
        title: The project's name for people.
        skills: The skill for each part that is played.
        names: The canonical name for each part, "" where nobody plays it.
        domains: Custom domains, in order.
        missing: What was asked for and is not built.
        assumed: What was added because another part needs it.
        extras: By canonical name, what runs beside the parts: any number, each because it was asked for.
    """

    name: str
    title: str
    skills: Mapping[Part, Skill]
    names: Mapping[Part, str]
    domains: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()
    assumed: tuple[Assumed, ...] = ()
    extras: Mapping[str, Skill] = field(default_factory=dict)

    def seen_by(self, skill: Skill) -> dict[str, str]:
        """Return the names as `skill` may rely on them: what it has no code for is "" to it, though it runs."""
        return {
            part: "" if part in skill.supports and name not in skill.supports[part] else name
            for part, name in self.names.items()
        }


def choose(brief: Brief, library: Library) -> Choice:
    """Choose a skill for each part that `brief` asks for; where it names several for one part, the first counts."""
    skills: dict[Part, Skill] = {}
    names: dict[Part, str] = dict.fromkeys(PARTS, "")
    missing: list[Missing] = []
    for part, asked in _asked(brief).items():
        for name in asked:
            skill = library.find(part, name)
            why = _why_not(part, skill, skills, names)
            if skill is None or why:
                missing.append(Missing(part=part, name=name, why=why))
            else:
                skills[part], names[part] = skill, name
    assumed = tuple(_complete(skills, names, library))
    extras: dict[str, Skill] = {}
    for name in brief.extras:
        skill = library.find("extra", name)
        why = _why_no_extra(skill, skills, names, brief)
        if skill is None or why:
            missing.append(Missing(part="extra", name=name, why=why))
        else:
            extras[name] = skill
    return Choice(
        name=project_name(brief.title),
        title=_one_line(brief.title) or "The project",
        skills={part: skills[part] for part in PARTS if part in skills},
        names=names,
        domains=tuple(domain for domain in brief.custom_domains if _DOMAIN.fullmatch(domain)),
        missing=tuple(missing),
        assumed=assumed,
        extras=extras,
    )


def _why_not(part: Part, skill: Skill | None, skills: Mapping[Part, Skill], names: Mapping[Part, str]) -> str:
    """Return why `skill` cannot play `part` beside what is chosen already, as a clause; "" where it can."""
    if skill is None:
        return _NO_SCAFFOLD
    if part in skills:
        return f"the blueprint engine builds one {part}: `{names[part]}`"
    backends = skill.supports.get("backend")
    if backends and names["backend"] not in backends:
        return f"it works with {', '.join(f'`{name}`' for name in backends)} only"
    return ""


def _why_no_extra(skill: Skill | None, skills: Mapping[Part, Skill], names: Mapping[Part, str], brief: Brief) -> str:
    """Return why `skill` cannot run beside what is chosen, as a clause; "" where it can."""
    if skill is None:
        return _NO_SCAFFOLD
    if not skills:
        return "there is nothing else to run beside it"
    if brief.orchestrator in {"kubernetes", "systemd"}:
        return f"extras are written for Docker Compose, and the documents ask for {brief.orchestrator}"
    databases = skill.supports.get("database")
    if databases and names["database"] not in databases:
        return f"it opens {', '.join(f'`{name}`' for name in databases)} only"
    return ""


def _complete(skills: dict[Part, Skill], names: dict[Part, str], library: Library) -> Iterator[Assumed]:
    """Add what the chosen skills cannot do without, and yield what was added."""
    for skill in list(skills.values()):
        for part, name in skill.requires.items():
            needed = library.find(part, name)
            if part not in skills and needed is not None:
                skills[part], names[part] = needed, name
                yield Assumed(part=part, skill=needed, by=skill)


def project_name(title: str) -> str:
    """Return a compose project name: lower-case letters, digits and dashes, at most 40 characters, never empty."""
    kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in title.lower())
    return "-".join(word for word in kept.split("-") if word)[:40].strip("-") or "app"


def _one_line(text: str) -> str:
    """Return `text` fit for a comment, a string or a heading in any of the languages we write.

    An apostrophe becomes a typographic one: it ends no string, and HTML does not escape it.
    """
    kept = "".join(c for c in text.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}") if c.isalnum() or c in _IN_TITLES)
    return " ".join(kept.split())[:60].strip()


def _asked(brief: Brief) -> dict[Part, tuple[str, ...]]:
    proxy = (brief.proxy,) if brief.proxy else ()
    return {
        "backend": brief.backend,
        "frontend": brief.frontend,
        "database": brief.databases,
        "cache": brief.caches,
        "queue": brief.queues,
        "worker": brief.workers,
        "proxy": proxy,
    }
