"""The plan: the resolved model made safe to run beside anything, and what each service is meant to do. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from bot.model.measured import Dependency, HealthCheck, ServiceRecord
from bot.model.redact import secret_values
from bot.verify.duration import seconds_of
from bot.verify.gate import Locate
from bot.verify.identity import OWNER_LABEL

_LOG: Final = {"driver": "json-file", "options": {"max-size": "64m", "max-file": "2"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedPort:
    """A port that the stack publishes: as named in the file (0: any), in the container, and the protocol."""

    service: str
    published: int
    target: int
    protocol: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BindMount:
    """A folder or file of the tree that a service sees; `source` absolute, `user` as in the compose file or ""."""

    service: str
    source: str
    read_only: bool
    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What will run.

    Attributes:
        project: The unique Compose project.
        model: The compose model to run, valid input for Compose.
        services: One record each, nothing seen yet.
        images: Image by service, for services that are not built.
        built: Image name by built service.
        secrets: Values that must not be shown.
        notes: What was changed for the verification, one sentence each.
    """

    project: str
    model: Mapping[str, Any]
    services: tuple[ServiceRecord, ...]
    images: Mapping[str, str]
    built: Mapping[str, str]
    ports: tuple[PublishedPort, ...]
    binds: tuple[BindMount, ...]
    secrets: tuple[str, ...]
    notes: tuple[str, ...]


def make_plan(config: Mapping[str, Any], *, project: str, owner: str, locate: Locate) -> Plan:
    """Plan the verification of a resolved model.

    Networks, volumes, ports, images and container names become the project's own, so that two verifications run side
    by side and none touches what is on the machine already. Nothing listens beyond loopback.
    """
    services: Mapping[str, Any] = config.get("services") or {}
    awaited = {
        need
        for service in services.values()
        for need, how in (service.get("depends_on") or {}).items()
        if how.get("condition") == "service_completed_successfully"
    }
    built = {name: f"{project}-{_safe(name)}" for name, service in services.items() if service.get("build")}
    renamed = {services[name]["image"]: image for name, image in built.items() if services[name].get("image")}
    notes: list[str] = []
    model: dict[str, Any] = {key: value for key, value in config.items() if key in {"configs", "secrets"}}
    model["name"] = project
    model["services"] = {
        name: _own_service(name, service, built=built, renamed=renamed, owner=owner, notes=notes)
        for name, service in services.items()
    }
    for kind in ("networks", "volumes"):
        model[kind] = {
            key: _own_resource(kind, key, value or {}, services=services, owner=owner, notes=notes)
            for key, value in (config.get(kind) or {}).items()
        }
    records = tuple(_record(name, service, locate, awaited=name in awaited) for name, service in services.items())
    return Plan(
        project=project,
        model=model,
        services=records,
        images={
            name: str(service["image"])
            for name, service in services.items()
            if name not in built and service.get("image") and service["image"] not in renamed
        },
        built=built,
        ports=tuple(port for name, service in services.items() for port in _ports(name, service)),
        binds=tuple(bind for name, service in services.items() for bind in _binds(name, service)),
        secrets=tuple(
            secret for service in services.values() for secret in secret_values(_unescaped(service.get("environment")))
        ),
        notes=tuple(notes),
    )


def without(plan: Plan, left_out: Mapping[str, str]) -> Plan:
    """Return the plan with services marked that cannot be started for want of an image, and why."""
    marked = tuple(replace(service, image_error=left_out.get(service.name, "")) for service in plan.services)
    return replace(plan, services=marked)


def startable(plan: Plan) -> tuple[str, ...]:
    """Return the services whose image, and whose dependencies' images, are there."""
    missing = {service.name for service in plan.services if service.image_error}
    needs = {service.name: [n.service for n in service.needs if n.required] for service in plan.services}
    grown = True
    while grown:
        more = {name for name, wanted in needs.items() if name not in missing and missing & set(wanted)}
        missing |= more
        grown = bool(more)
    return tuple(service.name for service in plan.services if service.name not in missing)


def _own_service(
    name: str,
    service: Mapping[str, Any],
    *,
    built: Mapping[str, str],
    renamed: Mapping[str, str],
    owner: str,
    notes: list[str],
) -> dict[str, Any]:
    dropped = {"container_name", "scale", "profiles", "pull_policy", "deploy"}
    own = {key: value for key, value in service.items() if key not in dropped}
    own["labels"] = {**(service.get("labels") or {}), OWNER_LABEL: owner}
    if name in built:
        build = dict(service["build"])
        build["labels"] = {**(build.get("labels") or {}), OWNER_LABEL: owner}
        build.pop("tags", None)
        own |= {"build": build, "image": built[name]}
    elif service.get("image") in renamed:
        own["image"] = renamed[service["image"]]
    own["ports"] = [
        {"target": port["target"], "protocol": port.get("protocol", "tcp"), "host_ip": "127.0.0.1", "published": "0"}
        for port in service.get("ports") or ()
    ]
    own.setdefault("logging", _LOG)
    deploy = dict(service.get("deploy") or {})
    if max(int(deploy.pop("replicas", 1) or 0), int(service.get("scale") or 1)) > 1:
        notes.append(f"`{name}` asks for several replicas; one was run.")
    if deploy:
        own["deploy"] = deploy
    return own


