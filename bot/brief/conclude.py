"""Concludes the Brief from all mentions: what runs, what others run for us, what stays open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from bot.brief.managed import BARE_HOSTS as _BARE_HOSTS, ENGINES as MANAGED, PLATFORMS as _PLATFORMS, SERVERLESS_HOSTS as _SERVERLESS_HOSTS
from bot.brief.kind import Kind
from bot.brief.mention import Mention
from bot.brief.tally import Tally, tally
from bot.model.brief import Brief, Evidence, Fact, OpenPoint, Orchestrator, Topic

_TOPICS: Final[dict[str, Topic]] = {"store": "cache", "host": "external", "mobile": "extra", "desktop": "extra"}
_SQL: Final = ("postgresql", "mysql", "mariadb", "sqlserver", "oracle", "cockroachdb")
# Frameworks that sit on another: the first says more than the second.
_SPECIFIC: Final = (
    ("nestjs", ("express", "fastify", "node")),
    ("express", ("node",)),
    ("fastify", ("node",)),
    ("hono", ("node",)),
    ("koa", ("node",)),
    ("elysia", ("node",)),
    ("adonisjs", ("node",)),
    ("strapi", ("node", "koa")),
    ("fastapi", ("starlette",)),
    ("laravel", ("php", "symfony")),
    ("symfony", ("php",)),
    ("codeigniter", ("php",)),
    ("wordpress", ("php",)),
    ("nextjs", ("react-vite", "vite", "node")),
    ("remix", ("react-vite", "vite")),
    ("gatsby", ("react-vite",)),
    ("nuxt", ("vue-vite", "vite", "node")),
    ("sveltekit", ("svelte-vite", "vite", "node")),
    ("astro", ("vite",)),
    ("react-vite", ("vite",)),
    ("vue-vite", ("vite",)),
    ("svelte-vite", ("vite",)),
    ("solid-vite", ("vite",)),
)
_BROKERED: Final = {
    "bullmq": "redis",
    "sidekiq": "redis",
    "rq": "redis",
    "arq": "redis",
    "horizon": "redis",
    "asynq": "redis",
    "resque": "redis",
}
_FLEXIBLE: Final = ("celery", "dramatiq", "huey", "taskiq", "laravel-queue")
_SERVERLESS_HOSTS: Final = frozenset(
    {"vercel", "netlify", "cloudflare", "cloud-run", "firebase-hosting", "amplify", "github-pages"}
)
_PLATFORMS: Final = frozenset({*MANAGED, "firebase", "convex", "appwrite", "dynamodb", "cosmosdb"})
_BARE_HOSTS: Final = frozenset({"pm2", "windows-service", "kamal", "cpanel"})


@dataclass(slots=True)
class _Conclusion:
    tallies: dict[str, Tally]
    kind: Kind
    runs: dict[str, list[str]] = field(default_factory=dict)
    managed: dict[str, str] = field(default_factory=dict)
    open: list[OpenPoint] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def verdict(self, name: str) -> str:
        return self.tallies[name].verdict if name in self.tallies else ""

    def yes(self, name: str) -> bool:
        return self.verdict(name) == "runs"


def conclude(mentions: Iterable[Mention], kind: Kind, domains: tuple[Mention, ...]) -> Brief:
    """Return the Brief that the `mentions` add up to; pure. `kind` is what the project is, `domains` are its own."""
    state = _Conclusion(tally(mentions), kind)
    _managed(state)
    _collect(state)
    _specific(state)
    _overruled(state)
    _databases(state)
    _stores(state)
    proxy = _proxy(state)
    orchestrator = _orchestrator(state)
    _open_choices(state)
    brief = Brief(
        orchestrator=orchestrator,
        backend=tuple(state.runs.get("backend", ())),
        frontend=tuple(state.runs.get("frontend", ())),
        databases=tuple(state.runs.get("database", ())),
        caches=tuple(state.runs.get("cache", ())),
        queues=tuple(state.runs.get("queue", ())),
        workers=tuple(state.runs.get("worker", ())),
        proxy=proxy,
        custom_domains=tuple(dict.fromkeys(domain.name for domain in domains)),
        external=tuple(state.runs.get("external", ())),
        extras=tuple(state.runs.get("extra", ())),
        open=tuple(state.open),
        facts=_facts(state, domains),
        notes=tuple(state.notes),
    )
    return _needs(brief, state)


def _managed(state: _Conclusion) -> None:
    """Names that others run for us leave the list of what runs, unless a place says they run here too."""
    composed = state.yes("docker-compose")
    for name, found in list(state.tallies.items()):
        if found.verdict != "runs" or any(
            mention.source != "document" and mention.weight >= 0.7 for mention in found.mentions
        ):
            continue
        said = [mention for mention in found.mentions if mention.stance == "asserted" and mention.weight >= 0.5]
        by = [
            mention
            for mention in said
            if mention.managed == "managed" or (mention.managed and state.yes(mention.managed))
        ]
        own = [mention for mention in said if mention.local and (mention.managed or mention.weight >= 0.6)]
        plain = [mention for mention in said if not mention.managed and mention.weight >= 0.75]
        provider = next((mention.managed for mention in by if mention.managed != "managed"), "managed" if by else "")
        if composed and plain:
            continue
        provider = provider or next(
            (service for service, engines in MANAGED.items() if name in engines and _stores_data(state, service)), ""
        )
        if provider and not own:
            state.managed[name] = provider
            state.tallies[name] = replace(found, verdict="managed")


def _stores_data(state: _Conclusion, service: str) -> bool:
    """Whether the managed `service` is used as a database here, not only for files, sign-in or hosting."""
    if not state.yes(service) or state.tallies[service].topic != "external":
        return False
    said = [
        mention for mention in state.tallies[service].mentions if mention.stance == "asserted" and mention.weight >= 0.5
    ]
    return any("files" not in mention.roles for mention in said)


def _collect(state: _Conclusion) -> None:
    for name, found in state.tallies.items():
        if found.verdict == "runs":
            topic = "external" if found.topic == "host" else found.topic
            if found.topic == "store":
                continue
            if topic in {"backend", "frontend", "database", "cache", "queue", "worker", "external", "extra"}:
                state.runs.setdefault(topic, []).append(name)


def _specific(state: _Conclusion) -> None:
    for topic in ("backend", "frontend"):
        names = state.runs.get(topic, [])
        every = state.runs.get("backend", []) + state.runs.get("frontend", [])
        for name, plain in _SPECIFIC:
            if name in every:
                names[:] = [other for other in names if other not in plain]
    frontends, backends = state.runs.get("frontend", []), state.runs.get("backend", [])
    if state.yes("react-native") and "react-vite" in frontends and not _labelled(state, "react-vite"):
        frontends.remove("react-vite")
    if len(backends) > 1 and "node" in backends:
        backends.remove("node")
    if "node" in backends and (frontends or not _labelled(state, "node")):
        backends.remove("node")
    if "php" in backends and len(backends) > 1:
        backends.remove("php")
    frontends[:] = [
        "react-vite" if name == "vite" and len(frontends) == 1 else name
        for name in frontends
        if name != "vite" or len(frontends) == 1
    ]


_NOUNS: Final = {"backend": "back end", "frontend": "front end", "database": "database"}


def _overruled(state: _Conclusion) -> None:
    """What is only named in passing gives way to what is named as the choice; the reader is told."""
    for topic, noun in _NOUNS.items():
        names = state.runs.get(topic, [])
        chosen = [name for name in names if _strongest(state, name) >= 1.0]
        for name in [name for name in names if chosen and _strongest(state, name) < 0.7]:
            names.remove(name)
            place = state.tallies[name].evidence[0]
            state.tallies[name] = replace(state.tallies[name], verdict="unsaid")
            state.notes.append(
                f"`{name}` is named ({place.path}:{place.line}), but the {noun} chosen is `{chosen[0]}`; `{name}` is left out."
            )


def _strongest(state: _Conclusion, name: str) -> float:
    return max((m.weight for m in state.tallies[name].mentions if m.stance == "asserted"), default=0.0)


def _labelled(state: _Conclusion, name: str) -> bool:
    return any(mention.stance == "asserted" and mention.weight >= 1.0 for mention in state.tallies[name].mentions)


def _databases(state: _Conclusion) -> None:
    names = state.runs.get("database", [])
    others = [name for name in (*_SQL, "mongodb") if name in names or name in state.managed]
    if "sqlite" in names and others:
        found = state.tallies["sqlite"]
        said = [mention for mention in found.mentions if mention.stance == "asserted" and mention.weight >= 0.5]
        if (
            all(mention.roles & {"dev"} for mention in said)
            or found.confidence < 1.0
            or not any(_apart(state, "sqlite", other) for other in others)
        ):
            names.remove("sqlite")
    if "mariadb" in names and "mysql" in names and not _apart(state, "mariadb", "mysql"):
        names.remove("mysql" if state.tallies["mariadb"].confidence >= state.tallies["mysql"].confidence else "mariadb")


def _apart(state: _Conclusion, one: str, other: str) -> bool:
    lines = {(mention.path, mention.line) for mention in state.tallies[one].mentions}
    return not lines & {(mention.path, mention.line) for mention in state.tallies[other].mentions}


def _stores(state: _Conclusion) -> None:
    """Redis and its kin are what they are used for: a cache, a queue's broker, or both."""
    queue = state.runs.setdefault("queue", [])
    workers = [name for name in state.runs.get("worker", []) if name != "pg-boss"]
    stores = [name for name in ("redis", "valkey", "dragonfly") if state.yes(name)]
    for worker in workers:
        if (
            worker in _BROKERED
            and not stores
            and state.verdict("redis") not in {"managed", "rejected"}
            and not state.yes("rabbitmq")
        ):
            stores.append("redis")
            if "redis" not in state.tallies:
                source = state.tallies[worker]
                state.tallies["redis"] = Tally(
                    "redis",
                    "store",
                    tuple(replace(m, name="redis", topic="store", roles=m.roles | {"queue"}) for m in source.evidence),
                    "runs",
                    source.confidence,
                )
    for store in stores:
        roles = state.tallies[store].roles()
        brokered = any(worker in _BROKERED for worker in workers) or (
            any(worker in _FLEXIBLE for worker in workers) and not any(name in queue for name in ("rabbitmq", "kafka"))
        )
        broker = brokered or "queue" in roles
        if broker and not any(name in queue for name in ("rabbitmq", "kafka", "nats")):
            queue.append(store)
        elif broker and _says_queue(state, store):
            queue.append(store)
        if "cache" in roles or store not in queue:
            state.runs.setdefault("cache", []).append(store)


