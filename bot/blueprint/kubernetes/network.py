"""Network policies: nothing talks to anything, except what was found to need it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from bot.blueprint.kubernetes.emit import Manifest
from bot.blueprint.kubernetes.workload import selects
from bot.blueprint.running import Running

# Ingress controllers live in a namespace of their own, which one is known to the cluster's owner alone.
INGRESS_LABEL: Final = "ingress-controller"
_PRIVATE: Final = ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"]


def policies(services: Sequence[Running], entrances: Sequence[str], *, external: bool) -> Iterator[Manifest]:
    """Yield the policies of a namespace.

    Args:
        services: All that run on.
        entrances: Names of those that the outside may ask, through an ingress controller.
        external: The applications call services outside of the cluster.
    """
    yield _policy("default-deny", {}, {"policyTypes": ["Ingress", "Egress"]})
    yield _policy("dns", {}, {"policyTypes": ["Egress"], "egress": [_dns()]})
    by_name = {service.name: service for service in services}
    for service in services:
        asked_by = [other.name for other in services if service.name in other.needs]
        asks = [by_name[name] for name in service.needs if name in by_name and by_name[name].port]
        ingress, egress = [], []
        if asked_by and service.port:
            ingress.append({"from": [{"podSelector": selects(name)} for name in asked_by], "ports": _ports(service)})
        if service.name in entrances:
            outside = {"namespaceSelector": {"matchLabels": {INGRESS_LABEL: "true"}}}
            ingress.append({"from": [outside], "ports": _ports(service)})
        egress += [{"to": [{"podSelector": selects(other.name)}], "ports": _ports(other)} for other in asks]
        if external and service.directory and "backend" in service.parts:
            egress.append(
                {
                    "to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": _PRIVATE}}],
                    "ports": [{"protocol": "TCP", "port": 443}],
                }
            )
        rules = {name: rule for name, rule in (("ingress", ingress), ("egress", egress)) if rule}
        if rules:
            yield _policy(
                service.name, selects(service.name), {"policyTypes": [name.capitalize() for name in rules], **rules}
            )


def _policy(name: str, pods: dict[str, Any], rest: dict[str, Any]) -> Manifest:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name},
        "spec": {"podSelector": pods, **rest},
    }


def _dns() -> dict[str, Any]:
    system = {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}
    return {
        "to": [{"namespaceSelector": system, "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}],
        "ports": [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")],
    }


def _ports(service: Running) -> list[dict[str, Any]]:
    return [{"protocol": "TCP", "port": service.port}]
