"""The stack for a cluster: every file below `src/kubernetes`, from the compose stack beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from bot.blueprint.choice import Choice
from bot.blueprint.compose import example_values, made_values
from bot.blueprint.environment import Environment, environment
from bot.blueprint.kubernetes.emit import manifest_file
from bot.blueprint.kubernetes.network import INGRESS_LABEL, policies
from bot.blueprint.kubernetes.overlay import FOLDER, KUSTOMIZATION, Overlay, overlay_files
from bot.blueprint.kubernetes.pod import pod
from bot.blueprint.kubernetes.workload import claims, workload
from bot.blueprint.library import Library
from bot.blueprint.running import Running, running
from bot.blueprint.skill import RenderedFile
from bot.blueprint.template import fill

_SKILL: Final = "kubernetes"
# The variable in which an application lists the names it answers to.
_HOSTS: Final = "ALLOWED_HOSTS"


def kubernetes_files(
    choice: Choice, files: Sequence[RenderedFile], library: Library, *, external: bool
) -> tuple[RenderedFile, ...]:
    """Return the manifests for `choice`, sorted by path.

    Args:
        choice: What is built.
        files: The rendered compose stack, which the manifests are made from.
        library: Where the README's template is.
        external: Whether the documents name services outside that the applications call.
    """
    # The proxy in front is the cluster's own ingress controller.
    every = [one for one in running(choice, {file.path: file for file in files}) if "proxy" not in one.parts]
    if not every:
        return ()
    lasting = [service for service in every if not service.once]
    entrances = [service for service in lasting if service.port and {"backend", "frontend"} & {*service.parts}]
    overlays = _overlays(choice)
    examples = _examples(choice, library, [host for one in overlays for host in one.hosts])
    secret = f"{choice.name}-secrets"
    environments = {service.name: environment(service, examples) for service in every}
    maps, settings = _settings(every, environments)
    images = {service.name: service.image or f"{choice.name}-{service.directory}" for service in every}
    rendered = [
        manifest_file(
            f"{FOLDER}/base/{service.name}.yaml",
            _why(service),
            [
                *_config_files(service, files),
                *workload(
                    service,
                    choice.name,
                    pod(service, _before(service, every), environments, settings, images[service.name], secret),
                ),
            ],
        )
        for service in lasting
    ]
    network = policies(lasting, [service.name for service in entrances], external=external)
    rendered.append(
        manifest_file(f"{FOLDER}/base/network.yaml", "Nothing talks to anything that it does not need.", [*network])
    )
    if shared := claims(every, choice.name):
        rendered.append(manifest_file(f"{FOLDER}/base/claims.yaml", "What applications keep on disk.", shared))
    rendered.append(_base(rendered, maps))
    built = list(dict.fromkeys(images[service.name] for service in every if service.directory))
    for overlay in overlays:
        rendered += overlay_files(overlay, entrances, built, choice.names["proxy"])
    rendered.append(_readme(choice, library, overlays, environments, built, secret))
    return tuple(sorted(rendered, key=lambda file: file.path))


def _overlays(choice: Choice) -> tuple[Overlay, Overlay]:
    return (
        Overlay(
            name="development",
            namespace=f"{choice.name}-development",
            hosts=(f"{choice.name}.localhost",),
            registry="",
            tag="development",
        ),
        Overlay(
            name="production",
            namespace=choice.name,
            hosts=choice.domains or (f"{choice.name}.example.com",),
            registry="registry.example.com/",
            tag="0.1.0",
        ),
    )


def _examples(choice: Choice, library: Library, hosts: Sequence[str]) -> dict[str, str]:
    values = example_values(choice, library)
    if _HOSTS in values:
        values[_HOSTS] = ",".join((values[_HOSTS], *hosts))
    return values


def _settings(
    services: Sequence[Running], environments: Mapping[str, Environment]
) -> tuple[dict[str, Mapping[str, str]], dict[str, str]]:
    """Return the ConfigMaps by name, and which of them each service reads: what is the same is told once."""
    maps: dict[str, Mapping[str, str]] = {}
    read: dict[str, str] = {}
    for service in services:
        told = environments[service.name].settings
        if not told:
            continue
        name = f"{service.directory or service.name}-settings"
        if maps.setdefault(name, told) != told:
            name = f"{service.name}-settings"
            maps[name] = told
        read[service.name] = name
    return maps, read


def _before(service: Running, every: Sequence[Running]) -> list[Running]:
    """Return what must have ended before `service`, in its pod: with the first that waits for it, and once."""
    found = []
    for one in every:
        waiting = [other.name for other in every if not other.once and one.name in other.needs]
        if one.once and waiting[:1] == [service.name]:
            found.append(one)
    return found


def _config_files(service: Running, files: Sequence[RenderedFile]) -> Iterator[dict[str, Any]]:
    if service.files:
        content = {file.path: file.content.decode() for file in files if file.path in dict(service.files)}
        data = {path.rpartition("/")[2]: content[source] for source, path in service.files}
        yield {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"{service.name}-files"}, "data": data}


def _why(service: Running) -> str:
    if service.directory:
        return f"{service.name}: the image of src/{service.directory}, production stage."
    return f"{service.name}: {service.image}, as in src/docker-compose.yml."


def _base(rendered: Sequence[RenderedFile], maps: Mapping[str, Mapping[str, str]]) -> RenderedFile:
    kustomization: dict[str, Any] = {
        **KUSTOMIZATION,
        "resources": sorted(file.path.rpartition("/")[2] for file in rendered),
    }
    if maps:
        # A map's name carries a hash of its content: a changed setting replaces the pods that read it.
        kustomization["configMapGenerator"] = [
            {"name": name, "literals": [f"{key}={value}" for key, value in told.items()]} for name, told in maps.items()
        ]
    return manifest_file(f"{FOLDER}/base/kustomization.yaml", "What both overlays share.", [kustomization])


def _readme(
    choice: Choice,
    library: Library,
    overlays: Sequence[Overlay],
    environments: Mapping[str, Environment],
    built: Sequence[str],
    secret: str,
) -> RenderedFile:
    made = made_values(choice, library)
    values = {
        "title": choice.title,
        "overlays": {overlay.name: overlay for overlay in overlays},
        "images": {image: image.removeprefix(f"{choice.name}-") for image in built},
        "secret": secret,
        "keys": {key: made[key] for one in environments.values() for key in one.keys},
        "ingress_label": INGRESS_LABEL,
        "sqlite": choice.names["database"] == "sqlite",
    }
    template = library.skills[_SKILL].files["readme.md.j2"].decode()
    return RenderedFile(path=f"{FOLDER}/README.md", content=f"{fill(template, values).strip()}\n".encode())
