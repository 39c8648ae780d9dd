"""The App as `app.yml` describes it, and how an App on GitHub, or an installation of it, differs from that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

_LEVELS: Final = {"": 0, "read": 1, "write": 2, "admin": 3}
WEBHOOKS: Final = "/webhooks/github"
INSTALLED: Final = "/installed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What the App asks for: `permissions` by name with their level, and the `events` it is to be told of."""

    name: str
    url: str
    description: str
    public: bool
    permissions: Mapping[str, str]
    events: tuple[str, ...]

    def form(self, *, name: str, url: str, server: str, redirect: str, public: bool) -> dict[str, Any]:
        """Return the manifest that GitHub's form takes, for an App whose server people reach at `server`."""
        made: dict[str, Any] = {
            "name": name,
            "url": url,
            "description": self.description,
            "public": public,
            "redirect_url": redirect,
            "default_permissions": dict(self.permissions),
            "default_events": list(self.events),
        }
        if server:
            made["hook_attributes"] = {"url": f"{server}{WEBHOOKS}", "active": True}
            made["setup_url"] = f"{server}{INSTALLED}"
            made["setup_on_update"] = False
        return made

    def lacking(self, permissions: Mapping[str, str]) -> tuple[str, ...]:
        """Return what `permissions` lack, each as `name: level`."""
        return tuple(
            f"{name}: {level}"
            for name, level in self.permissions.items()
            if _LEVELS.get(permissions.get(name, ""), 0) < _LEVELS[level]
        )

    def beyond(self, permissions: Mapping[str, str]) -> tuple[str, ...]:
        """Return what `permissions` hold that nothing here needs, each as `name: level`."""
        return tuple(
            f"{name}: {level}"
            for name, level in permissions.items()
            if _LEVELS.get(level, 3) > _LEVELS[self.permissions.get(name, "")]
        )

    def unheard(self, events: Iterable[str]) -> tuple[str, ...]:
        """Return the events that are not among `events`."""
        heard = set(events)
        return tuple(event for event in self.events if event not in heard)


def manifest_file() -> Path:
    """Return `app.yml`: inside the installed package, or at the top of a checkout."""
    package = Path(__file__).resolve().parents[2]
    installed = package / "_app.yml"
    return installed if installed.is_file() else package.parent / "app.yml"


def manifest() -> Manifest:
    """Read the manifest that is part of this installation."""
    said = yaml.safe_load(manifest_file().read_text(encoding="utf-8"))
    return Manifest(
        name=said["name"],
        url=said["url"],
        description=said["description"],
        public=said["public"],
        permissions=dict(said["default_permissions"]),
        events=tuple(said["default_events"]),
    )
