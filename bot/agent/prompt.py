"""The prompts, from the templates in `prompts/`: rendered strictly, and the same bytes for the same input."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from bot.agent.tools.skills import skill_names
from bot.blueprint.library import prompts_folder
from bot.model.ask import Ask
from bot.model.brief import Brief, Evidence
from bot.model.issue import Issue
from bot.model.untrusted import visible

if TYPE_CHECKING:
    from jinja2 import Environment

    from bot.check.rule import Rule

_MOST_ISSUE: Final = 20_000
_MOST_ASK: Final = 8_000
_TAG: Final = re.compile(r"<(?=\s*/?\s*(?:issue|brief|request|evidence)\b)", re.IGNORECASE)
_MEND: Final = re.compile(r"^## How to fix\n+(.*?)(?=\n\n|\n## |\Z)", re.DOTALL | re.MULTILINE)
# What a page says about our own command is nothing to a model that has a tool for it.
_OWN_COMMAND: Final = re.compile(r" \(`--[\w-]*fix(?:es)?`[^)]*\)")
_SENTENCE: Final = re.compile(r"(?<=[.:])\s+")
_GROUPS: Final = (
    ("Health checks", "HC"),
    ("Waiting", "DEP"),
    ("Traefik", "TR"),
    ("Layout", "LAY"),
    ("Compose", "CFG"),
    ("Dockerfiles", "DF"),
    ("Security", "SEC"),
    ("Users and data", "PERM"),
    ("Variables", "ENV"),
    ("npm", "NPM"),
    ("Escapes", "escape-"),
)
# Rules of a verification: they look at what was measured (see `bot.verify`).
RUNTIME: Final = (
    ("all-healthy", "every service that runs on is healthy, and every one-shot ended with 0"),
    ("starting-too-long", "no service is still starting after two minutes"),
    ("probe-duration", "no health check took over 3 s"),
    ("published-responds", "every published port answers from outside"),
    ("log-errors", "no service that calls itself healthy logs errors"),
    ("root-owned-files", "no file in a bind mount belongs to root afterwards"),
    ("stack-left-running", "nothing of the stack is left once it was taken down"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A rule, or a skill, as a prompt tells of it."""

    name: str
    summary: str = ""
    severity: str = ""
    mend: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Rules that belong together."""

    title: str
    rules: tuple[Told, ...]


@cache
def system(*, bash: bool, verify: bool, workflows: bool) -> str:
    """Return the system prompt: who the model is, what binds it, every rule and every skill.

    Args:
        bash: A sandbox can hold commands.
        verify: An engine can start the stack during the conversation.
        workflows: This task may write under `.github/workflows`.
    """
    return _rendered(
        "system.md.j2",
        bash=bash,
        verify=verify,
        workflows=workflows,
        rules=tuple(_groups()),
        runtime=RUNTIME,
        skills=tuple(_skills()),
    )


def implement(brief: Brief, issue: Issue, *, findings: str = "") -> str:
    """Return the task of a first draft; `findings` is what the rules say of what is there."""
    return _rendered("implement.md.j2", issue=_issue(issue), brief=told(brief), findings=findings)


def repair(brief: Brief, issue: Issue, *, found: str, number: int, most: int, verify: bool) -> str:
    """Return the task of repair `number` of `most`, with all that was `found`."""
    return _rendered(
        "repair.md.j2",
        issue=_issue(issue),
        brief=told(brief),
        found=framed("evidence", found, limit=100_000),
        number=number,
        most=most,
        verify=verify,
    )


def revise(brief: Brief, issue: Issue, asks: Sequence[Ask], *, verify: bool) -> str:
    """Return the task of a revision."""
    return _rendered(
        "revise.md.j2",
        issue=_issue(issue),
        brief=told(brief),
        asks=[_ask(ask) for ask in asks],
        keys=[ask.key for ask in asks],
        verify=verify,
    )


def framed(name: str, text: str, *, limit: int, **attributes: str) -> str:
    """Return untrusted `text` between tags that it cannot close, reduced to what a person sees of it."""
    shown = visible(text)
    if len(shown) > limit:
        shown = f"{shown[:limit]}\n[... {len(shown) - limit} more characters]"
    shown = _TAG.sub("&lt;", shown)
    told_attributes = "".join(f' {key}="{_attribute(value)}"' for key, value in attributes.items() if value)
    return f"<{name}{told_attributes}>\n{shown.strip()}\n</{name}>"


def told(brief: Brief) -> str:
    """Return the Brief as a list, each fact with its evidence."""
    lines = [*_facts(brief), *(f"- open: {point.question}" for point in brief.open)]
    lines += [f"- note: {note}" for note in brief.notes]
    lines += [f"- asked for in the issue: {criterion.text}" for criterion in brief.criteria]
    return framed("brief", "\n".join(lines) or "- nothing was concluded", limit=40_000)


def _facts(brief: Brief) -> Iterator[str]:
    for fact in brief.facts:
        verb = "not " if fact.rejected else ""
        detail = f" ({fact.detail})" if fact.detail else ""
        yield f"- {fact.topic}: {verb}{fact.value}{detail}, {fact.confidence:.0%} sure{_evidence(fact.evidence)}"


def _evidence(places: Iterable[Evidence]) -> str:
    shown = [f'{place.path}:{place.line} "{" ".join(place.quote.split())[:160]}"' for place in list(places)[:2]]
    return f": {'; '.join(shown)}" if shown else ""


def _issue(issue: Issue) -> str:
    number = f"{issue.number}" if issue.number else ""
    return framed("issue", f"{issue.title}\n\n{issue.body}", limit=_MOST_ISSUE, number=number)


def _ask(ask: Ask) -> str:
    place = f"{ask.path}:{ask.line}" if ask.line else ask.path
    hunk = f"The place in the diff:\n{ask.hunk}\n\n" if ask.hunk else ""
    return framed("request", f"{hunk}{ask.words}", limit=_MOST_ASK, key=ask.key, author=ask.author, place=place)


def _attribute(value: str) -> str:
    return re.sub(r'[<>"&\s]+', " ", visible(value))[:200]


def _groups() -> Iterator[Group]:
    from bot.check.registry import RULES

    for title, prefix in _GROUPS:
        yield Group(title=title, rules=tuple(_rule(rule) for rule in RULES if rule.code.startswith(prefix)))


def _rule(rule: Rule) -> Told:
    found = _MEND.search(rule.page())
    sentences = _SENTENCE.split(_OWN_COMMAND.sub("", found[1])) if found else ()
    mend = " ".join(" ".join(sentence for sentence in sentences if "fix`" not in sentence).split())
    return Told(name=rule.name, summary=rule.summary, severity=rule.severity.value, mend=mend)


def _skills() -> Iterator[Told]:
    for name in skill_names():
        head = (prompts_folder() / "skills" / name / "SKILL.md").read_text(encoding="utf-8")
        described = re.search(r"^description: (.+)$", head, re.MULTILINE)
        yield Told(name=name, description=described[1] if described else "")


def _rendered(name: str, **values: Any) -> str:
    text: str = _environment().get_template(name).render(values)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    # Nothing is escaped: what is rendered is read by a model, and what strangers wrote is framed.
    return Environment(  # noqa: S701
        loader=FileSystemLoader(prompts_folder()),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
