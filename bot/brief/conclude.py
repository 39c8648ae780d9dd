"""Concludes the Brief from all mentions: what runs, what others run for us, what stays open."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, cast

from bot.brief.conclusion import Conclusion
from bot.brief.kind import Kind
from bot.brief.managed import BARE_HOSTS, SERVERLESS_HOSTS
from bot.brief.mention import Mention
from bot.brief.needs import judge_needs
from bot.brief.settle import settle
from bot.brief.stores import assign_stores
from bot.brief.tally import Tally, tally
from bot.model.brief import Brief, Evidence, Fact, OpenPoint, Orchestrator, Topic

_TOPICS: Final[dict[str, Topic]] = {"store": "cache", "host": "external", "mobile": "extra", "desktop": "extra"}
_NOUNS: Final[dict[Topic, str]] = {
    "backend": "back end",
    "frontend": "front end",
    "database": "database",
    "cache": "cache",
    "queue": "queue",
    "proxy": "proxy",
    "orchestrator": "way to run it",
}


def conclude(mentions: Iterable[Mention], kind: Kind, domains: tuple[Mention, ...]) -> Brief:
    """Return the Brief that the `mentions` add up to; pure. `kind` is what the project is, `domains` are its own."""
    state = Conclusion(tally(mentions), kind)
    settle(state)
    assign_stores(state)
    _open_choices(state)
    brief = Brief(
        orchestrator=_orchestrator(state),
        backend=tuple(state.names("backend")),
        frontend=tuple(state.names("frontend")),
        databases=tuple(state.names("database")),
        caches=tuple(state.names("cache")),
        queues=tuple(state.names("queue")),
        workers=tuple(state.names("worker")),
        proxy=_proxy(state),
        custom_domains=tuple(dict.fromkeys(domain.name for domain in domains)),
        external=tuple(state.names("external")),
        extras=tuple(state.names("extra")),
        open=tuple(state.open),
        facts=_facts(state, domains),
        notes=tuple(state.notes),
    )
    return judge_needs(brief, state)


def _orchestrator(state: Conclusion) -> Orchestrator | None:
    if _clustered(state):
        return "kubernetes"
    for name, orchestrator in (
        ("docker-compose", "docker-compose"),
        ("kubernetes", "kubernetes"),
        ("docker", "docker-compose"),
        ("systemd", "systemd"),
        ("serverless", "serverless"),
    ):
        if state.yes(name):
            return cast("Orchestrator", orchestrator)
    if any(state.yes(host) for host in SERVERLESS_HOSTS):
        return "serverless"
    bare = any(state.yes(host) for host in BARE_HOSTS)
    return "none" if bare or "rejected" in {state.verdict("docker"), state.verdict("docker-compose")} else None


def _clustered(state: Conclusion) -> bool:
    """Whether Kubernetes is the way to run it, and Docker Compose only a help on a developer's machine."""
    compose, cluster = state.said("docker-compose"), state.said("kubernetes")
    return (
        state.yes("kubernetes") and len(cluster) >= 3 and len(cluster) > len(compose) and all(m.local for m in compose)
    )


def _proxy(state: Conclusion) -> str | None:
    """The web server that stands in front of others, rather than serving files inside an image."""
    fronts = [
        found
        for name, found in state.tallies.items()
        if found.topic == "proxy" and state.yes(name) and _fronts(state, name)
    ]
    return max(fronts, key=lambda found: found.confidence).name if fronts else None


def _fronts(state: Conclusion, name: str) -> bool:
    said = state.said(name)
    if any("proxy" in mention.roles for mention in said):
        return True
    # Where a place says that it serves files, and none that it stands in front, it is a part of the front end's image.
    return name != "apache" and not any("static" in mention.roles for mention in said)


def _open_choices(state: Conclusion) -> None:
    done: set[str] = set()
    for name, found in state.tallies.items():
        topic = _topic(found)
        if found.verdict != "open" or name in done or topic not in _NOUNS or state.names(topic):
            continue
        others = tuple(dict.fromkeys(other for mention in found.evidence for other in mention.others if other != name))
        done |= {name, *others}
        names = " or ".join(f"`{one}`" for one in (name, *others))
        question = f"The documents leave the {_NOUNS[topic]} open: {names}?"
        state.open.append(OpenPoint(topic=topic, question=question, evidence=_evidence(found.evidence)))


def _topic(found: Tally) -> Topic:
    return _TOPICS.get(found.topic, cast("Topic", found.topic))


def _facts(state: Conclusion, domains: tuple[Mention, ...]) -> tuple[Fact, ...]:
    facts = []
    for found in state.tallies.values():
        if found.verdict in {"unsaid", "open"}:
            continue
        detail = {"deferred": "later", "optional": "optional"}.get(found.verdict, "")
        if found.verdict == "managed":
            detail = f"managed: {state.managed[found.name]}"
        facts.append(
            Fact(
                topic=_topic(found),
                value=found.name,
                evidence=_evidence(found.evidence),
                confidence=found.confidence,
                rejected=found.verdict in {"rejected", "deferred", "optional"},
                detail=detail,
            )
        )
    by_domain: dict[str, list[Mention]] = {}
    for domain in domains:
        by_domain.setdefault(domain.name, []).append(domain)
    for name, group in by_domain.items():
        facts.append(Fact(topic="custom_domain", value=name, evidence=_evidence(tuple(group[:5])), confidence=0.9))
    return tuple(facts)


def _evidence(mentions: tuple[Mention, ...]) -> tuple[Evidence, ...]:
    seen: dict[tuple[str, int], Evidence] = {}
    for mention in mentions:
        seen.setdefault(
            (mention.path, mention.line), Evidence(path=mention.path, line=mention.line, quote=mention.quote)
        )
    return tuple(seen.values())
