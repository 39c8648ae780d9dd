"""What nginx hands on: to which server a path goes, and as which path."""

from __future__ import annotations

import re
from typing import Final

from bot.check.sources.nginx_conf import Directive, location_of

_PROXY: Final = re.compile(r"https?://([\w.-]+)(?::\d+)?(/[^\s$]*)?\Z")
_FASTCGI: Final = re.compile(r"([\w.-]+):\d+\Z")
_FRONT: Final = re.compile(r"/\w+\.php(?:[?$].*)?\Z")


def handed_on(directives: list[Directive], server: Directive, path: str) -> tuple[str, str] | None:
    """Return the host that answers `path` for a server, and the path it is asked for; None where nginx keeps it."""
    location = location_of(server, path)
    if location is None or any(d.words[:1] in (["include"], ["rewrite"], ["if"]) for d in server.inner):
        return None
    names = {d.words[0] for d in location.inner}
    if names & {"rewrite", "if", "include", "return", "auth_request"}:
        return None
    for directive in location.inner:
        match = _PROXY.match(directive.words[-1]) if directive.words[0] == "proxy_pass" else None
        if match:
            prefix = location.words[-1]
            asked = path if match[2] is None else match[2] + path[len(prefix) :]
            return _host(directives, match[1]), asked
    if any(d.words[0] == "try_files" and _FRONT.match(d.words[-1]) for d in (*location.inner, *server.inner)):
        hosts = {_host(directives, match[1]) for d in _all(server) if (match := _fastcgi(d))}
        if len(hosts) == 1:
            return hosts.pop(), path
    return None


def _fastcgi(directive: Directive) -> re.Match[str] | None:
    return _FASTCGI.match(directive.words[-1]) if directive.words[:1] == ["fastcgi_pass"] else None


def _all(directive: Directive) -> list[Directive]:
    return [directive, *(found for inner in directive.inner for found in _all(inner))]


def _host(directives: list[Directive], name: str) -> str:
    """Return the one server of an upstream, or the name itself."""
    for directive in (each for outer in directives for each in _all(outer)):
        if directive.words[:2] == ["upstream", name]:
            servers = [d.words[1].partition(":")[0] for d in directive.inner if d.words[0] == "server" and d.words[1:]]
            return servers[0] if len(servers) == 1 else ""
    return name