def _says_queue(state: _Conclusion, store: str) -> bool:
    return (
        sum(
            1
            for m in state.tallies[store].mentions
            if m.stance == "asserted" and "queue" in m.roles and m.weight >= 0.9
        )
        > 1
    )


def _proxy(state: _Conclusion) -> str | None:
    candidates = [found for found in state.tallies.values() if found.topic == "proxy" and found.verdict == "runs"]
    real = [found for found in candidates if _fronts(found)]
    if not real:
        return None
    return max(real, key=lambda found: found.confidence).name


def _fronts(found: Tally) -> bool:
    """Whether a web server stands in front of others, rather than serving files inside an image."""
    said = [mention for mention in found.mentions if mention.stance == "asserted" and mention.weight >= 0.5]
    proxy = any("proxy" in mention.roles for mention in said)
    if found.name == "apache":
        return proxy
    static = [mention for mention in said if "static" in mention.roles and "proxy" not in mention.roles]
    return proxy or len(static) < len(said)


def _orchestrator(state: _Conclusion) -> Orchestrator | None:
    if state.yes("docker-compose"):
        return "docker-compose"
    if state.yes("kubernetes"):
        return "kubernetes"
    if state.yes("docker"):
        return "docker-compose"
    if state.yes("systemd"):
        return "systemd"
    if state.yes("serverless") or any(state.yes(host) for host in _SERVERLESS_HOSTS):
        return "serverless"
    if (
        any(state.yes(host) for host in _BARE_HOSTS)
        or state.verdict("docker") == "rejected"
        or state.verdict("docker-compose") == "rejected"
    ):
        return "none"
    return None