def _own_resource(
    kind: str,
    key: str,
    value: Mapping[str, Any],
    *,
    services: Mapping[str, Any],
    owner: str,
    notes: list[str],
) -> dict[str, Any]:
    word = kind[:-1]
    if value.get("external"):
        notes.append(f"The external {word} `{value.get('name') or key}` was replaced by a private, empty one.")
        return {"labels": {OWNER_LABEL: owner}}
    own = {name: setting for name, setting in value.items() if name not in {"name", "external"}}
    own["labels"] = {**(value.get("labels") or {}), OWNER_LABEL: owner}
    if kind == "networks" and not _pinned(key, services):
        own["ipam"] = _free_ipam(value.get("ipam") or {})
    return own


def _pinned(network: str, services: Mapping[str, Any]) -> bool:
    """Whether a service has a fixed address in `network`: then its range must stay."""
    return any(
        isinstance(joined := (service.get("networks") or {}).get(network), Mapping)
        and (joined.get("ipv4_address") or joined.get("ipv6_address"))
        for service in services.values()
    )


def _free_ipam(ipam: Mapping[str, Any]) -> dict[str, Any]:
    """Leave the choice of IPv4 ranges to the engine: two runs with the same one would collide."""
    kept = [part for part in ipam.get("config") or () if ":" in str(part.get("subnet", ""))]
    return {"config": kept} if kept else {}


def _record(name: str, service: Mapping[str, Any], locate: Locate, *, awaited: bool) -> ServiceRecord:
    written = service.get("healthcheck") or {}
    test = written.get("test") or []
    off = bool(written.get("disable")) or list(test)[:1] == ["NONE"]
    check = None
    if test and not off:
        check = HealthCheck(
            command=command_words(test),
            defined_in="compose",
            place=locate(name, "healthcheck"),
            interval=seconds_of(written.get("interval"), 30.0),
            timeout=seconds_of(written.get("timeout"), 30.0),
            retries=int(written.get("retries") or 3),
            start_period=seconds_of(written.get("start_period"), 0.0),
        )
    restart = restart_policy(service)
    ends = "restart" in service and restart == "no" and not service.get("ports")
    return ServiceRecord(
        name=name,
        image=str(service.get("image") or ""),
        built=bool(service.get("build")),
        one_shot=awaited or (ends and check is None),
        check=check,
        check_off=off,
        restart=restart,
        needs=tuple(
            Dependency(
                service=need,
                condition=how.get("condition", "service_started"),
                required=how.get("required", True) is not False,
            )
            for need, how in (service.get("depends_on") or {}).items()
        ),
        listens=tuple(dict.fromkeys(_numbers(service))),
        place=locate(name, ""),
    )


def restart_policy(service: Mapping[str, Any]) -> str:
    """Return `no`, `always`, `unless-stopped` or `on-failure`."""
    if "restart" in service:
        return str(service["restart"]).partition(":")[0] or "no"
    condition = ((service.get("deploy") or {}).get("restart_policy") or {}).get("condition")
    return {"any": "always", "on-failure": "on-failure"}.get(str(condition), "no")


def command_words(test: list[str] | str) -> str:
    """Return a check's command in one line, as a person would type it."""
    if isinstance(test, str):
        return test
    words = test[1:] if test[:1] in (["CMD"], ["CMD-SHELL"]) else test
    return " ".join(words).replace("$$", "$")


def _ports(name: str, service: Mapping[str, Any]) -> list[PublishedPort]:
    return [
        PublishedPort(
            service=name,
            published=int(found.group()) if (found := re.match(r"\d+", str(port.get("published") or "0"))) else 0,
            target=int(port["target"]),
            protocol=str(port.get("protocol") or "tcp"),
        )
        for port in service.get("ports") or ()
    ]


def _numbers(service: Mapping[str, Any]) -> list[int]:
    exposed = [int(str(port).partition("/")[0]) for port in service.get("expose") or () if str(port)[:1].isdigit()]
    return [int(port["target"]) for port in service.get("ports") or ()] + exposed


def _binds(name: str, service: Mapping[str, Any]) -> list[BindMount]:
    return [
        BindMount(
            service=name,
            source=str(volume["source"]),
            read_only=bool(volume.get("read_only")),
            user=str(service.get("user") or ""),
        )
        for volume in service.get("volumes") or ()
        if volume.get("type") == "bind" and volume.get("source")
    ]


def _unescaped(environment: Mapping[str, Any] | None) -> dict[str, str | None]:
    return {
        name: None if value is None else str(value).replace("$$", "$") for name, value in (environment or {}).items()
    }


def _safe(name: str) -> str:
    return re.sub(r"[^a-z0-9_.-]", "-", name.lower()).strip("-._") or "service"
