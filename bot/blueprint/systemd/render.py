"""The stack for one machine: every file below `src/systemd`, from the compose stack beside it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.blueprint.choice import Choice
from bot.blueprint.compose import example_values, made_values
from bot.blueprint.condition import holds
from bot.blueprint.environment import Environment, environment
from bot.blueprint.graph import distinct
from bot.blueprint.library import Library
from bot.blueprint.running import Running, running
from bot.blueprint.skill import Host, RenderedFile, Skill
from bot.blueprint.systemd.command import exec_start, of_image, wait_for
from bot.blueprint.systemd.settings import at_home, secret_lines, settings_file
from bot.blueprint.template import fill

FOLDER: Final = "src/systemd"
_SKILL: Final = "systemd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What a machine runs of a choice.

    Attributes:
        project: The name of units, user and folders: short enough for a user's name.
        own: Applications and workers, each a unit of ours.
        served: The application whose built files the proxy serves by itself, or None.
        stock: What the distribution runs.
        environments: Of each service in `own`, with this machine's addresses.
        secrets: The keys of all secrets, those of stock services included.
        external: The applications call services outside.
    """

    project: str
    title: str
    domains: tuple[str, ...]
    own: tuple[Running, ...]
    served: Skill | None
    stock: tuple[Skill, ...]
    environments: Mapping[str, Environment]
    secrets: tuple[str, ...]
    external: bool

    def host(self, service: Running) -> Host:
        """Return how `service` runs here."""
        return service.skill.host or Host()

    def unit(self, name: str) -> str:
        """Return the name of the unit of the service `name`."""
        return f"{self.project}-{name}.service"


def user_name(project: str) -> str:
    """Return `project` as a system user may be called: at most 28 characters, and no digit first."""
    name = project if project[0].isalpha() else f"app-{project}"
    return name[:28].strip("-")


def not_known(choice: Choice) -> tuple[Skill, ...]:
    """Return the skills of `choice` of which nobody has said how they run without containers."""
    proxy = choice.skills.get("proxy")
    return tuple(skill for skill in distinct(choice) if skill is not proxy and skill.services and skill.host is None)


def from_vendor(choice: Choice) -> tuple[Skill, ...]:
    """Return the skills of `choice` whose software Debian does not package."""
    return tuple(skill for skill in distinct(choice) if skill.host and skill.host.unit and not skill.host.packages)


def systemd_files(
    choice: Choice, files: Sequence[RenderedFile], library: Library, *, external: bool
) -> tuple[RenderedFile, ...]:
    """Return units, settings, site, install script and README for `choice`, sorted by path; () without an application.

    Args:
        choice: What is built.
        files: The rendered compose stack, which they are made from.
        library: Where the templates are.
        external: Whether the documents name services outside that the applications call.
    """
    machine = _machine(choice, files, library, external=external)
    if not machine.own and not machine.served:
        return ()
    templates = library.skills[_SKILL].files

    def filled(path: str, template: str, values: Mapping[str, Any]) -> RenderedFile:
        text = fill(
            templates[f"{template}.j2"].decode(), {"project": machine.project, "title": machine.title, **values}
        )
        return RenderedFile(
            path=f"{FOLDER}/{path}", content=f"{text.strip()}\n".encode(), mode=0o755 if path.endswith(".sh") else 0o644
        )

    rendered = [
        filled(f"units/{machine.unit(service.name)}", "service", _unit(service, machine)) for service in machine.own
    ]
    rendered.append(filled(f"units/{machine.project}.target", "target", {}))
    page = next((page for page in map(_page, machine.own) if page), "")
    if page:
        rendered.append(filled(f"units/{machine.project}-health.service", "health.service", {"page": page}))
        rendered.append(filled(f"units/{machine.project}-health.timer", "health.timer", {}))
    settings: dict[str, str] = {}
    for one in machine.environments.values():
        settings |= one.settings
    rendered.append(settings_file(f"{FOLDER}/settings.env", settings))
    rendered.append(filled("site.conf", "site.conf", _site(machine)))
    names = [file.path.rpartition("/")[2] for file in rendered if "/units/" in file.path]
    values = _install(machine, choice, library, names)
    rendered.append(filled("install.sh", "install.sh", values))
    rendered.append(filled("README.md", "readme.md", values | {"units": dict(_units(machine, names))}))
    return tuple(sorted(rendered, key=lambda file: file.path))


def _machine(choice: Choice, files: Sequence[RenderedFile], library: Library, *, external: bool) -> Machine:
    every = running(choice, {file.path: file for file in files})
    own = tuple(
        service for service in every if service.directory and service.skill.host and not service.skill.host.static
    )
    project = user_name(choice.name)
    examples = example_values(choice, library)
    if "ALLOWED_HOSTS" in examples:
        examples["ALLOWED_HOSTS"] = ",".join((examples["ALLOWED_HOSTS"], *choice.domains))
    environments = {}
    for service in own:
        told = environment(service, examples)
        home = {
            kind: {name: at_home(value, every, f"/var/lib/{project}") for name, value in values.items()}
            for kind, values in (("settings", told.settings), ("secret", told.secret))
        }
        environments[service.name] = Environment(settings=home["settings"], secret=home["secret"], keys=told.keys)
    return Machine(
        project=project,
        title=choice.title,
        domains=choice.domains,
        own=own,
        served=next((skill for skill in distinct(choice) if skill.host and skill.host.static), None),
        stock=tuple(skill for skill in distinct(choice) if skill.host and skill.host.unit),
        environments=environments,
        secrets=tuple(dict.fromkeys(key for one in every for key in environment(one, examples).keys)),
        external=external,
    )