_FIELDS: Final[dict[Topic, str]] = {"backend": "back end", "frontend": "front end", "database": "database", "cache": "cache", "queue": "queue", "proxy": "proxy", "orchestrator": "way to run it"}  # fmt: skip


def _open_choices(state: _Conclusion) -> None:
    done: set[str] = set()
    for name, found in state.tallies.items():
        topic = _topic(found)
        if found.verdict != "open" or name in done or topic not in _FIELDS or state.runs.get(topic):
            continue
        places = found.evidence
        others = tuple(dict.fromkeys(other for mention in places for other in mention.others))
        done |= {name, *others}
        names = " or ".join(f"`{one}`" for one in (name, *(other for other in others if other != name)))
        state.open.append(
            OpenPoint(
                topic=topic,
                question=f"The documents leave the {_FIELDS[topic]} open: {names}?",
                evidence=_evidence(places),
            )
        )


def _topic(found: Tally) -> Topic:
    mapped = _TOPICS.get(found.topic)
    return mapped if mapped else found.topic  # type: ignore[return-value]


def _facts(state: _Conclusion, domains: tuple[Mention, ...]) -> tuple[Fact, ...]:
    facts = []
    for found in state.tallies.values():
        if found.verdict in {"unsaid", "open"}:
            continue
        detail = {
            "managed": f"managed: {state.managed.get(found.name, '')}",
            "deferred": "later",
            "optional": "optional",
        }.get(found.verdict, "")
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
    facts += [
        Fact(topic="custom_domain", value=name, evidence=_evidence(tuple(group[:5])), confidence=0.9)
        for name, group in by_domain.items()
    ]
    return tuple(facts)


