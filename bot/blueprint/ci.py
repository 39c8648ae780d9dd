"""Continuous integration: a GitHub Actions workflow for the stack, where the issue asks for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import yaml

from bot.blueprint.choice import Choice
from bot.blueprint.compose import COMPOSE_PATH, project_values
from bot.blueprint.library import Library
from bot.blueprint.skill import RenderedFile
from bot.blueprint.template import fill

CI_PATH: Final = ".github/workflows/ci.yml"
_SKILL: Final = "github-actions-ci"


def ci_file(choice: Choice, files: Sequence[RenderedFile], library: Library) -> RenderedFile:
    """Return the workflow that builds, starts, tests and scans what the rendered `files` hold."""
    compose = next(file for file in files if file.path == COMPOSE_PATH)
    services = yaml.load(compose.content, Loader=yaml.CSafeLoader)["services"]
    built: dict[str, list[str]] = {}
    for name, service in services.items():
        if "build" in service:
            built.setdefault(service["build"]["context"].removeprefix("./"), []).append(name)
    values = project_values(choice, library) | {
        "actions": _actions(library.actions),
        "images": [{"directory": directory, "services": names} for directory, names in built.items()],
    }
    text = fill(library.skills[_SKILL].files["workflow.yml.j2"].decode(), values)
    return RenderedFile(path=CI_PATH, content=f"{text.strip()}\n".encode())


def _actions(pinned: Mapping[str, tuple[str, str, str]]) -> dict[str, str]:
    """Return `uses` for each action: its full commit, which nobody can move, and its version for people."""
    return {key: f"{name}@{commit} # v{version}" for key, (name, version, commit) in pinned.items()}
