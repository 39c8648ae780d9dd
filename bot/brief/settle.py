"""Settles what runs: what others run goes, the specific beats the general, the chosen what is named in passing."""

from __future__ import annotations

import re
from typing import Final

from bot.brief.conclusion import Conclusion
from bot.brief.managed import ENGINES
from bot.brief.mention import Mention
from bot.brief.packages import PACKAGE_LISTS

SERVERS: Final = ("postgresql", "mysql", "mariadb", "mongodb", "sqlserver", "oracle", "cockroachdb")
_NAMED: Final = 0.75
_LISTED: Final = frozenset({"backend", "frontend", "database", "cache", "queue", "worker", "external", "extra"})
_HOSTABLE: Final = frozenset({"database", "store", "cache", "queue"})
_NOUNS: Final = {"backend": "back end", "frontend": "front end", "database": "database"}
# SQLite beside a server's database: what a device keeps until it is online again.
_ON_DEVICE: Final = re.compile(r"\b(?:buffer|off-?line|on[- ]device|edge|handset|(?:re)?play)", re.IGNORECASE)
# What each framework already contains.
_CONTAINS: Final[dict[str, frozenset[str]]] = {
    "nestjs": frozenset({"express", "fastify", "node"}),
    "express": frozenset({"node"}),
    "fastify": frozenset({"node"}),
    "hono": frozenset({"node"}),
    "koa": frozenset({"node"}),
    "elysia": frozenset({"node"}),
    "adonisjs": frozenset({"node"}),
    "strapi": frozenset({"node", "koa"}),
    "fastapi": frozenset({"starlette"}),
    "laravel": frozenset({"php", "symfony"}),
    "symfony": frozenset({"php"}),
    "codeigniter": frozenset({"php"}),
    "wordpress": frozenset({"php"}),
    "nextjs": frozenset({"react-vite", "vite", "node"}),
    "remix": frozenset({"react-vite", "vite"}),
    "gatsby": frozenset({"react-vite"}),
    "nuxt": frozenset({"vue-vite", "vite", "node"}),
    "sveltekit": frozenset({"svelte-vite", "vite", "node"}),
    "astro": frozenset({"vite"}),
    "react-vite": frozenset({"vite"}),
    "vue-vite": frozenset({"vite"}),
    "svelte-vite": frozenset({"vite"}),
    "solid-vite": frozenset({"vite"}),
}


def settle(state: Conclusion) -> None:
    """Fill the lists of what runs."""
    _managed(state)
    for name, found in state.tallies.items():
        topic = "external" if found.topic == "host" else found.topic
        if found.verdict == "runs" and topic in _LISTED:
            state.names(topic).append(name)
    _specific(state)
    _overruled(state)
    _databases(state)


def _managed(state: Conclusion) -> None:
    """Names that others run for us leave the list of what runs, unless a place says they run here too."""
    for name, found in list(state.tallies.items()):
        firm = any(m.source != "document" and m.weight >= 0.7 and not _is_driver(m) for m in found.mentions)
        if found.verdict != "runs" or firm or found.topic not in _HOSTABLE:
            continue
        said = [mention for mention in state.said(name) if not _is_driver(mention)]
        by = [m.managed for m in said if m.managed == "managed" or (m.managed and state.yes(m.managed))]
        own = any(m.local and (m.managed or m.weight >= 0.5) for m in said)
        plain = any(not m.managed and m.weight >= 0.75 for m in said)
        sole = next((one for one in ENGINES if ENGINES[one] == {name} and state.strongest(one) >= _NAMED), "")
        dedicated = bool(sole) and _stores_data(state, sole)
        if own or (plain and state.yes("docker-compose") and not dedicated):
            continue
        named = (service for service, engines in ENGINES.items() if name in engines and _stores_data(state, service))
        provider = next((one for one in by if one != "managed"), "managed" if by else next(named, ""))
        if provider:
            state.managed[name] = provider
            state.judge(name, "managed")


def _is_driver(mention: Mention) -> bool:
    """Whether it is a package that talks to the thing: that the code uses it, not where it runs."""
    name = mention.path.rpartition("/")[2]
    return mention.source == "manifest" and (name in PACKAGE_LISTS or name.startswith("requirements"))


def _stores_data(state: Conclusion, service: str) -> bool:
    """Whether the managed `service` is used as a database here, not only for files, sign-in or hosting."""
    return state.yes(service) and any("files" not in mention.roles for mention in state.said(service))


def _specific(state: Conclusion) -> None:
    """Express says more than Node, Next.js more than React."""
    every = {*state.names("backend"), *state.names("frontend")}
    contained = {part for name in every for part in _CONTAINS.get(name, ())}
    for topic in ("backend", "frontend"):
        state.drop(topic, contained.__contains__)
    frontends, backends = state.names("frontend"), state.names("backend")
    if state.yes("react-native") and state.strongest("react-vite") < 1.0:
        state.drop("frontend", "react-vite".__eq__)
    if len(backends) > 1 or frontends or state.strongest("node") < 1.0:
        state.drop("backend", "node".__eq__)
    if len(backends) > 1:
        state.drop("backend", "php".__eq__)
    frontends[:] = [
        "react-vite" if name == "vite" else name for name in frontends if name != "vite" or len(frontends) == 1
    ]


def _overruled(state: Conclusion) -> None:
    """What is only named in passing gives way to what is named as the choice; the reader is told."""
    for topic, noun in _NOUNS.items():
        names = state.names(topic)
        chosen = [name for name in names if state.strongest(name) >= 1.0]
        for name in [name for name in names if chosen and state.strongest(name) < 0.7]:
            names.remove(name)
            place = state.tallies[name].evidence[0]
            state.judge(name, "unsaid")
            where = f"{place.path}:{place.line}"
            state.notes.append(
                f"`{name}` is named ({where}), but the {noun} chosen is `{chosen[0]}`; `{name}` is left out."
            )


def _databases(state: Conclusion) -> None:
    names = state.names("database")
    others = [name for name in SERVERS if name in names or name in state.managed]
    if "sqlite" in names and others:
        said = state.said("sqlite")
        trial = all("dev" in mention.roles or _ON_DEVICE.search(mention.quote) for mention in said)
        beside = not any(_apart(state, "sqlite", other) for other in others)
        if trial or beside or state.tallies["sqlite"].confidence < 1.0:
            names.remove("sqlite")
    if "mariadb" in names and "mysql" in names and not _apart(state, "mariadb", "mysql"):
        weaker = state.tallies["mariadb"].confidence < state.tallies["mysql"].confidence
        names.remove("mariadb" if weaker else "mysql")


def _apart(state: Conclusion, one: str, other: str) -> bool:
    """Whether no place names both."""
    lines = {(mention.path, mention.line) for mention in state.tallies[one].mentions}
    return not lines & {(mention.path, mention.line) for mention in state.tallies[other].mentions}
