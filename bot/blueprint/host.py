"""Hosts: what is written beside the compose stack where the documents ask for another host."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.blueprint.choice import Choice
from bot.blueprint.kubernetes.render import kubernetes_files
from bot.blueprint.library import Library
from bot.blueprint.skill import RenderedFile
from bot.blueprint.systemd.render import from_vendor, not_known, systemd_files
from bot.model.brief import Brief
from bot.model.change import Decision

_NO_CLUSTER: Final = (
    "No cluster has run the Kubernetes manifests: they were made from the Compose stack, and it is that stack which "
    "was built and watched."
)

_NO_MACHINE: Final = (
    "No machine has started the systemd units or run `src/systemd/install.sh`: they were made from the Compose stack, "
    "and it is that stack which was built and watched."
)

_WHY_CONTAINERS: Final = (
    "The documents ask for systemd. The Compose stack is there to develop with, and to prove that the parts work "
    "together; the machine itself needs none of it."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HostPart:
    """What one host adds, and what is said of it."""

    files: tuple[RenderedFile, ...] = ()
    decisions: tuple[Decision, ...] = ()
    confirm: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()


def host_part(brief: Brief, choice: Choice, files: Sequence[RenderedFile], library: Library) -> HostPart:
    """Return what the host that `brief` asks for needs beside the rendered compose stack; nothing for compose."""
    if not choice.skills:
        return HostPart()
    if brief.orchestrator == "kubernetes":
        return _kubernetes(brief, choice, kubernetes_files(choice, files, library, external=bool(brief.external)))
    if brief.orchestrator == "systemd":
        return _systemd(brief, choice, systemd_files(choice, files, library, external=bool(brief.external)))
    return HostPart()


def _systemd(brief: Brief, choice: Choice, files: tuple[RenderedFile, ...]) -> HostPart:
    confirm = [_WHY_CONTAINERS]
    confirm += [
        f"{skill.title} has no unit in `src/systemd` yet: how it runs without a container is yours to say."
        for skill in not_known(choice)
    ]
    confirm += [
        f"Debian does not package {skill.title}: install it as its vendor says before `src/systemd/install.sh`."
        for skill in from_vendor(choice)
    ]
    if choice.names["proxy"] not in {"", "nginx"}:
        proxy = choice.skills["proxy"].title
        confirm.append(f"Under systemd it is the distribution's nginx that stands in front, not {proxy}.")
    if not files:
        return HostPart(confirm=tuple(confirm))
    return HostPart(
        files=files,
        decisions=(Decision(what="systemd units in `src/systemd`", why=_why(brief)),),
        confirm=tuple(confirm),
        unverified=(_NO_MACHINE,),
    )


def _kubernetes(brief: Brief, choice: Choice, files: tuple[RenderedFile, ...]) -> HostPart:
    if not files:
        return HostPart()
    confirm = ["`src/kubernetes/overlays/production` names `registry.example.com`: put your registry there."]
    if not choice.domains:
        host = f"{choice.name}.example.com"
        confirm.append(f"The documents name no domain; the production overlay answers to `{host}` until you change it.")
    return HostPart(
        files=files,
        decisions=(Decision(what="Kubernetes manifests in `src/kubernetes`", why=_why(brief)),),
        confirm=tuple(confirm),
        unverified=(_NO_CLUSTER,),
    )


def _why(brief: Brief) -> str:
    for fact in brief.facts:
        if (fact.topic, fact.value, fact.rejected) == ("orchestrator", brief.orchestrator, False) and fact.evidence:
            place = fact.evidence[0]
            return f'`{place.path}:{place.line}` "{place.quote}"'
    return "the documents ask for it"
