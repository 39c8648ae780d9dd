"""Briefs as a reader of documents would conclude them."""

from __future__ import annotations

from functools import cache
from itertools import combinations as pairs
from itertools import product

from bot.blueprint.choice import choose
from bot.blueprint.library import shipped
from bot.blueprint.skill import Part
from bot.model.brief import Brief


def brief(
    *,
    title: str = "The Shop",
    backend: str = "",
    frontend: str = "",
    database: str = "",
    cache: str = "",
    queue: str = "",
    worker: str = "",
    proxy: str = "",
    domain: str = "",
    extras: str = "",
) -> Brief:
    return Brief(
        title=title,
        orchestrator="docker-compose",
        backend=tuple(filter(None, [backend])),
        frontend=tuple(filter(None, [frontend])),
        databases=tuple(filter(None, [database])),
        caches=tuple(filter(None, [cache])),
        queues=tuple(filter(None, [queue])),
        workers=tuple(filter(None, worker.split(","))),
        proxy=proxy or None,
        custom_domains=tuple(filter(None, [domain])),
        extras=tuple(filter(None, extras.split(","))),
    )


SHOP = brief(backend="django", frontend="react-vite", database="postgresql", cache="redis", proxy="nginx")


def played(part: Part) -> list[str]:
    """The canonical names that some skill plays `part` for."""
    return sorted({name for skill in shipped().skills.values() for name in skill.names.get(part, ())})


@cache
def combinations() -> list[Brief]:
    """Every back end with every database, cache and queue, with the front ends and proxies spread over them.

    The front end and the proxy do not see the database: each pair that can influence each other is in the list.
    """
    fronts, proxies = ["", *played("frontend")], ["", *played("proxy")]
    found = [
        brief(backend=backend, database=database, cache=cache, queue=queue, frontend=front, proxy=proxy)
        for number, (backend, database, cache, queue) in enumerate(
            product(["", *played("backend")], ["", *played("database")], ["", *played("cache")], ["", *played("queue")])
        )
        for front, proxy in [(fronts[number % len(fronts)], proxies[number % len(proxies)])]
    ]
    found += [
        brief(backend=backend, database="postgresql", cache="redis", frontend=front, proxy=proxy, domain=domain)
        for backend, front, proxy in product(["", *played("backend")], fronts, proxies)
        for domain in ("", "shop.example.org")
    ]
    found += [
        brief(backend="django", database=database, frontend=front, extras="minio,mailpit,adminer")
        for database, front in product(["", *played("database")], ["", "react-vite"])
    ]
    return [one for one in found if choose(one, shipped()).skills]


@cache
def covering() -> list[Brief]:
    """Few of all combinations, in which every two names that can meet do meet: for what takes long per stack."""
    seen: set[tuple[tuple[str, str], ...]] = set()
    kept = []
    for one in combinations():
        names = [(part, name) for part, name in choose(one, shipped()).names.items() if name]
        names += [("domain", domain) for domain in one.custom_domains]
        names += [("extra", name) for name in choose(one, shipped()).extras]
        new = {*pairs(names, 2), *((name,) for name in names)} - seen
        if new:
            seen |= new
            kept.append(one)
    return kept


def words(asked: Brief) -> str:
    """What a combination is called in a test's report."""
    parts = (
        *asked.backend,
        *asked.databases,
        *asked.caches,
        *asked.queues,
        *asked.workers,
        *asked.frontend,
        *asked.extras,
    )
    return "+".join(filter(None, (*parts, asked.proxy, *asked.custom_domains)))
