"""Overlays: what differs between a cluster for development and the one that users reach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from bot.blueprint.kubernetes.emit import Manifest, manifest_file
from bot.blueprint.kubernetes.workload import selects
from bot.blueprint.running import Running
from bot.blueprint.skill import RenderedFile

FOLDER: Final = "src/kubernetes"
KUSTOMIZATION: Final = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}
_CLASSES: Final = frozenset({"nginx", "traefik", "caddy"})
_WHAT: Final = {
    "development": "For a cluster on your machine: images as you built them, one pod of each.",
    "production": "For users: put your registry and the tag of a release under `images`.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """One overlay: its name, its namespace, the names it answers to, where its images come from."""

    name: Literal["development", "production"]
    namespace: str
    hosts: tuple[str, ...]
    registry: str
    tag: str

    @property
    def production(self) -> bool:
        """Whether users reach it."""
        return self.name == "production"


def overlay_files(
    overlay: Overlay, entrances: Sequence[Running], images: Sequence[str], proxy: str
) -> Iterator[RenderedFile]:
    """Yield the files of `overlay`; `images` are those we build, `proxy` what the documents name as the proxy."""
    folder = f"{FOLDER}/overlays/{overlay.name}"
    resources = ["../../base", "namespace.yaml"]
    if entrances:
        resources.append("ingress.yaml")
        yield manifest_file(f"{folder}/ingress.yaml", "Where the stack answers.", [_ingress(overlay, entrances, proxy)])
    several = [one for one in entrances if not one.volumes] if overlay.production else []
    if several:
        resources.append("disruption.yaml")
        yield manifest_file(
            f"{folder}/disruption.yaml",
            "While a node is emptied, one pod of each keeps answering.",
            [_budget(one) for one in several],
        )
    yield manifest_file(
        f"{folder}/namespace.yaml",
        "A namespace in which the cluster itself refuses pods that could leave their box.",
        [_namespace(overlay.namespace)],
    )
    kustomization: dict[str, Any] = {**KUSTOMIZATION, "namespace": overlay.namespace, "resources": resources}
    if images:
        kustomization["images"] = [
            {"name": image, "newName": f"{overlay.registry}{image}", "newTag": overlay.tag} for image in images
        ]
    if several:
        kustomization["replicas"] = [{"name": one.name, "count": 2} for one in several]
    yield manifest_file(f"{folder}/kustomization.yaml", _WHAT[overlay.name], [kustomization])


def _ingress(overlay: Overlay, entrances: Sequence[Running], proxy: str) -> Manifest:
    named = {service.name: service for service in entrances}
    back, front = named.get("backend"), named.get("frontend")
    paths = []
    if back and front:
        paths = [_path("/api", "Prefix", back), _path("/health", "Exact", back), _path("/", "Prefix", front)]
    else:
        paths = [_path("/", "Prefix", service) for service in (front or back,) if service]
    spec: dict[str, Any] = {"ingressClassName": proxy} if proxy in _CLASSES else {}
    if overlay.production:
        spec["tls"] = [{"hosts": list(overlay.hosts), "secretName": f"{overlay.namespace}-tls"}]
    spec["rules"] = [{"host": host, "http": {"paths": paths}} for host in overlay.hosts]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "entrance"},
        "spec": spec,
    }


def _path(path: str, kind: str, service: Running) -> dict[str, Any]:
    backend = {"service": {"name": service.name, "port": {"number": service.port}}}
    return {"path": path, "pathType": kind, "backend": backend}


def _namespace(name: str) -> Manifest:
    standard = "pod-security.kubernetes.io"
    labels = {f"{standard}/enforce": "restricted", f"{standard}/warn": "restricted"}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def _budget(service: Running) -> Manifest:
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": service.name},
        "spec": {"minAvailable": 1, "selector": selects(service.name)},
    }
