"""DEP03: a service that is needed but not waited for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from bot.check.rule import Rule
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity
from bot.parse.compose import ComposeStack, Service
from bot.parse.compose_resolve import inside
from bot.parse.nodes import Mapping, Scalar, Sequence
from bot.parse.source import Span

_HOST_NAME: Final = re.compile(
    r"(?:\A(?:PG|DB|MYSQL|REDIS|MONGO|AMQP|RABBITMQ)?|[_.])(?:HOST|HOSTS|HOSTNAME|SERVER|SERVERS|ADDR|ADDRESS|ENDPOINT|BROKER|BROKERS|NODE|NODES|URL|URI|DSN)\Z",
    re.IGNORECASE,
)
_AUTHORITY: Final = re.compile(r"[a-z][a-z0-9+.-]*://(?:[^/@\s]*@)?([^/?#\s]+)", re.IGNORECASE)
# `Host=db;Port=5432`, `host=db user=app`, and Go's `app:secret@tcp(db:3306)/app`.
_KEYED: Final = re.compile(
    r"(?:\A|[;\s])(?:host|server|data source)=(?:tcp:)?([^;:,\s]+)|@tcp\(([^):]+)", re.IGNORECASE
)
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
            for name, value, place in _told(tree, service):
                if _NOT_WAITED.search(name):
                    continue
                for host in _hosts(name, value):
                    target = names.get(host)
                    if target is None or target is service or host in known or host in told:
                        continue
                    if not _startable(service, target) or service.name in _before(stack, target):
                        continue
                    told.add(host)
                    yield RULE.finding(
                        place,
                        f"`{name}` tells `{service.name}` to use `{host}`, but `depends_on` does not name "
                        f"it: `{host}` "
                        "may not be up, or not be started at all.",
                    )


def _told(tree: Tree, service: Service) -> Iterator[tuple[str, str, Span]]:
    """Yield the variables of a service with the place that gives them: here, or the entry of `env_file`."""
    named = set()
    for pair in service.environment:
        named.add(pair.name)
        if pair.value is not None:
            yield pair.name, pair.value, (pair.node if isinstance(pair.node, Scalar) else pair.key).span
    for entry in _env_files(service):
        file = tree.env_file(inside(entry.base, entry.text)) if not entry.unknown else None
        for variable in file.variables if file is not None else ():
            if variable.name not in named:
                yield variable.name, variable.value, entry.span


def _env_files(service: Service) -> Iterator[Scalar]:
    node = service.node.get("env_file")
    for item in node.items if isinstance(node, Sequence) else (node,):
        path = item.get("path") if isinstance(item, Mapping) else item
        if isinstance(path, Scalar) and path.value is not None:
            yield path


def _hosts(name: str, value: str) -> Iterator[str]:
    """Yield the hosts that a value names: in its URLs, or by itself where the variable's name says it is a host."""
    authorities = _AUTHORITY.findall(value) or [found[1] or found[2] for found in _KEYED.finditer(value)]
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
