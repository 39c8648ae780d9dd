"""Reads what describes how a project runs: compose files, Dockerfiles, Kubernetes manifests, hosts' own files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Final

from bot.brief.lexicon import data, topics
from bot.brief.mention import Mention

Reader = Callable[[str, str], Iterator[Mention]]

COMPOSE: Final = re.compile(r"(?:docker-)?compose[\w.-]*\.ya?ml")
_IMAGE: Final = re.compile(
    r"\s*(?:-\s*)?image:\s*[\"']?(?:docker\.io/)?(?:library/)?([\w./-]+?)(?::[\w.${}:-]+)?(?:@sha256:\w+)?[\"']?\s*(?:#.*)?$"
)


def manifest_mention(name: str, path: str, line: int, quote: str, *, weight: float = 1.0) -> Mention:
    """Return the mention that a manifest makes of `name`: it runs, and it runs here."""
    return Mention(
        name=name,
        topic=topics().get(name, "extra"),
        path=path,
        line=line,
        quote=" ".join(quote.split())[:160] or path,
        stance="asserted",
        weight=weight,
        local=True,
        source="manifest",
    )


def read_compose(path: str, text: str) -> Iterator[Mention]:
    """Yield Docker Compose, and the systems whose images the file names."""
    yield manifest_mention("docker-compose", path, 1, _first(text))
    yield from _images(path, text)


def read_kubernetes(path: str, text: str) -> Iterator[Mention]:
    """Yield Kubernetes and the images' systems, where the file is a manifest."""
    if "apiVersion:" in text and "kind:" in text:
        yield manifest_mention("kubernetes", path, 1, _first(text))
        yield from _images(path, text)


def read_dockerfile(path: str, text: str) -> Iterator[Mention]:
    """Yield Docker."""
    yield manifest_mention("docker", path, 1, _first(text), weight=0.8)


def _whole(name: str) -> Reader:
    def read(path: str, text: str) -> Iterator[Mention]:
        yield manifest_mention(name, path, 1, _first(text))

    return read


def _images(path: str, text: str) -> Iterator[Mention]:
    for number, line in enumerate(text.split("\n"), 1):
        match = _IMAGE.match(line)
        name = _systems().get(match[1]) if match else None
        if name:
            yield manifest_mention(name, path, number, line)


@cache
def _systems() -> dict[str, str]:
    return {image: name for name, images in data("packages.toml")["image"].items() for image in images}


def _first(text: str) -> str:
    return text.lstrip().split("\n", 1)[0]


DEPLOYMENTS: Final[dict[str, Reader]] = {
    "vercel.json": _whole("vercel"),
    "serverless.yml": _whole("serverless"),
    "serverless.yaml": _whole("serverless"),
    "wrangler.toml": _whole("serverless"),
    "netlify.toml": _whole("netlify"),
    "Chart.yaml": _whole("kubernetes"),
    "kustomization.yaml": _whole("kubernetes"),
    "Caddyfile": _whole("caddy"),
}
