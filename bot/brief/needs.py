"""Judges whether there is anything to build, and says why not."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.brief import words
from bot.brief.conclusion import Conclusion
from bot.brief.managed import PLATFORMS, PROCESS_HOSTS, SERVERLESS_HOSTS
from bot.brief.settle import SERVERS
from bot.model.brief import Brief

_SERVED: Final = frozenset({"nextjs", "nuxt", "sveltekit", "remix", "blazor"})  # front ends that bring a server
_LANGUAGES: Final = frozenset({"go", "node", "php", "wordpress"})  # written in one of these, a tool is not yet a server
_RUNNING: Final = SERVERLESS_HOSTS - {"github-pages", "netlify", "cloudflare"}  # hosts that run code, not only files
_SHELLS: Final = frozenset({"electron", "tauri"})


def judge_needs(brief: Brief, state: Conclusion) -> Brief:
    """Return `brief` with `needs_infra` and `reason`; what runs on a person's own device is not run by us."""
    if _contained(brief, state):
        return brief
    device = _device(state)
    if device and not (set(brief.databases) & set(SERVERS) or brief.queues):
        return _local(brief, device)
    hosted = bool(set(brief.frontend) & _SERVED) or any(state.yes(host) for host in _RUNNING)
    if state.kind.local and not hosted and not _served(brief):
        return _local(brief, state.kind.reason)
    own = brief.backend or brief.databases or brief.caches or brief.queues or brief.proxy
    if state.kind.static and not own and not state.open:
        return replace(
            brief,
            needs_infra=False,
            reason="The documents describe static files without a server: any static host will do.",
        )
    processes = bool(brief.backend) and any(state.yes(host) for host in PROCESS_HOSTS)
    functions = (
        state.yes("serverless")
        and not processes
        and not (brief.databases or brief.caches or brief.queues or brief.proxy)
    )
    services = [name for name in brief.external if name in PLATFORMS or name in SERVERLESS_HOSTS]
    if functions or (not own and (brief.orchestrator == "serverless" or any(name in PLATFORMS for name in services))):
        who = ", ".join(services) or "serverless functions"
        return replace(
            brief,
            needs_infra=False,
            reason=f"Everything runs as a service of others ({who}): there is nothing to host.",
        )
    return brief


def _contained(brief: Brief, state: Conclusion) -> bool:
    """Whether containers are asked for; a Dockerfile beside a tool is for its tests."""
    if brief.orchestrator not in {"docker-compose", "kubernetes"}:
        return False
    asked = state.yes("docker-compose") or state.yes("kubernetes")
    bare = not (brief.backend or brief.databases or brief.caches or brief.queues or brief.proxy or brief.frontend)
    if state.kind.name in {"library", "cli"} and (bare or (_for_tests(state) and not _served(brief))):
        return False
    return asked or not state.kind.local or _served(brief)


def _for_tests(state: Conclusion) -> bool:
    """Whether containers are only spoken of where the project is developed and tested."""
    said = (*state.said("docker-compose"), *state.said("kubernetes"))
    return all(words.anywhere("role", "dev").search(mention.quote) for mention in said)


def _served(brief: Brief) -> bool:
    return bool(brief.proxy or brief.queues or brief.caches or set(brief.backend) - _LANGUAGES)


def _device(state: Conclusion) -> str:
    """Return why nothing is hosted where a desktop or mobile framework carries the whole project, else ""."""
    backend = bool(state.names("backend"))
    for name, found in state.tallies.items():
        if found.verdict != "runs":
            continue
        places = len(state.said(name))
        if found.topic == "desktop" and places >= 2 and (name in _SHELLS or not backend):
            return f"The documents describe a desktop app ({name}): there is nothing to host."
        if found.topic == "mobile" and places and not backend:
            return f"The documents describe a mobile app ({name}): there is nothing to host."
    return ""


def _local(brief: Brief, reason: str) -> Brief:
    """Only what others run for it stays."""
    return replace(
        brief,
        orchestrator="none",
        backend=(),
        frontend=(),
        databases=(),
        caches=(),
        queues=(),
        workers=(),
        extras=(),
        proxy=None,
        open=(),
        needs_infra=False,
        reason=reason,
    )
