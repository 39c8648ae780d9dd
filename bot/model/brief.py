"""The Brief: what a project needs to run, each fact with its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Topic = Literal[
    "orchestrator",
    "backend",
    "frontend",
    "database",
    "cache",
    "queue",
    "worker",
    "proxy",
    "custom_domain",
    "external",
    "extra",
]
Orchestrator = Literal["docker-compose", "kubernetes", "systemd", "serverless", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where a fact was read: file relative to the repository (or `issue`), 1-based line, the words themselves."""

    path: str
    line: int
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that must run (or not), and why we believe it.

    Attributes:
        topic: What kind of thing.
        value: Canonical lower-case name, such as `postgresql`, `react-vite`, `docker-compose`.
        evidence: At least one place; the strongest first.
        confidence: 0 to 1.
        rejected: True where the documents speak *against* it ("no Kafka", "phase 3"): worth telling, not building.
        detail: A version or a role where stated, such as `16` or `queue broker`; "" otherwise.
    """

    topic: Topic
    value: str
    evidence: tuple[Evidence, ...]
    confidence: float = 1.0
    rejected: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPoint:
    """What the documents leave open, what was assumed, and the question for a person.

    Attributes:
        topic: What kind of thing is open.
        question: One sentence for "Please confirm".
        assumed: The canonical name that is built meanwhile, or "" where nothing is.
        evidence: Where the documents touch on it, if they do.
    """

    topic: Topic
    question: str
    assumed: str = ""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """An acceptance criterion or a service that the issue names, in its own words."""

    text: str
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What the project needs, concluded from its documents, manifests and the issue.

    Names are canonical and lower-case; tuples are in order of first evidence, without duplicates. Defaults for what
    the documents leave open are *in* the tuples, and listed in `open`, once `bot.brief.defaults` has filled them in.

    Attributes:
        reason: Why nothing is to be built, one sentence, where `needs_infra` is false; "" otherwise.
        wants_frontend: The documents describe a user interface in the browser, named or not.
        stores_nothing: The documents say that there is no database.
        wants_ci: The issue asks for a workflow that builds and tests.
        wants_mending: The issue asks to mend what the rules find in files that are there.
    """

    title: str = ""
    orchestrator: Orchestrator | None = None
    backend: tuple[str, ...] = ()
    frontend: tuple[str, ...] = ()
    databases: tuple[str, ...] = ()
    caches: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    workers: tuple[str, ...] = ()
    proxy: str | None = None
    custom_domains: tuple[str, ...] = ()
    external: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    needs_infra: bool = True
    reason: str = ""
    wants_frontend: bool = False
    stores_nothing: bool = False
    wants_ci: bool = False
    wants_mending: bool = False
    open: tuple[OpenPoint, ...] = ()
    facts: tuple[Fact, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    notes: tuple[str, ...] = ()
