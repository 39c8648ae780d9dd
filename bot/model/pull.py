"""A pull request of ours, as far as we look at it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_NUMBERED: Final = re.compile(r"[^/]+/(\d{1,9})-")


@dataclass(frozen=True, slots=True, kw_only=True)
class PullView:
    """Its number, branch and head commit; all empty for what is no pull request."""

    number: int = 0
    branch: str = ""
    head: str = ""
    open: bool = False

    @property
    def issue(self) -> int:
        """The issue that its branch is named after, or 0."""
        found = _NUMBERED.match(self.branch)
        return int(found[1]) if found else 0