def _unit(service: Running, machine: Machine) -> dict[str, Any]:
    host = machine.host(service)
    home = f"/opt/{machine.project}/{service.directory}"
    units = {one.services[0].name: one.host.unit for one in machine.stock if one.host}
    stock = [units[name] for name in service.needs if name in units]
    first = [machine.unit(one.name) for one in machine.own if one.once and one.name in service.needs]
    check = service.check
    patience = math.ceil(check.start_period + check.interval * check.retries) if check else 0
    return {
        "why": f"{service.name}: src/{service.directory}, as its production image would run it.",
        "service": service,
        "once": service.once,
        "after": [*stock, *first],
        "wants": stock,
        "requires": first,
        "folder": f"{home}/{host.runs_in}".rstrip("/"),
        "secrets": bool(machine.environments[service.name].secret),
        "environment": {**of_image(service, home), **host.environment},
        "command": exec_start(service, host, home),
        "wait": wait_for(check, patience, service, home) if check else "",
        "patience": patience + 15,
        "cpu": round(service.cpus * 100),
        "state": bool(service.volumes),
        "denies_writable_code": not host.compiles,
        "external": machine.external,
    }


def _page(service: Running) -> str:
    """Return the page that says whether `service` is well, "" where it has none."""
    port, path = (service.check.page if service.check else None) or (service.port, "/health")
    return f"http://127.0.0.1:{port}{path}" if port and service.check else ""


def _site(machine: Machine) -> dict[str, Any]:
    ports = {service.name: service.port for service in machine.own if service.port}
    served = machine.served
    static = f"/opt/{machine.project}/{served.directory}/{served.host.static}" if served and served.host else ""
    return {
        "domains": machine.domains,
        "backend_port": ports.get("backend", 0),
        "frontend_port": ports.get("frontend", 0),
        "static": static,
    }


def _install(machine: Machine, choice: Choice, library: Library, names: Sequence[str]) -> dict[str, Any]:
    built = {service.directory: machine.host(service) for service in machine.own}
    if machine.served and machine.served.host:
        built[machine.served.directory] = machine.served.host
    hosts = [*built.values(), *(skill.host for skill in machine.stock if skill.host)]
    setups = {skill.title: skill.host.setup.strip() for skill in machine.stock if skill.host and skill.host.setup}
    secret: dict[str, str] = {}
    for one in machine.environments.values():
        secret |= one.secret
    text = "\n".join(setups.values())
    used = {key for one in machine.environments.values() for key in one.keys}
    made = made_values(choice, library)
    keys = {key: made[key] for key in machine.secrets if key in used or f"${key}" in text}
    return {
        "domains": machine.domains,
        "packages": list(dict.fromkeys(package for host in hosts for package in _packages(host, choice))),
        "unused": [host.unused for host in hosts if host.unused],
        "programs": {host.program: host for host in hosts if host.program},
        "vendor": [skill.host.unit for skill in machine.stock if skill.host and not skill.host.packages],
        "units_of_stock": [skill.host.unit for skill in machine.stock if skill.host],
        "keys": keys,
        "secret_lines": list(secret_lines(secret)),
        "setups": setups,
        "names": {
            name: value
            for name, value in example_values(choice, library).items()
            if f"${name}" in text and name not in keys
        },
        "builds": {directory: host.build for directory, host in built.items()},
        "asked": "/health" if any(service.port and service.directory == "backend" for service in machine.own) else "/",
        "enabled": [name for name in names if not name.endswith("-health.service")],
        "lasting": [machine.unit(service.name) for service in machine.own],
    }


def _packages(host: Host, choice: Choice) -> Iterator[str]:
    yield from host.packages
    chosen = {str(part): name for part, name in choice.names.items()}
    for condition, names in host.packages_when.items():
        if holds(condition, chosen):
            yield from names


def _units(machine: Machine, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    yield f"{machine.project}.target", "starts and stops all of it"
    for service in machine.own:
        listens = f"listens on 127.0.0.1:{service.port}" if service.port else "works in the background"
        yield machine.unit(service.name), "runs once before the others, at each start" if service.once else listens
    if f"{machine.project}-health.timer" in names:
        yield f"{machine.project}-health.timer", "asks the health page every minute"
    for skill in machine.stock:
        if skill.host:
            yield skill.host.unit, f"{skill.title}, from {'Debian' if skill.host.packages else 'its vendor'}"
    yield "nginx.service", "serves the built files and passes the rest on" if machine.served else "passes requests on"
