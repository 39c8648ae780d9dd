"""TR03: labels with which Traefik cannot route."""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.rule import Rule
from bot.check.traefik import enabled, labels_of, proxies
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity
from bot.parse.compose import ComposeStack, Service
from bot.parse.compose_parts import Pair


def _check(tree: Tree) -> Iterator[Finding]:
    for stack in tree.stacks:
        for service in stack.services:
            label = service.label("traefik.enable")
            if label is None or not enabled(service):
                continue
            missing = _missing(stack, service)
            if missing:
                yield RULE.finding(
                    label.key.span,
                    f"`{service.name}` is enabled for Traefik without {missing}: Traefik guesses, or answers 404.",
                )


def _missing(stack: ComposeStack, service: Service) -> str:
    labels = service.labels
    if any(label.name.lower().endswith(".service") and "@" in (label.value or "@") for label in labels):
        return ""  # routed to a service that is defined elsewhere, such as `api@internal`
    proxy = service in proxies(stack)
    rule = labels_of(service, "routers", "rule") or _default_rule(stack)
    rule = rule or any(label.name.lower().startswith("traefik.udp.routers.") for label in labels)  # UDP has no rules
    port = labels_of(service, "services", "loadbalancer.server.port")
    port = port or labels_of(service, "services", "loadbalancer.server.url")
    parts = []
    if not rule:
        parts.append("a router rule (`traefik.http.routers.<name>.rule`)")
    if not port and not proxy:
        parts.append("a server port (`traefik.http.services.<name>.loadbalancer.server.port`)")
    return " and ".join(parts)


def _default_rule(stack: ComposeStack) -> tuple[Pair, ...] | bool:
    """Whether a Traefik in the stack is told a rule for services that have none."""
    for proxy in proxies(stack):
        words = getattr(proxy.command, "items", (proxy.command,))
        if any("defaultrule" in getattr(word, "text", "").lower() for word in words):
            return True
        if any("DEFAULTRULE" in pair.name.upper() for pair in proxy.environment):
            return True
    return False


RULE = Rule(
    name="traefik-labels-incomplete",
    code="TR03",
    severity=Severity.WARNING,
    summary="enabled for Traefik without a router rule or a server port",
    needs=("compose",),
    check=_check,
)
