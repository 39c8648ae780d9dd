"""An application that is there already, as its container needs to know it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Runtime = Literal["node", "static", "python", "go", "php"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What was read from one folder.

    Attributes:
        runtime: What its image is made from; `static` is built with Node and served by nginx.
        framework: Its canonical name, such as `express`, or the runtime's where none is recognised.
        port: Where it listens in its container.
        health: The page that a check asks; "" where it has none that is known, and the port is asked instead.
        start: What runs it; () where its own Dockerfile says so.
        install: Commands that install its packages, in order.
        manifests: Files that those commands read, copied first so that a change of code does not install again.
        build: Commands after the code is there.
        output: The folder with what was built, for `static`; the folder that is served, for `php`.
        packages: For `php`: the extensions its image builds, and the system packages that this takes.
        writable: Folders of its own that it writes to.
        migrate: What brings its database up to date, or ().
        worker: What runs its worker, or () where its code shows none.
        image: The base image, where the application asks for another version than the usual; "" for the usual one.
        reads: Environment variables it reads, each with the default or example that is known, "" for none.
        configured: Those of `reads` that its own example file lists.
        own_dockerfile: Its own Dockerfile's content, or b"".
        seen: What was concluded and where it stands, as clauses.
    """

    runtime: Runtime
    framework: str
    port: int
    health: str = ""
    start: tuple[str, ...] = ()
    install: tuple[str, ...] = ()
    manifests: tuple[str, ...] = ()
    build: tuple[str, ...] = ()
    output: str = ""
    packages: Mapping[str, str] = field(default_factory=dict)
    writable: tuple[str, ...] = ()
    migrate: tuple[str, ...] = ()
    worker: tuple[str, ...] = ()
    image: str = ""
    reads: Mapping[str, str] = field(default_factory=dict)
    configured: frozenset[str] = frozenset()
    own_dockerfile: bytes = b""
    seen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclear:
    """Why an application cannot be fitted, as a clause."""

    why: str
