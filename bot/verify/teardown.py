"""Takes a stack down, whatever state it is in, and says what is still there."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bot.verify.identity import OWNER_LABEL, is_abandoned

if TYPE_CHECKING:
    from docker import APIClient

_ROUNDS: Final = 3
_PAUSE: Final = 0.3
_AT_ONCE: Final = 6


def take_down(client: APIClient, label: str) -> tuple[str, ...]:
    """Remove every container, network, volume and image with `label`; return what is still there.

    In rounds: an engine that was restarted, or a Compose that was killed, may finish something late.
    """
    for number in range(_ROUNDS):
        with ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="teardown") as pool:
            for _, things in groupby(_labelled(client, label), key=lambda one: one[0]):
                list(pool.map(lambda one: _quietly(one[2]), things))
        left = tuple(f"{kind} {name}" for kind, name, _ in _labelled(client, label))
        if not left:
            return ()
        if number + 1 < _ROUNDS:
            time.sleep(_PAUSE)
    return left


def owner_label(owner: str) -> str:
    """Return the filter that finds all of an owner, images included."""
    return f"{OWNER_LABEL}={owner}"


def _labelled(client: APIClient, label: str) -> Iterable[tuple[str, str, Callable[[], Any]]]:
    """Return what carries `label`, in the order in which it can be removed."""
    wanted = {"label": label}
    found: list[tuple[str, str, Callable[[], Any]]] = []
    found += [
        ("container", _name(one), _remover(client.remove_container, one["Id"], v=True, force=True))
        for one in client.containers(all=True, filters=wanted)
    ]
    found += [
        ("network", str(one.get("Name")), _remover(client.remove_network, one["Id"]))
        for one in client.networks(filters=wanted)
    ]
    found += [
        ("volume", str(one["Name"]), _remover(client.remove_volume, one["Name"], force=True))
        for one in client.volumes(filters=wanted).get("Volumes") or ()
    ]
    found += [
        ("image", str(tag), _remover(client.remove_image, tag, force=True))
        for one in client.images(filters=wanted, all=False)
        for tag in one.get("RepoTags") or [one["Id"]]
    ]
    return found


def _name(container: Mapping[str, Any]) -> str:
    return str((container.get("Names") or [container["Id"]])[0]).lstrip("/")


def _remover(remove: Callable[..., Any], *arguments: Any, **named: Any) -> Callable[[], Any]:
    return lambda: remove(*arguments, **named)


def _quietly(remove: Callable[[], Any]) -> None:
    """Remove; what cannot be removed is found again by whoever looks afterwards."""
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    try:
        remove()
    except (DockerException, RequestException):
        return


def sweep(client: APIClient) -> tuple[str, ...]:
    """Remove what killed verifications left on this engine; return what would not go."""
    owners: set[str] = set()
    for one in (
        *client.containers(all=True, filters={"label": OWNER_LABEL}),
        *client.networks(filters={"label": OWNER_LABEL}),
        *(client.volumes(filters={"label": OWNER_LABEL}).get("Volumes") or ()),
        *client.images(filters={"label": OWNER_LABEL}, all=False),
    ):
        label = str((one.get("Labels") or {}).get(OWNER_LABEL, ""))
        if label and is_abandoned(label):
            owners.add(label)
    return tuple(left for owner in sorted(owners) for left in take_down(client, owner_label(owner)))


def remove_tree(folder: Path, client: APIClient | None, images: Iterable[str]) -> bool:
    """Remove a private tree; files that only root may remove go through a container. Return whether it is gone."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists() and client is not None and os.getuid():
        for image in images:
            if _remove_inside(client, folder, image):
                shutil.rmtree(folder, ignore_errors=True)
            if not folder.exists():
                break
    return not folder.exists()


def _remove_inside(client: APIClient, folder: Path, image: str) -> bool:
    """Empty `folder` as root in a container of an image that is there anyway; it needs a `sh`."""
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    container = ""
    try:
        made = client.create_container(
            image,
            entrypoint=["sh", "-c", "rm -rf /gone/tree"],
            command=[],
            user="0",
            network_disabled=True,
            host_config=client.create_host_config(binds=[f"{folder}:/gone"], network_mode="none"),
        )
        container = made["Id"]
        client.start(container)
        return int(client.wait(container, timeout=60)["StatusCode"]) == 0
    except (DockerException, RequestException):
        return False
    finally:
        if container:
            _quietly(_remover(client.remove_container, container, force=True, v=True))
