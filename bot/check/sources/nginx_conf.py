"""nginx configuration: servers, the ports they listen on, and what their locations do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

_PIECE: Final = re.compile(r"""#[^\n]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[{};]|(?:\$\{[^}]*\}|[^\s{};"'#])+""")
_MAX_DEPTH: Final = 20


@dataclass(slots=True)
class Directive:
    """One directive with its words, and its block's directives where it has one."""

    words: list[str]
    inner: list[Directive] = field(default_factory=list)


def parse_nginx(text: str) -> list[Directive]:
    """Return the directives of a configuration; what cannot be read is left out, nothing is raised."""
    pieces = (match[0] for match in _PIECE.finditer(text) if not match[0].startswith("#"))
    return _block(pieces, 0)


def _block(pieces: Iterator[str], depth: int) -> list[Directive]:
    found: list[Directive] = []
    words: list[str] = []
    for piece in pieces:
        if piece == ";":
            if words:
                found.append(Directive(words))
            words = []
        elif piece == "{":
            directive = Directive(words)
            words = []
            if depth < _MAX_DEPTH:
                directive.inner = _block(pieces, depth + 1)
            found.append(directive)
        elif piece == "}":
            return found
        else:
            words.append(piece[1:-1] if piece[0] in "\"'" and len(piece) > 1 else piece)
    return found


def servers(directives: list[Directive]) -> list[Directive]:
    """Return the `server` blocks of a whole configuration or of a `conf.d` file."""
    found = []
    for directive in directives:
        if directive.words[:1] == ["server"] and directive.inner:
            found.append(directive)
        elif directive.words[:1] == ["http"]:
            found += servers(directive.inner)
    return found


def listen_ports(server: Directive) -> set[int] | None:
    """Return the ports a server listens on (80 where it does not say); None where one is a variable."""
    found: set[int] = set()
    said = False
    for directive in server.inner:
        if directive.words[:1] == ["listen"] and len(directive.words) > 1:
            said = True
            address = directive.words[1]
            if address.startswith("unix:"):
                continue
            match = re.search(r"(?:^|:)(\d+)$", address)
            if match:
                found.add(int(match[1]))
            elif "$" in address:
                return None
            else:
                found.add(80)
    return found if said else {80}


def answers(server: Directive, path: str) -> bool | None:
    """Whether a server answers `path` by its own locations: True, False (404 for certain), None where files decide."""
    if any(d.words[:1] in (["include"], ["rewrite"], ["if"]) for d in server.inner):
        return None
    best: Directive | None = None
    for location in (d for d in server.inner if d.words[:1] == ["location"]):
        modifier, wanted = _location(location)
        if modifier == "=" and wanted == path:
            return _does(location, server, path)
        if modifier in {"~", "~*"}:
            try:
                if re.search(wanted, path, re.IGNORECASE if modifier == "~*" else 0):
                    return None
            except re.error:
                return None
        elif (
            modifier in {"", "^~"}
            and path.startswith(wanted)
            and (best is None or len(wanted) > len(_location(best)[1]))
        ):
            best = location
    return _does(best, server, path)


def _location(location: Directive) -> tuple[str, str]:
    words = location.words[1:]
    if not words:
        return "", "/"
    if words[0] in {"=", "~", "~*", "^~"} and len(words) > 1:
        return words[0], words[1]
    return "", words[0]


def _does(location: Directive | None, server: Directive, path: str) -> bool | None:
    """What a location does with a path that is no file."""
    inner = location.inner if location else []
    for directive in inner:
        if directive.words[0] in {"proxy_pass", "fastcgi_pass", "uwsgi_pass", "grpc_pass", "include", "if", "rewrite"}:
            return None
        if directive.words[0] in {"return", "stub_status"}:
            code = directive.words[1] if len(directive.words) > 1 else ""
            return not re.fullmatch(r"[45]\d\d", code)
    for directive in (*inner, *server.inner):
        if directive.words[0] == "error_page":
            return None
        if directive.words[0] == "try_files":
            last = directive.words[-1]
            return False if re.fullmatch(r"=4\d\d", last) and path != "/" else None if last.startswith("@") else True
        if directive.words[0] == "return" and directive in server.inner:
            return None
    return path == "/"
