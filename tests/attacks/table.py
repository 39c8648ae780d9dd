"""The attacks, read from their tables."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ORDER = ("reading", "writing", "network", "exhaustion", "privilege", "telling", "words", "stacks")


@dataclass(frozen=True)
class Attack:
    """One attack.

    `tried` and `group` are for people; `fails` says what stops those of its group. The rest is for the runner.
    """

    id: str
    tried: str
    group: str
    fails: str
    calls: tuple[dict[str, Any], ...] = ()
    seen: str = ""
    egress: bool = False
    refused: str = ""
    left_out: str = ""
    masked: bool = False
    rule: str = ""
    where: str = ""
    text: str = ""
    hidden: bool = False
    service: str = ""

    @property
    def needs_docker(self) -> bool:
        """Whether it runs a command."""
        return any(call["tool"] == "Bash" for call in self.calls)


@cache
def attacks() -> tuple[Attack, ...]:
    return tuple(_read())


def _read() -> Iterator[Attack]:
    for name in ORDER:
        told = tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))
        for one in told["attacks"]:
            fails = one.pop("fails", told["fails"])
            calls = tuple(one.pop("calls", ()))
            yield Attack(group=told["group"], fails=fails, calls=calls, **one)
