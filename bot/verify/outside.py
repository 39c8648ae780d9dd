"""The outside view: what somebody gets who uses a published port."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

from bot.model.measured import Answer, ServiceRecord
from bot.verify.check_words import checked_path
from bot.verify.plan import PublishedPort

if TYPE_CHECKING:
    from docker import APIClient

_LOOPBACK: Final = "127.0.0.1"
_SECONDS: Final = 5.0
_QUIET: Final = 0.3
_MOST_HOPS: Final = 5
_AT_ONCE: Final = 16
# Servers that speak first or wait for their own protocol: an HTTP request would only fill their log with errors.
_NOT_HTTP: Final = frozenset(
    {21, 22, 25, 53, 110, 143, 389, 465, 587, 993, 995, 1433, 1521, 1883, 3306, 5432, 5671, 5672, 6379, 6432, 9000}
    | {9042, 9092, 11211, 26379, 27017, 33060}
)
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0"})  # noqa: S104 - compared, not bound


def ask_all(
    ports: Iterable[PublishedPort], moved: Mapping[tuple[str, int], int], services: Iterable[ServiceRecord]
) -> tuple[Answer, ...]:
    """Ask every published TCP port; `moved` tells where the engine put `(service, target)`."""
    by_name = {service.name: service for service in services}
    asked = [port for port in ports if port.protocol == "tcp"]
    jobs = [(port, path) for port in asked for path in _paths(port, by_name[port.service])]
    if not jobs:
        return ()
    back = {port.published: moved[at] for port in asked if (at := (port.service, port.target)) in moved}
    with ThreadPoolExecutor(max_workers=min(_AT_ONCE, len(jobs)), thread_name_prefix="outside") as pool:
        return tuple(pool.map(lambda job: ask(job[0], job[1], moved, back), jobs))


def _paths(port: PublishedPort, service: ServiceRecord) -> tuple[str, ...]:
    """Return what to ask for: the front door, and what the service's own check asks for on this port."""
    if port.target in _NOT_HTTP:
        return ("",)
    checked = checked_path(service.check.command, port.target) if service.check else ""
    return ("/", checked) if checked not in {"", "/"} else ("/",)


def ask(
    port: PublishedPort, path: str, moved: Mapping[tuple[str, int], int], back: Mapping[int, int] | None = None
) -> Answer:
    """Ask one port for one path ("" for TCP only); HTTP where it speaks it, TCP where it does not."""
    answer = Answer(
        service=port.service,
        published=port.published,
        target=port.target,
        protocol="http" if path else "tcp",
        path=path,
    )
    actual = moved.get((port.service, port.target))
    if actual is None:
        return replace(answer, error="the port was not open: the container was not running")
    begun = time.monotonic()
    if path:
        told = _http(answer, actual, back or {}, begun)
        if told is not None:
            return told
    error = _tcp(actual)
    return replace(
        answer, protocol="tcp", path="", ok=not error, error=error, seconds=round(time.monotonic() - begun, 4)
    )


def _http(answer: Answer, actual: int, back: Mapping[int, int], begun: float) -> Answer | None:
    """Follow the redirect chain; None where the port does not speak HTTP."""
    port, path, secure = actual, answer.path, answer.target in {443, 8443}
    host = f"localhost:{answer.published}" if answer.published else "localhost"
    hops: list[str] = []
    while True:
        try:
            status, location = _get(port, path, host, secure=secure)
        except (http.client.BadStatusLine, http.client.LineTooLong, ValueError):
            return None
        except TimeoutError:
            return replace(answer, hops=tuple(hops), error=f"no answer within {_SECONDS:.0f} s", seconds=_SECONDS)
        except (OSError, http.client.HTTPException):
            return None
        answer = replace(
            answer, status=status, hops=tuple(hops), seconds=round(time.monotonic() - begun, 4), ok=status < 500
        )
        if status not in {301, 302, 303, 307, 308} or not location:
            return answer if answer.ok else replace(answer, error=f"HTTP {status}")
        if len(hops) >= _MOST_HOPS:
            return replace(answer, ok=False, error=f"redirected more than {_MOST_HOPS} times")
        target = urlsplit(urljoin(f"{'https' if secure else 'http'}://{host}{path}", location))
        named = target.port or (443 if target.scheme == "https" else 80)
        if (target.hostname or "") not in _LOCAL or (named != answer.published and named not in back):
            return replace(answer, hops=(*hops, location[:300]))  # leads away: it answered, the rest is not ours
        port, secure = back.get(named, actual), target.scheme == "https"
        path = (target.path or "/") + (f"?{target.query}" if target.query else "")
        hops.append(path)


def _get(port: int, path: str, host: str, *, secure: bool) -> tuple[int, str]:
    connection: http.client.HTTPConnection
    if secure:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # whether it answers; who it is cannot be known on loopback
        connection = http.client.HTTPSConnection(_LOOPBACK, port, timeout=_SECONDS, context=context)
    else:
        connection = http.client.HTTPConnection(_LOOPBACK, port, timeout=_SECONDS)
    try:
        connection.request("GET", path, headers={"Host": host, "User-Agent": "groundwork-verify", "Accept": "*/*"})
        response = connection.getresponse()
        response.read(65536)
        return response.status, response.getheader("Location") or ""
    finally:
        connection.close()


def _tcp(port: int) -> str:
    """Return "" where something listens, else why not; Docker's proxy accepts for a container that does not listen."""
    try:
        with socket.create_connection((_LOOPBACK, port), timeout=_SECONDS) as connection:
            connection.settimeout(_QUIET)
            try:
                greeting = connection.recv(64)
            except TimeoutError:
                return ""  # it waits for us to speak
            return "" if greeting else "the connection was closed at once: nothing listens in the container"
    except ConnectionResetError:
        return "the connection was reset: nothing listens in the container"
    except OSError as error:
        return f"no connection: {error.strerror or error}"


def moved_ports(client: APIClient, containers: Mapping[str, str]) -> Mapping[tuple[str, int], int]:
    """Return where the engine put the published ports: by service and container port, the port on loopback."""
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    found: dict[tuple[str, int], int] = {}
    for service, container in containers.items():
        try:
            ports = client.inspect_container(container)["NetworkSettings"].get("Ports") or {} if container else {}
        except (DockerException, RequestException):
            continue
        for target, places in ports.items():
            number, _, protocol = target.partition("/")
            if places and protocol == "tcp":
                found[service, int(number)] = int(places[0]["HostPort"])
    return found
