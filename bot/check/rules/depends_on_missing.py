"""DEP03: a service that is needed but not waited for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.check.rule import Rule
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity
from bot.parse.compose import ComposeStack, Service
from bot.parse.nodes import Scalar

_HOST_NAME: Final = re.compile(
    r"(?:^|_)(?:HOST|HOSTS|HOSTNAME|SERVER|SERVERS|ADDR|ADDRESS|ENDPOINT|BROKER|BROKERS|NODE|NODES|URL|URI|DSN)\Z",
    re.IGNORECASE,
)
_AUTHORITY: Final = re.compile(r"[a-z][a-z0-9+.-]*://(?:[^/@\s]*@)?([^/?#\s]+)", re.IGNORECASE)
# Names that are told to browsers, or listed as allowed, or of services that nobody waits for.
_NOT_WAITED: Final = re.compile(
    r"ORIGIN|ALLOWED|CORS|PROXY|PUBLIC|EXTERNAL|TRUSTED|CALLBACK|REDIRECT|WEBHOOK|CSRF|\AVITE_|\AREACT_APP_|\ANUXT_PUBLIC"
    r"|\AOTEL_|SENTRY|JAEGER|ZIPKIN|LOKI|STATSD|\ADD_|MAIL|SMTP|\AFRONTEND|\ACLIENT|\AAPP_URL|\ASITE_|VIRTUAL_HOST",
    re.IGNORECASE,
)


def _check(tree: Tree) -> Iterator[Finding]:
    for stack in tree.stacks:
        names = {service.name: service for service in stack.services}
        for service in stack.services:
            known = _before(stack, service)
            told: set[str] = set()
            for pair in service.environment:
                if pair.value is None or _NOT_WAITED.search(pair.name):
                    continue
                for host in _hosts(pair.name, pair.value):
                    target = names.get(host)
                    if target is None or target is service or host in known or host in told:
                        continue
                    if not _startable(service, target) or service.name in _before(stack, target):
                        continue
                    told.add(host)
                    node = pair.node if isinstance(pair.node, Scalar) else pair.key
                    yield RULE.finding(
                        node.span,
                        f"`{pair.name}` tells `{service.name}` to use `{host}`, but `depends_on` does not name "
                        f"it: `{host}` "
                        "may not be up, or not be started at all.",
                    )


def _hosts(name: str, value: str) -> Iterator[str]:
    """Yield the hosts that a value names: in its URLs, or by itself where the variable's name says it is a host."""
    authorities = _AUTHORITY.findall(value)
    if not authorities and _HOST_NAME.search(name):
        authorities = [value]
    for authority in authorities:
        for part in authority.split(","):
            yield part.strip().rpartition("@")[2].partition(":")[0]


def _before(stack: ComposeStack, service: Service) -> frozenset[str]:
    """Return the services that are started before `service`, directly or through others."""
    found: set[str] = set()
    waiting = [service]
    while waiting:
        current = waiting.pop()
        linked = [link.partition(":")[0] for link in _listed(current, "links")]
        shared = current.node.get("network_mode")
        if isinstance(shared, Scalar) and shared.text.startswith("service:"):
            linked.append(shared.text.partition(":")[2])
        for name in [need.service for need in current.depends_on] + linked:
            target = stack.service(name)
            if name not in found and target is not None:
                found.add(name)
                waiting.append(target)
    return frozenset(found)


def _listed(service: Service, key: str) -> list[str]:
    node = service.node.get(key)
    items = getattr(node, "items", ())
    return [item.text for item in items if isinstance(item, Scalar)] if not isinstance(node, Scalar) else []


def _startable(service: Service, target: Service) -> bool:
    """Whether `depends_on` could name the target: it is started whenever the service is."""
    return not target.profiles or bool(set(service.profiles) & set(target.profiles))


RULE = Rule(
    name="depends-on-missing",
    code="DEP03",
    severity=Severity.WARNING,
    summary="an environment variable names another service that `depends_on` does not",
    needs=("compose",),
    check=_check,
)
