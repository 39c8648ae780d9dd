"""Which programs official images bring along.

Source: the Dockerfiles of the Docker Official Images (github.com/docker-library, github.com/nodejs/docker-node,
github.com/nginx/docker-nginx, github.com/caddyserver/caddy-docker, github.com/traefik/traefik-library-image), Alpine's
busybox configuration, and GoogleContainerTools/distroless; read for the versions of 2024 to 2026. What differs between
versions, or was not certain, stands under `unknown` and is never judged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from posixpath import basename
from typing import Final

# Programs that health checks use, and that therefore can be judged missing.
JUDGED: Final = frozenset(
    [
        "curl",
        "wget",
        "nc",
        "ncat",
        "netcat",
        "bash",
        "python",
        "python3",
        "node",
        "php",
        "redis-cli",
        "valkey-cli",
        "pg_isready",
        "psql",
        "mysqladmin",
        "mysql",
        "mariadb-admin",
        "mariadb",
        "healthcheck.sh",
        "mongosh",
        "mongo",
        "rabbitmq-diagnostics",
        "rabbitmqctl",
        "perl",
        "ruby",
        "telnet",
        "http",
        "jq",
        "grpc_health_probe",
        "cgi-fcgi",
        "bun",
        "deno",
    ]
)
_BUSYBOX: Final = frozenset({"sh", "wget", "nc"})
_DEBIAN: Final = frozenset({"sh", "bash", "perl"})
# buildpack-deps: what a "full" image has; python3 comes along with its build tools.
_FULL: Final = _DEBIAN | {"curl", "wget", "python3"}


@dataclass(frozen=True, slots=True)
class Tools:
    """Programs of an image: surely `present`, or `unknown`; every other of JUDGED is surely absent."""

    present: frozenset[str]
    unknown: frozenset[str] = frozenset()

    def has(self, program: str) -> bool | None:
        """Whether the image has `program`; None where that is not known."""
        if program in self.present:
            return True
        if program in self.unknown or program not in JUDGED | {"sh"}:
            return None
        return False


def _tools(base: frozenset[str], *more: str, unknown: tuple[str, ...] = ()) -> Tools:
    return Tools(base | set(more), frozenset(unknown))


@dataclass(frozen=True, slots=True)
class _Family:
    """Variants of one official image."""

    own: tuple[str, ...] = ()
    debian: frozenset[str] | None = _DEBIAN
    slim: frozenset[str] = _DEBIAN
    alpine: frozenset[str] | None = _BUSYBOX
    alpine_more: tuple[str, ...] = ()
    debian_more: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    full_unknown: tuple[str, ...] = ()


_NC_MAYBE: Final = ("nc", "ncat", "netcat", "jq", "ruby", "python")
_FAMILIES: Final[dict[str, _Family]] = {
    "alpine": _Family(debian=_BUSYBOX),
    "busybox": _Family(debian=_BUSYBOX),
    "debian": _Family(),
    "ubuntu": _Family(),
    "node": _Family(own=("node",), debian=_FULL, full_unknown=_NC_MAYBE),
    "python": _Family(own=("python", "python3"), debian=_FULL, full_unknown=_NC_MAYBE),
    "golang": _Family(debian=_DEBIAN | {"curl", "wget"}, full_unknown=(*_NC_MAYBE, "python3")),
    "rust": _Family(debian=_FULL, full_unknown=_NC_MAYBE),
    "ruby": _Family(own=("ruby",), debian=_FULL, full_unknown=("nc", "ncat", "netcat", "jq", "python")),
    # The PHP images install curl for their own build and keep it, on Alpine too.
    "php": _Family(own=("php", "curl"), unknown=("jq",)),
    "composer": _Family(own=("php", "curl", "bash"), debian=_BUSYBOX, unknown=("jq", "python3", "python", "perl")),
    "nginx": _Family(debian_more=("curl",), alpine_more=("curl",)),
    "httpd": _Family(unknown=("curl",)),
    "postgres": _Family(own=("pg_isready", "psql"), alpine_more=("bash",), unknown=("python3", "perl")),
    "redis": _Family(own=("redis-cli",), unknown=("perl",)),
    "valkey": _Family(own=("valkey-cli", "redis-cli"), unknown=("perl",)),
    "memcached": _Family(unknown=("perl",)),
    "rabbitmq": _Family(
        own=("rabbitmq-diagnostics", "rabbitmqctl"), alpine_more=("bash",), unknown=("python3", "python", "perl")
    ),
    "mongo": _Family(unknown=("perl", "python3", "python", "jq")),
    "mysql": _Family(
        own=("mysqladmin", "mysql", "bash"), debian=frozenset({"sh"}), alpine=None, unknown=("curl", "python3", "perl")
    ),
    "mariadb": _Family(own=("mariadb-admin", "mariadb", "healthcheck.sh"), alpine=None, unknown=("perl",)),
    "traefik": _Family(debian=_BUSYBOX),
    "caddy": _Family(debian=_BUSYBOX),
}
_DISTROLESS: Final = {
    "nodejs": ("node",),
    "python3": ("python", "python3"),
}
_DEBIAN_BASED_MARK: Final = re.compile(r"slim|bookworm|bullseye|trixie|buster|jammy|noble|focal")


def split_image(image: str) -> tuple[str, str]:
    """Return repository and tag of a reference; a digest is left out."""
    bare = image.partition("@")[0]
    head, slash, last = bare.rpartition("/")
    name, _, tag = last.partition(":")
    return f"{head}{slash}{name}".removeprefix("docker.io/").removeprefix("library/"), tag


def image_tools(image: str) -> Tools | None:
    """Return what an image brings along, or None for one that is not known here."""
    if image == "scratch":
        return Tools(frozenset())
    repository, tag = split_image(image)
    if repository.startswith("gcr.io/distroless/"):
        return _distroless(basename(repository), tag)
    if repository == "valkey/valkey":
        repository = "valkey"
    if repository in {"keycloak/keycloak", "quay.io/keycloak/keycloak"}:
        return _tools(frozenset({"sh", "bash"}), unknown=("perl",))
    if repository == "mcr.microsoft.com/dotnet/aspnet" and not re.search("alpine|chiseled|azurelinux|mariner", tag):
        return _tools(_DEBIAN)
    if repository == "oven/bun":
        alpine = "alpine" in tag
        return _tools(_BUSYBOX if alpine else _DEBIAN, "bun", unknown=("node", "curl", "wget", "python3"))
    if repository == "ghcr.io/astral-sh/uv" and "python" in tag:
        return image_tools("python:" + tag.removeprefix("python"))
    family = _FAMILIES.get(repository)
    if family is None:
        return None
    return _variant(repository, family, tag)


def _variant(repository: str, family: _Family, tag: str) -> Tools | None:
    if re.search(r"windows|nanoserver|otel|perl", tag):
        return None
    if "alpine" in tag:
        more = () if "alpine-slim" in tag else family.alpine_more
        tools = _tools(family.alpine, *family.own, *more, unknown=family.unknown) if family.alpine is not None else None
    elif "slim" in tag:
        tools = _tools(family.slim, *family.own, *family.debian_more, unknown=family.unknown)
    else:
        base = family.debian
        unknown = (*family.unknown, *family.full_unknown)
        tools = _tools(base, *family.own, *family.debian_more, unknown=unknown) if base is not None else None
    return _by_version(repository, tag, tools) if tools is not None else None


def _by_version(repository: str, tag: str, tools: Tools) -> Tools:
    """Apply what changed with a major version."""
    match = re.match(r"(\d+)", tag)
    major = int(match[1]) if match else None
    if repository == "mongo":
        if major is None or major == 5:
            return Tools(tools.present | {"mongosh"}, tools.unknown | {"mongo"})
        return Tools(tools.present | ({"mongosh"} if major >= 6 else {"mongo"}), tools.unknown)
    if repository == "mariadb":
        if major is not None and major >= 11:
            return tools  # mysqladmin and mysql are gone since 11.0
        if major is not None and re.match(r"10\.[0-3](?:\D|$)", tag):
            return Tools(
                tools.present, tools.unknown | {"mysqladmin", "mysql", "mariadb-admin", "mariadb", "healthcheck.sh"}
            )
        return Tools(tools.present, tools.unknown | {"mysqladmin", "mysql"})
    if repository == "mysql" and (major is None or major < 8):
        return Tools(tools.present, tools.unknown | {"perl", "curl", "wget"})
    return tools


def _distroless(name: str, tag: str) -> Tools:
    own = next((tools for prefix, tools in _DISTROLESS.items() if name.startswith(prefix)), ())
    if "debug" in tag:
        return _tools(_BUSYBOX, *own)
    # nodejs lies at /nodejs/bin/node, outside PATH in a health check's eyes: not judged.
    return Tools(frozenset(own) - {"node"}, frozenset({"node"} if "node" in own else set()))
