"""Pods that keep to the restricted security standard, with the limits that compose has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.blueprint.environment import REFERENCE, Environment
from bot.blueprint.kubernetes.probes import probes
from bot.blueprint.running import Running

# A fresh volume holds `lost+found`; these images want their data folder empty, or all of it their own.
_IN_A_SUBFOLDER: Final = frozenset({"mysql", "mariadb", "apache/kafka"})
_POSTGRES: Final = "postgres"


def pod(
    service: Running,
    before: Sequence[Running],
    environments: Mapping[str, Environment],
    settings: Mapping[str, str],
    image: str,
    secret: str,
) -> dict[str, Any]:
    """Return the pod's `spec`.

    Args:
        service: What runs.
        before: What must have ended well in the same pod before it.
        environments: Of each service.
        settings: The ConfigMap of each service that has one.
        image: What `service` and what runs before it are made of.
        secret: The name of the Secret with every key.
    """
    spec: dict[str, Any] = {
        "automountServiceAccountToken": False,
        # The variables that Kubernetes would add for each Service are named as some images' own settings are.
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": service.uid,
            "runAsGroup": service.gid,
            "fsGroup": service.gid,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }
    if before:
        spec["initContainers"] = [
            _container(one, environments[one.name], settings.get(one.name, ""), image, secret) for one in before
        ]
    main = _container(service, environments[service.name], settings.get(service.name, ""), image, secret)
    spec["containers"] = [main | probes(service)]
    if volumes := _volumes(service):
        spec["volumes"] = volumes
    return spec


def image_name(service: Running) -> str:
    """Return the repository of a stock image, without its tag."""
    return service.image.partition("@")[0].rpartition(":")[0]


def volume_name(name: str) -> str:
    """Return `name` as Kubernetes spells names."""
    return name.strip("/").replace("/", "-").replace("_", "-").replace(".", "-").lower()


def _container(service: Running, variables: Environment, settings: str, image: str, secret: str) -> dict[str, Any]:
    container: dict[str, Any] = {"name": service.name, "image": image}
    if service.command:
        container["args"] = list(service.command)
    if service.port:
        container["ports"] = [{"containerPort": service.port}]
    if settings:
        container["envFrom"] = [{"configMapRef": {"name": settings}}]
    if entries := [*_secret(variables, secret), *_own_variables(service)]:
        container["env"] = entries
    container["securityContext"] = {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": service.read_only,
        "capabilities": {"drop": ["ALL"]},
    }
    container["resources"] = {
        "requests": {"cpu": f"{round(service.cpus * 250)}m", "memory": f"{service.memory // 2}Mi"},
        "limits": {"cpu": f"{service.cpus:g}", "memory": f"{service.memory}Mi"},
    }
    if mounts := _mounts(service):
        container["volumeMounts"] = mounts
    return container


def _secret(variables: Environment, secret: str) -> list[dict[str, Any]]:
    """Return entries that refer to secrets; what is put together of them stands behind them, as Kubernetes asks."""
    whole = {name: value[2:-1] for name, value in variables.secret.items() if REFERENCE.fullmatch(value)}
    composed = {name: value for name, value in variables.secret.items() if name not in whole}
    whole |= {key: key for value in composed.values() for key in REFERENCE.findall(value)}
    return [
        *({"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}} for name, key in whole.items()),
        *({"name": name, "value": value} for name, value in composed.items()),
    ]


def _own_variables(service: Running) -> list[dict[str, str]]:
    if image_name(service) == _POSTGRES and service.volumes:
        return [{"name": "PGDATA", "value": f"{service.volumes[0][1]}/pgdata"}]
    return []


def _mounts(service: Running) -> list[dict[str, Any]]:
    mounts: list[dict[str, Any]] = []
    for name, path in service.volumes:
        mount = {"name": volume_name(name), "mountPath": path}
        mounts.append(mount | {"subPath": "data"} if image_name(service) in _IN_A_SUBFOLDER else mount)
    mounts += [{"name": volume_name(path), "mountPath": path} for path in service.writable]
    if service.shared_memory:
        mounts.append({"name": "shared-memory", "mountPath": "/dev/shm"})  # noqa: S108 - the pod's own
    mounts += [
        {"name": "files", "mountPath": path, "subPath": path.rpartition("/")[2], "readOnly": True}
        for _, path in service.files
    ]
    return mounts


def _volumes(service: Running) -> list[dict[str, Any]]:
    """Return the volumes of the pod, without those that a StatefulSet brings itself."""
    volumes: list[dict[str, Any]] = [{"name": volume_name(path), "emptyDir": {}} for path in service.writable]
    if service.shared_memory:
        size = f"{service.shared_memory}Mi"
        volumes.append({"name": "shared-memory", "emptyDir": {"medium": "Memory", "sizeLimit": size}})
    if service.files:
        volumes.append({"name": "files", "configMap": {"name": f"{service.name}-files"}})
    if service.directory:
        volumes += [
            {"name": volume_name(name), "persistentVolumeClaim": {"claimName": volume_name(name)}}
            for name, _ in service.volumes
        ]
    return volumes
