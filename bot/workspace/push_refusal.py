"""Why a push was refused, in words: the branch moved, or a rule of the repository does not let it through."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from bot.errors import RepositoryError

_MOVED: Final = re.compile(r"non-fast-forward|fetch first|stale info", re.IGNORECASE)
_SIGNED: Final = re.compile(r"must have verified signatures|signed commits", re.IGNORECASE)
_RULE: Final = re.compile(r"GH006|GH013|protected branch|rule violations|cannot create ref|ruleset", re.IGNORECASE)
_WORKFLOWS: Final = re.compile(r"without `?workflows`? permission", re.IGNORECASE)


def refused(branch: str, said: Sequence[str]) -> RepositoryError:
    """Return the error for a push to `branch` that was answered with the lines `said`; nothing was changed by it."""
    told = " ".join(said)
    if _MOVED.search(told):
        return RepositoryError(
            f"The branch `{branch}` moved while this run was on. Nothing was changed.",
            hint="write `/infra run` to continue on what is there",
        )
    if _WORKFLOWS.search(told):
        return RepositoryError(
            "GitHub refused the push: the App may not change workflow files.",
            hint="an owner of the organisation can accept the App's permission `workflows`",
        )
    if _SIGNED.search(told):
        return RepositoryError(
            f"A rule of this repository asks for signed commits, so the push to `{branch}` was refused.",
            hint="let the App bypass the rule, or exempt `groundwork/**` from it, under Settings, Rules",
        )
    words = _words(said)
    if _RULE.search(told):
        return RepositoryError(
            f"A rule of this repository refused the push to `{branch}`: {words}",
            hint="let the App bypass the rule, or exempt `groundwork/**` from it, under Settings, Rules",
        )
    return RepositoryError(f"GitHub refused the push to `{branch}`: {words}")


def _words(said: Sequence[str]) -> str:
    """Return the remote's own lines, without git's frames around them."""
    lines = [line.strip().removeprefix("remote:").removeprefix("error:").strip() for line in said]
    own = [line for line in lines if line and not line.startswith(("To ", "!", "failed to push", "- "))]
    return " ".join(dict.fromkeys(own))[:300] or "no reason given"
