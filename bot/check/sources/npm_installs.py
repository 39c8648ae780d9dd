"""What `npm install` and its kin leave in `node_modules`: everything, or production dependencies only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal

from bot.parse.shell import Command

Mode = Literal["all", "production"]
_INSTALLS: Final = {
    "npm": frozenset({"ci", "install", "i", "clean-install", "ic", "add"}),
    "yarn": frozenset({"", "install", "--frozen-lockfile", "--immutable"}),
    "pnpm": frozenset({"install", "i", "ci"}),
    "bun": frozenset({"install", "i"}),
}
_OMIT: Final = re.compile(r"--omit[= ]dev|--only[= ]prod(?:uction)?|--production(?!=false)|--prod\b|(?<!\S)-P\b")
_INCLUDE: Final = re.compile(r"--include[= ]dev|--production=false|--prod=false|--also[= ]dev(?:elopment)?")


def install_mode(command: Command, env: Mapping[str, str | None]) -> Mode | None:
    """Return what an install command leaves; None where the command installs nothing of the package's own."""
    verbs = _INSTALLS.get(command.program)
    if verbs is None:
        return None
    words = list(command.arguments)
    text = " ".join(words)
    plain = [word for word in words if not word.startswith("-")]
    verb = plain[0] if plain else ""
    if command.program == "npm" and verb == "prune":
        return "production" if _OMIT.search(text) else None
    if command.program == "pnpm" and verb == "prune":
        return "production" if _OMIT.search(text) else None
    if verb not in verbs or "-g" in words or "--global" in words:
        return None
    if command.program in {"npm", "pnpm", "bun"} and len(plain) > 1 and not plain[1].startswith((".", "/")):
        return None  # named packages
    if _INCLUDE.search(text):
        return "all"
    given = dict(word.value.split("=", 1) for word in command.assignments if "=" in word.value)
    node_env = given.get("NODE_ENV", env.get("NODE_ENV", ""))
    if given.get("NPM_CONFIG_PRODUCTION", env.get("NPM_CONFIG_PRODUCTION")) == "false":
        return "all"
    if _OMIT.search(text) or node_env == "production":
        return "production"
    if env.get("NPM_CONFIG_OMIT") == "dev" or env.get("npm_config_omit") == "dev":
        return "production"
    return "all"


def runs_scripts(command: Command, env: Mapping[str, str | None]) -> bool:
    """Whether an install runs the lifecycle scripts of the package itself."""
    text = " ".join(command.arguments)
    ignored = {env.get("NPM_CONFIG_IGNORE_SCRIPTS"), env.get("npm_config_ignore_scripts")} & {"true", "1"}
    return "--ignore-scripts" not in text and not ignored and "prune" not in text


def named_packages(command: Command) -> set[str]:
    """Return the packages that a command installs by name, also globally."""
    words = [word for word in command.arguments if not word.startswith("-")]
    if command.program not in {"npm", "pnpm", "yarn", "bun"} or not words:
        return set()
    if words[0] == "global" and len(words) > 1:
        words = words[1:]
    if words[0] not in {"install", "i", "add"}:
        return set()
    return {re.sub(r"(?<=.)@[^/]*$", "", word) for word in words[1:]}
