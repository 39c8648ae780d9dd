"""TR02: a service that Traefik cannot reach."""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.rule import Rule
from bot.check.traefik import enabled, proxies
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity
from bot.parse.compose import ComposeStack, Service
from bot.parse.compose_parts import truth
from bot.parse.nodes import Mapping
from bot.parse.source import Span

_PROXY_WORDS = ("traefik", "proxy")


def _check(tree: Tree) -> Iterator[Finding]:
    for stack in tree.stacks:
        served = [service for service in stack.services if enabled(service)]
        inside = [service for service in stack.services if service in proxies(stack)]
        for service in served:
            if service in inside or service.node.get("network_mode") is not None:
                continue
            if inside:
                yield from _beside(service, inside)
            else:
                yield from _outside(stack, service)


def _networks(service: Service) -> frozenset[str]:
    return frozenset(service.networks) or frozenset({"default"})


def _beside(service: Service, inside: list[Service]) -> Iterator[Finding]:
    """Traefik is in the stack: the two must share a network, and the one that a label names."""
    if any(proxy.node.get("network_mode") is not None for proxy in inside):
        return
    reached = frozenset(network for proxy in inside for network in _networks(proxy))
    if not reached & _networks(service):
        yield RULE.finding(
            _place(service),
            f"`{service.name}` shares no network with Traefik ({_listed(reached)}): every request to it ends in a 504.",
        )


def _outside(stack: ComposeStack, service: Service) -> Iterator[Finding]:
    """Traefik runs elsewhere: one of the service's networks must be one that both know, so an external one."""
    declared = stack.section("networks")
    joined = _networks(service)
    external = [name for name in joined if _external(declared, name)]
    if external or any(name not in (declared or ()) and name != "default" for name in joined):
        return  # an undefined network is compose-invalid's
    named = sorted(name for name in joined if any(word in name.lower() for word in _PROXY_WORDS))
    if named and declared is not None and (entry := declared.entry(named[0])) is not None:
        yield RULE.finding(
            entry.key.span,
            f"The network `{named[0]}` is made by this stack, but no Traefik is in it: the Traefik that runs "
            "elsewhere is "
            "not on it. Say `external: true`.",
        )
        return
    yield RULE.finding(
        _place(service),
        f"`{service.name}` is enabled for a Traefik outside this stack, but is on no external network that the "
        "two could "
        "share.",
    )


def _external(declared: Mapping | None, name: str) -> bool:
    node = declared.get(name) if declared is not None else None
    if not isinstance(node, Mapping):
        return False
    external = node.get("external")
    return isinstance(external, Mapping) or (external is not None and truth(external) is not False)


def _place(service: Service) -> Span:
    entry = service.node.entry("networks")
    return entry.key.span if entry is not None else service.key.span


def _listed(names: frozenset[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


RULE = Rule(
    name="traefik-network",
    code="TR02",
    severity=Severity.ERROR,
    summary="a Traefik-enabled service off the proxy network, or that network not external with Traefik elsewhere",
    needs=("compose",),
    check=_check,
)
