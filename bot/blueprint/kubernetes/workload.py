"""Workloads: each service as a Deployment or StatefulSet, with its Service; the claims of all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from bot.blueprint.kubernetes.emit import Manifest
from bot.blueprint.kubernetes.pod import volume_name
from bot.blueprint.running import Running

_SIZE: Final = "5Gi"
NAME_LABEL: Final = "app.kubernetes.io/name"
PROJECT_LABEL: Final = "app.kubernetes.io/part-of"


def workload(service: Running, project: str, spec: dict[str, Any]) -> Iterator[Manifest]:
    """Yield the manifests of `service`, whose pods have `spec`."""
    if service.port:
        yield _service(service, project)
    if _keeps_data(service):
        yield _stateful_set(service, project, spec)
        return
    yield _deployment(service, project, spec)


def claims(services: Sequence[Running], project: str) -> list[Manifest]:
    """Return the claims that the pods of several workloads share: a SQLite file is the worker's and the back end's."""
    names = dict.fromkeys(name for service in services if service.directory for name, _ in service.volumes)
    return [_object("v1", "PersistentVolumeClaim", volume_name(name), project, spec=_claim()) for name in names]


def selects(name: str) -> dict[str, Any]:
    """Return the selector of the pods of the service `name`."""
    return {"matchLabels": {NAME_LABEL: name}}


def _keeps_data(service: Running) -> bool:
    """Tell whether each pod has data of its own; the volumes of an application's are shared by its pods."""
    return bool(service.volumes) and not service.directory


def _object(api: str, kind: str, name: str, project: str, **rest: Any) -> Manifest:
    labels = {NAME_LABEL: name, PROJECT_LABEL: project}
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "labels": labels}, **rest}


def _template(service: Running, project: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"metadata": {"labels": {NAME_LABEL: service.name, PROJECT_LABEL: project}}, "spec": spec}


def _service(service: Running, project: str) -> Manifest:
    spec: dict[str, Any] = {
        "selector": {NAME_LABEL: service.name},
        "ports": [{"port": service.port, "targetPort": service.port}],
    }
    if _keeps_data(service):
        # One pod, found by name, also by itself before it is ready: a Kafka broker is its own controller.
        spec = {"clusterIP": "None", "publishNotReadyAddresses": True, **spec}
    return _object("v1", "Service", service.name, project, spec=spec)


def _deployment(service: Running, project: str, spec: dict[str, Any]) -> Manifest:
    # What answers is replaced one by one. A scheduler must never run twice, and a claim has one holder.
    rolls = bool(service.port) and not service.volumes
    strategy: dict[str, Any] = {"type": "Recreate"}
    if rolls:
        strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    return _object(
        "apps/v1",
        "Deployment",
        service.name,
        project,
        spec={
            "replicas": 1,
            "revisionHistoryLimit": 3,
            "strategy": strategy,
            "selector": selects(service.name),
            "template": _template(service, project, spec),
        },
    )


def _stateful_set(service: Running, project: str, spec: dict[str, Any]) -> Manifest:
    return _object(
        "apps/v1",
        "StatefulSet",
        service.name,
        project,
        spec={
            "serviceName": service.name,
            "replicas": 1,
            "selector": selects(service.name),
            "template": _template(service, project, spec),
            "volumeClaimTemplates": [
                {"metadata": {"name": volume_name(name)}, "spec": _claim()} for name, _ in service.volumes
            ],
        },
    )


def _claim() -> dict[str, Any]:
    return {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": _SIZE}}}
