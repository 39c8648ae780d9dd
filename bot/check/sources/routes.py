"""Routes of an application, and whether it serves a path: yes, no, or nobody can tell from the text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

_ONE: Final = "{}"
_REST: Final = "{*}"


def joined(*parts: str) -> str:
    """Join path parts with single slashes, with one in front and none behind (but for `/` itself)."""
    return "/" + "/".join(piece for part in parts for piece in part.split("/") if piece)


@dataclass(frozen=True, slots=True)
class Route:
    """A path an application answers GET on.

    Attributes:
        pattern: Segments; `{}` is any one, `{*}` any rest.
        floating: Its prefix is not known: it is mounted somewhere this reader could not follow.
    """

    pattern: str
    floating: bool = False

    def matches(self, path: str) -> bool:
        """Whether it answers `path`."""
        return _matches(_segments(self.pattern), _segments(path))

    def may_match(self, path: str) -> bool:
        """Whether it answers `path` under some prefix."""
        pattern, wanted = _segments(self.pattern), _segments(path)
        return any(_matches(pattern, wanted[skipped:]) for skipped in range(len(wanted) + 1))


def _segments(path: str) -> list[str]:
    return [piece for piece in path.split("/") if piece]


def _matches(pattern: list[str], path: list[str]) -> bool:
    for index, piece in enumerate(pattern):
        if piece == _REST:
            return True
        if index >= len(path):
            return False
        if piece != path[index] and _ONE not in piece:
            return False
        if piece != _ONE and _ONE in piece and not _part_matches(piece, path[index]):
            return False
    return len(pattern) == len(path)


def _part_matches(piece: str, segment: str) -> bool:
    return re.fullmatch(".+".join(re.escape(part) for part in piece.split(_ONE)), segment) is not None


@dataclass(slots=True)
class Routes:
    """What a reader found.

    Attributes:
        framework: Its name for people, such as `Express`.
        routes: All it could read.
        unsure: Why there may be more than those; "" where every route is known.
    """

    framework: str
    routes: list[Route] = field(default_factory=list)
    unsure: str = ""

    def add(self, pattern: str, *, floating: bool = False) -> None:
        """Add one route."""
        self.routes.append(Route(pattern, floating))

    def serves(self, path: str) -> bool | None:
        """Whether the application answers GET `path`; None where that cannot be told."""
        if any(route.matches(path) for route in self.routes if not route.floating):
            return True
        if self.unsure or any(route.may_match(path) for route in self.routes if route.floating):
            return None
        return False

    def known(self) -> tuple[str, ...]:
        """Return the fixed paths without parameters, shortest first, to name in a message."""
        fixed = {route.pattern for route in self.routes if not route.floating and "{" not in route.pattern}
        return tuple(sorted(fixed, key=lambda path: (len(path), path)))


_EXPRESS_PARAM: Final = re.compile(r":\w+(?:\([^)]*\))?([?*+]?)")


def express_pattern(path: str) -> str:
    """Return the pattern of an Express, Fastify, Nest, gin or echo path (`/a/:id`, `/files/*`)."""
    pieces: list[str] = []
    for piece in _segments(path):
        if any(char in piece for char in "*(+|") and not _EXPRESS_PARAM.fullmatch(piece):
            return joined(*pieces, _REST)
        match = _EXPRESS_PARAM.search(piece)
        if match and match[1]:
            return joined(*pieces, _REST)  # optional or repeated: broad on purpose
        pieces.append(_EXPRESS_PARAM.sub(_ONE, piece))
    return joined(*pieces)


def brace_pattern(path: str) -> str:
    """Return the pattern of a FastAPI, Laravel, chi or net/http path (`/a/{id}`, `/{rest:path}`, `/{rest...}`)."""
    pieces: list[str] = []
    for piece in _segments(path):
        if "*" in piece or ":path}" in piece or "...}" in piece or "?}" in piece:
            return joined(*pieces, _REST)
        pieces.append(re.sub(r"\{[^{}]*\}", _ONE, piece))
    return joined(*pieces)


def angle_pattern(path: str) -> str:
    """Return the pattern of a Flask or Django path (`/a/<int:id>`, `<path:rest>`)."""
    pieces: list[str] = []
    for piece in _segments(path):
        if "<path:" in piece:
            return joined(*pieces, _REST)
        pieces.append(re.sub(r"<[^<>]*>", _ONE, piece))
    return joined(*pieces)
