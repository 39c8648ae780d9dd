"""Why a push was refused, in words: the branch moved, or a rule of the repository does not let it through."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from bot.errors import RepositoryError

_MOVED: Final = re.compile(r"non-fast-forward|fetch first|stale info", re.IGNORECASE)
_SIGNED: Final = re.compile(r"must have verified signatures|signed commits", re.IGNORECASE)
_SECRET: Final = re.compile(r"push protection|cannot contain secrets", re.IGNORECASE)
_PROTECTED: Final = re.compile(r"GH006|protected branch", re.IGNORECASE)
_RULE: Final = re.compile(r"GH013|rule violations|cannot create ref|ruleset", re.IGNORECASE)
_WORKFLOWS: Final = re.compile(r"without `?workflows`? permission", re.IGNORECASE)
# What the remote writes around its reasons: headings, progress, and ids of commits that nobody else has.
_FRAME: Final = re.compile(
    r"(?:GH\d+: )?(?:Repository rule violations found|Protected branch update failed)|Review all repository rules"
    r"|Found \d+ violation|[0-9a-f]{40}$|(?:Resolving|Counting|Compressing|Enumerating|Total)\b"
)


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
    if _SECRET.search(told):
        return RepositoryError(
            f"GitHub's push protection took something for a secret, so the push to `{branch}` was refused.",
            hint="look for one in the issue and in the documents, and replace it there; what is written there is read",
        )
    where = "Rules" if _RULE.search(told) else "Branches"
    hint = f"exempt `groundwork/**` from it, or let the App bypass it, under Settings, {where}"
    if _SIGNED.search(told):
        return RepositoryError(
            f"A rule of this repository asks for signed commits, so the push to `{branch}` was refused.",
            hint=f"say `commits: verified` in `.github/groundwork.yml`, and GitHub signs them; or {hint}",
        )
    words = _words(said)
    if _RULE.search(told):
        return RepositoryError(f"A rule of this repository refused the push to `{branch}`: {words}", hint=hint)
    if _PROTECTED.search(told):
        return RepositoryError(f"A branch protection rule covers `{branch}` and refused the push: {words}", hint=hint)
    return RepositoryError(f"GitHub refused the push to `{branch}`: {words}")


def _words(said: Sequence[str]) -> str:
    """Return the remote's own reasons; where it gave none, git's summary."""
    lines = [line.strip() for line in said if line.strip()]
    own = [line.removeprefix("remote:").strip() for line in lines if line.startswith("remote:")]
    own = [line.removeprefix("error:").removeprefix("fatal:").strip() for line in own]
    own = [line.removeprefix("- ").rstrip(".") for line in own if line and not _FRAME.match(line)]
    return ("; ".join(dict.fromkeys(own)) or " ".join(lines[:1]))[:300] or "no reason given"
