"""All rules, in the order of their codes."""

from __future__ import annotations

from typing import Final

from bot.check.rule import Rule
from bot.check.rules import healthcheck_disabled

RULES: Final[tuple[Rule, ...]] = (healthcheck_disabled.RULE,)
