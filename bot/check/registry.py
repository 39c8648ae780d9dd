"""All rules, in the order of their codes."""

from __future__ import annotations

from typing import Final

from bot.check.rule import Rule
from bot.check.rules import (
    bind_source_missing,
    build_context_missing,
    code_outside_src,
    compose_location,
    compose_path_prefix,
    env_example_missing,
    escape_bind_outside_tree,
    escape_capability,
    escape_device,
    escape_docker_socket,
    escape_host_namespace,
    escape_privileged,
    escape_remote_source,
    escape_unconfined,
    gitignore_missing,
    hardcoded_secret,
    healthcheck_disabled,
    image_unpinned,
    npm_ci_lockfile,
)

RULES: Final[tuple[Rule, ...]] = (
    healthcheck_disabled.RULE,
    compose_location.RULE,
    code_outside_src.RULE,
    compose_path_prefix.RULE,
    bind_source_missing.RULE,
    build_context_missing.RULE,
    env_example_missing.RULE,
    gitignore_missing.RULE,
    npm_ci_lockfile.RULE,
    image_unpinned.RULE,
    hardcoded_secret.RULE,
    escape_bind_outside_tree.RULE,
    escape_capability.RULE,
    escape_device.RULE,
    escape_docker_socket.RULE,
    escape_host_namespace.RULE,
    escape_privileged.RULE,
    escape_remote_source.RULE,
    escape_unconfined.RULE,
)
