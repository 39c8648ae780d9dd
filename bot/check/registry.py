"""All rules, in the order of their codes."""

from __future__ import annotations

from typing import Final

from bot.check.rule import Rule
from bot.check.rules import (
    escape_bind_outside_tree,
    escape_capability,
    escape_device,
    escape_docker_socket,
    escape_host_namespace,
    escape_privileged,
    escape_remote_source,
    escape_unconfined,
    healthcheck_disabled,
)

RULES: Final[tuple[Rule, ...]] = (
    healthcheck_disabled.RULE,
    escape_bind_outside_tree.RULE,
    escape_capability.RULE,
    escape_device.RULE,
    escape_docker_socket.RULE,
    escape_host_namespace.RULE,
    escape_privileged.RULE,
    escape_remote_source.RULE,
    escape_unconfined.RULE,
)
