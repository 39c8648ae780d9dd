"""Images that a stack names: on this machine, fetched, or not to be had; and those that stand in for others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from bot.model.measured import StandIn
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


def fetch_images(client: APIClient, images: Iterable[str], stop: Stop) -> Mapping[str, str]:
    """Fetch images from their registries; return the engine's words for each that could not be had."""
    wanted = tuple(images)
    if not wanted:
        return {}
    with ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="pull") as pool:
        words = pool.map(lambda image: _fetch(client, image, stop), wanted)
        return {image: said for image, said in zip(wanted, words, strict=True) if said}


def _fetch(client: APIClient, image: str, stop: Stop) -> str:
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    if image.startswith("sha256:"):
        return "an image id cannot be fetched"
    name, tag = _reference(image)
    try:
        for line in client.pull(name, tag=tag, stream=True, decode=True):
            if "error" in line:
                return str(line["error"])[:500]
            if stop:
                return "the time was over before it was fetched"
    except (DockerException, RequestException) as error:
        return str(getattr(error, "explanation", None) or error)[:500]
    return ""


def _reference(image: str) -> tuple[str, str]:
    name, at, digest = image.partition("@")
    if at:
        return name, digest
    head, colon, tag = image.rpartition(":")
    return (head, tag) if colon and "/" not in tag else (image, "latest")


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