def _evidence(mentions: tuple[Mention, ...]) -> tuple[Evidence, ...]:
    seen: dict[tuple[str, int], Evidence] = {}
    for mention in mentions:
        seen.setdefault(
            (mention.path, mention.line), Evidence(path=mention.path, line=mention.line, quote=mention.quote)
        )
    return tuple(seen.values())


def _needs(brief: Brief, state: _Conclusion) -> Brief:
    """Say whether there is anything to build, and why not."""
    own = brief.backend or brief.databases or brief.caches or brief.queues or brief.proxy
    containers = brief.orchestrator in {"docker-compose", "kubernetes"}
    if (
        brief.orchestrator == "docker-compose"
        and not own
        and not brief.frontend
        and state.kind.name in {"library", "cli"}
    ):
        containers = False
    if state.kind.local and not state.yes("docker-compose") and not state.yes("kubernetes") and not _served(brief):
        containers = False  # a Dockerfile beside a tool is for its tests
    if containers:
        return brief
    device = _device(state)
    if device and not (set(brief.databases) & {*_SQL, "mongodb"} or brief.queues):
        return replace(_emptied(brief), needs_infra=False, reason=device)
    hosted = bool(set(brief.frontend) & _SERVERS) or any(state.yes(host) for host in _SERVERLESS_HOSTS)
    if state.kind.local and not hosted and not _served(brief):
        return replace(_emptied(brief), needs_infra=False, reason=state.kind.reason)
    if state.kind.static and not own and not state.open:
        return replace(
            brief,
            needs_infra=False,
            reason="The documents describe static files without a server: any static host will do.",
        )
    functions = state.yes("serverless") and not (brief.databases or brief.caches or brief.queues or brief.proxy)
    if (
        functions
        or not own
        and (brief.orchestrator == "serverless" or any(name in _PLATFORMS for name in brief.external))
    ):
        hosts = [name for name in brief.external if name in _PLATFORMS or name in _SERVERLESS_HOSTS]
        return replace(
            brief,
            needs_infra=False,
            reason=f"Everything runs as a service of others ({', '.join(hosts) or 'serverless'}): there is nothing to host.",
        )
    return brief


_SERVERS: Final = frozenset({"nextjs", "nuxt", "sveltekit", "remix", "blazor"})
_DEVICES: Final = {"desktop": "a desktop app", "mobile": "a mobile app"}


def _device(state: _Conclusion) -> str:
    """Return why nothing is hosted where a desktop or mobile framework carries the whole project, else ""."""
    for found in state.tallies.values():
        strong = sum(1 for mention in found.mentions if mention.stance == "asserted" and mention.weight >= 0.5)
        carries = found.name in {"electron", "tauri"} or not state.runs.get("backend")
        if found.topic == "desktop" and found.verdict == "runs" and strong >= 2 and carries:
            return f"The documents describe {_DEVICES[found.topic]} ({found.name}): there is nothing to host."
        if found.topic == "mobile" and found.verdict == "runs" and strong and not state.runs.get("backend"):
            return f"The documents describe {_DEVICES[found.topic]} ({found.name}): there is nothing to host."
    return ""


def _emptied(brief: Brief) -> Brief:
    """What runs on a person's own device is not run by us: only what others run for it stays."""
    orchestrator: Orchestrator | None = "none" if brief.orchestrator in {None, "none"} else brief.orchestrator
    return replace(
        brief,
        orchestrator=orchestrator,
        backend=(),
        frontend=(),
        databases=(),
        caches=(),
        queues=(),
        workers=(),
        extras=(),
        open=(),
    )


_LANGUAGES: Final = frozenset({"go", "node", "php"})  # written in one of these, a tool is not yet a server


def _served(brief: Brief) -> bool:
    return bool(brief.proxy or brief.queues or brief.caches or set(brief.backend) - _LANGUAGES)
