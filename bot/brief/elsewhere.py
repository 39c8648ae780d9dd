"""Hosts without containers: what the documents ask for, and what such a project needs in place of a stack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from bot.brief.lexicon import data
from bot.model.brief import Brief, Fact

_NO_CONTAINERS: Final = frozenset({"serverless", "none"})
_MACHINE: Final = frozenset({"pm2", "windows-service"})  # hosts on which databases and proxies are installed by hand


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """Why nothing is built here, one sentence, and what is to be done instead, a clause each."""

    reason: str
    instead: tuple[str, ...] = ()


def elsewhere(brief: Brief) -> Elsewhere | None:
    """Return what to say where `brief` is not for a stack of containers; None where it is."""
    if brief.needs_infra and brief.orchestrator not in _NO_CONTAINERS:
        return None
    asked = _asked(brief)
    reason = brief.reason
    if not reason:
        names = [_hosts()[fact.value]["title"] for fact in asked]
        how = f"host it with {_listed(names)}" if names else "ask for no containers and name no other host"
        reason = f"The documents {how}{_where(asked)}: no containers were written."
    return Elsewhere(reason=reason, instead=tuple(_instead(brief, asked)) if asked or brief.needs_infra else ())


def _asked(brief: Brief) -> list[Fact]:
    """Return the facts that name a host without containers, hosts by name before the word `serverless`."""
    known = _hosts()
    found = [fact for fact in brief.facts if fact.value in known and not fact.rejected]
    named = [fact for fact in found if fact.topic != "orchestrator"]
    return named or found


@cache
def _hosts() -> dict[str, Any]:
    return data("elsewhere.toml")


def _where(asked: list[Fact]) -> str:
    if not asked:
        return ""
    place = asked[0].evidence[0]
    return f' (`{place.path}:{place.line}` "{place.quote}")'


def _instead(brief: Brief, asked: list[Fact]) -> Iterator[str]:
    for fact in asked:
        yield from _hosts()[fact.value]["instead"]
    if not asked:
        yield "units for the machine itself, with an install script: say `systemd` in the issue, and they are written"
    if not asked or any(fact.value in _MACHINE for fact in asked):
        stores = [name for name in (*brief.databases, *brief.caches, *brief.queues) if name != "sqlite"]
        if stores:
            named = _listed(f"`{name}`" for name in stores)
            yield f"{named} as the machine has it packaged, on 127.0.0.1, with a backup"
        if brief.proxy:
            yield f"`{brief.proxy}` in front, with a certificate"
    if asked:
        hosts = {fact.value for fact in asked}
        services = [name for name in brief.external if name not in hosts]
        if services:
            yield (
                f"address and key of {_listed(f'`{name}`' for name in services)} in the host's own settings for each "
                "environment, never in the repository"
            )


def _listed(names: Iterable[str]) -> str:
    *first, last = list(names)
    return f"{', '.join(first)} and {last}" if first else last
