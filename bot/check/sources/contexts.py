"""Dockerfiles with the folders they are built from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from posixpath import dirname, normpath, relpath
from typing import Final

from bot.check.sources.folder import Folder
from bot.check.sources.ignore_files import docker_ignores
from bot.check.sources.once import once_per_tree
from bot.check.tree import Built, Tree
from bot.parse.dockerfile_model import Dockerfile

_ASIDE: Final = re.compile(r"(?:^|/)(?:\.[^/]+|tests?|fixtures|examples?|testdata|docs?)/")


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """A Dockerfile and a folder it is built from.

    Attributes:
        dockerfile: The Dockerfile.
        folder: The context relative to the tree, "." for the tree itself.
        builds: The services that build it so; empty where no compose file does.
        files: The context's files.
        ignore_path: Its `.dockerignore` (the Dockerfile's own goes first), "" where it has none.
        ignore_text: What that says.
        memory: What readers worked out of it, so that each does it once.
    """

    dockerfile: Dockerfile
    folder: str
    builds: tuple[Built, ...]
    files: Folder
    ignore_path: str
    ignore_text: str
    memory: dict[object, object] = field(default_factory=dict, repr=False)

    def ignored(self, path: str) -> bool:
        """Whether `.dockerignore` leaves out `path`, relative to the context."""
        return bool(self.ignore_text) and docker_ignores(self.ignore_text, path)

    def in_tree(self, path: str) -> str:
        """Return a path relative to the context as one relative to the tree."""
        return normpath(f"{self.folder}/{path}")


def folder_of(tree: Tree, folder: str) -> Folder:
    """Return the files of the tree under `folder`, told relative to it."""
    prefix = "" if folder in {"", "."} else folder.rstrip("/") + "/"
    paths = tuple(path[len(prefix) :] for path in tree.under(folder))

    def read(path: str) -> str | None:
        source = tree.read(prefix + path)
        return source.text if source is not None else None

    return Folder(paths, read)


@once_per_tree
def contexts(tree: Tree) -> tuple[Context, ...]:
    """Return each Dockerfile with each context it is built from; one that nobody builds, with its own folder."""
    used: dict[tuple[str, str], list[Built]] = {}
    for built in tree.builds:
        build = built.service.build
        if built.dockerfile is None or build is None or build.context is None:
            continue
        if build.context.startswith(("../", "/", "~")) or build.context == "..":
            continue
        used.setdefault((built.dockerfile.path, build.context), []).append(built)
    named = {path for path, _ in used}
    for dockerfile in tree.dockerfiles:
        if dockerfile.path not in named and not _ASIDE.search(dockerfile.path):
            used[(dockerfile.path, dirname(dockerfile.path) or ".")] = []
    found = []
    for (path, folder), builds in sorted(used.items(), key=lambda item: item[0]):
        parsed = tree.dockerfile(path)
        if parsed is None:
            continue
        own, shared = f"{path}.dockerignore", normpath(f"{folder}/.dockerignore")
        ignore = own if tree.is_file(own) else shared if tree.is_file(shared) else ""
        source = tree.read(ignore) if ignore else None
        found.append(
            Context(
                dockerfile=parsed,
                folder=folder,
                builds=tuple(builds),
                files=folder_of(tree, folder),
                ignore_path=ignore,
                ignore_text=source.text if source is not None else "",
            )
        )
    return tuple(found)


def relative(path: str, folder: str) -> str:
    """Return `path` relative to `folder`, both relative to the tree."""
    return relpath(path, folder or ".")
