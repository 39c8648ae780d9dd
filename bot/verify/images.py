"""Images that a stack names: on this machine, fetched, or not to be had; and those that stand in for others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from bot.model.measured import StandIn
from bot.verify.compose import Running, spawn
from bot.verify.stop import Stop

if TYPE_CHECKING:
    from docker import APIClient

# An image that was built to replace an official one says so, and what it really holds.
STAND_IN_LABEL: Final = "groundwork.stand-in"
_AT_ONCE: Final = 4


def missing_images(client: APIClient, images: Iterable[str]) -> tuple[str, ...]:
    """Return those of `images` that this machine does not hold, each once."""
    from docker.errors import NotFound

    missing = []
    for image in dict.fromkeys(images):
        try:
            inspection(client, image)
        except NotFound:
            missing.append(image)
    return tuple(missing)


def fetch_images(images: Iterable[str], environment: Mapping[str, str], stop: Stop) -> Mapping[str, str]:
    """Fetch images from their registries; return Docker's words for each that could not be had.

    As child processes, for those can be ended: a registry that accepts and never answers would hold a thread for ever.
    """
    waiting = list(dict.fromkeys(images))
    under_way: dict[str, Running] = {}
    failed: dict[str, str] = {}
    while waiting or under_way:
        while waiting and len(under_way) < _AT_ONCE:
            image = waiting.pop(0)
            under_way[image] = spawn(("docker", "pull", "--quiet", image), environment)
        for image, running in list(under_way.items()):
            if not running.wait(0 if len(under_way) > 1 else stop.nap()) and not stop:
                continue
            ran = running.end()
            if not ran.ok:
                late = "the time was over before it was fetched"
                failed[image] = late if ran.status is None else " ".join(ran.lines)[-500:] or f"status {ran.status}"
            del under_way[image]
        if len(under_way) > 1:
            next(iter(under_way.values())).wait(stop.nap())
    return failed


def stand_ins(client: APIClient, images: Iterable[str]) -> tuple[StandIn, ...]:
    """Return the images whose label says that they stand in for the official ones."""
    from docker.errors import DockerException

    found: list[StandIn] = []
    for image in dict.fromkeys(images):
        try:
            labels = (inspection(client, image).get("Config") or {}).get("Labels") or {}
        except DockerException:
            continue
        if actual := labels.get(STAND_IN_LABEL):
            found.append(StandIn(image=image, actual=str(actual)))
    return tuple(found)


def health_checks(client: APIClient, images: Mapping[str, str]) -> Mapping[str, Mapping[str, Any]]:
    """Return what the image of each service says of its own health check; nothing for one that is not here."""
    from docker.errors import DockerException

    found: dict[str, Mapping[str, Any]] = {}
    for service, image in images.items():
        try:
            told = (inspection(client, image).get("Config") or {}).get("Healthcheck")
        except DockerException:
            continue
        if told:
            found[service] = told
    return found


def inspection(client: APIClient, image: str) -> Mapping[str, Any]:
    """Return what the engine says of an image.

    Raises:
        docker.errors.NotFound: it is not on this machine.
    """
    told: Mapping[str, Any] = client.inspect_image(image)  # type: ignore[no-untyped-call]
    return told


def image_size(client: APIClient, image: str) -> int:
    """Return an image's size in bytes, 0 where it is not there."""
    from docker.errors import DockerException

    try:
        return int(inspection(client, image).get("Size") or 0)
    except DockerException:
        return 0
