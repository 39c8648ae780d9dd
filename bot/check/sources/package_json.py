"""package.json: scripts and dependencies, read without npm."""

from __future__ import annotations

import json
from dataclasses import dataclass
from posixpath import dirname, join
from typing import Final

from bot.check.sources.folder import Folder

LOCKS: Final = ("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lockb", "bun.lock")
# Scripts that `npm install` and `npm ci` run by themselves.
LIFECYCLE: Final = ("preinstall", "install", "postinstall", "preprepare", "prepare", "postprepare", "prepublish")


@dataclass(frozen=True, slots=True)
class PackageJson:
    """What a package.json says.

    Attributes:
        path: Relative to its folder.
        text: The file, for positions.
        scripts: Name -> command.
        dependencies: Names, production ones: dependencies, optionalDependencies, peerDependencies.
        dev_dependencies: Names.
        workspaces: It is the root of several packages.
    """

    path: str
    text: str
    scripts: dict[str, str]
    dependencies: frozenset[str]
    dev_dependencies: frozenset[str]
    workspaces: bool

    @property
    def all_dependencies(self) -> frozenset[str]:
        """Every name, development ones included."""
        return self.dependencies | self.dev_dependencies


def read_package_json(folder: Folder, path: str = "package.json") -> PackageJson | None:
    """Return the package.json at `path`, or None where there is none or it is no JSON object."""
    text = folder.text(path)
    try:
        data = json.loads(text.removeprefix("\ufeff")) if text is not None else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or text is None:
        return None

    def names(key: str) -> frozenset[str]:
        value = data.get(key)
        return frozenset(value) if isinstance(value, dict) else frozenset()

    scripts = data.get("scripts")
    return PackageJson(
        path=path,
        text=text,
        scripts={k: v for k, v in scripts.items() if isinstance(v, str)} if isinstance(scripts, dict) else {},
        dependencies=names("dependencies") | names("optionalDependencies") | names("peerDependencies"),
        dev_dependencies=names("devDependencies"),
        workspaces="workspaces" in data,
    )


def lock_files(folder: Folder, package: PackageJson) -> tuple[str, ...]:
    """Return the lock files beside a package.json."""
    base = dirname(package.path)
    return tuple(path for name in LOCKS if (path := join(base, name)) in folder)
