"""TR01: Traefik is told a port that the container does not listen on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.check.rule import Rule, safe
from bot.check.rules.healthcheck_port import spoken_of, stated_ports
from bot.check.sources.runtime import Runtime
from bot.check.sources.runtimes import runtimes
from bot.check.tree import Tree
from bot.model.finding import Edit, Finding, Fix, Severity
from bot.parse.compose_parts import Pair

_LABEL = re.compile(r"traefik\.http\.services\.[^.]+\.loadbalancer\.server\.port\Z|traefik\.port\Z", re.IGNORECASE)


def _check(tree: Tree) -> Iterator[Finding]:
    for runtime in runtimes(tree):
        if runtime.service is None:
            continue
        for label in runtime.service.labels:
            if not _LABEL.match(label.name) or label.value is None or not re.fullmatch(r"\d{1,5}", label.value.strip()):
                continue
            known = _listens(runtime)
            if known and int(label.value) not in known and not _elsewhere(runtime, int(label.value)):
                right = next(iter(known)) if len(known) == 1 else None
                ports = " or ".join(map(str, sorted(known)))
                yield RULE.finding(
                    label.node.span,
                    f"Traefik sends requests for `{runtime.service.name}` to port {label.value}, but it listens on "
                    f"{ports}: "
                    "every request ends in 502 Bad Gateway.",
                    _fix(label, right),
                )


def _listens(runtime: Runtime) -> frozenset[int]:
    """Return the ports it listens on, where they are known for certain."""
    ports = runtime.ports
    if ports.known and not ports.unsure:
        return ports.known
    if not ports.known:
        return stated_ports(runtime) or _exposed(runtime)
    return frozenset()


def _elsewhere(runtime: Runtime, port: int) -> bool:
    """Whether the sources speak of the port although no server on it was recognised."""
    return bool(runtime.ports.unsure) and spoken_of(runtime, port)


def _exposed(runtime: Runtime) -> frozenset[int]:
    """Return what EXPOSE says, where nothing says more."""
    return frozenset(runtime.image.exposed) if runtime.image is not None else frozenset()


def _fix(label: Pair, right: int | None) -> Fix | None:
    if right is None or label.value is None:
        return None
    span = label.node.span
    at = span.text.rfind(label.value)
    if at < 0 or "$" in span.text[at:]:
        return None
    start = span.start + at
    return safe(
        f"send requests to port {right}",
        Edit(path=span.path, start=start, end=start + len(label.value), text=str(right)),
    )


RULE = Rule(
    name="traefik-port-mismatch",
    code="TR01",
    severity=Severity.ERROR,
    summary="`loadbalancer.server.port` is not a port the container listens on",
    needs=("compose", "dockerfile", "tree"),
    check=_check,
    fix="safe",
)
