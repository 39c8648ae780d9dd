"""The workflow file that a run adds to its branch, so that GitHub's machines verify it; pure text."""

from __future__ import annotations

import hashlib
import json
import math
import re
from dataclasses import dataclass
from typing import Final

from bot.errors import InvalidValueError

PATH: Final = ".github/workflows/infra-verify.yml"
CHECKOUT: Final = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1"
_USES: Final = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+(?:/[\w.-]+)*@[0-9a-f]{40}(?: # [\w./ -]{1,60})?", re.ASCII)
_LABEL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]{0,99}")
_MARK: Final = "# groundwork-workflow: "
# Beside the verification itself: the runner is set up, the program installed, the report uploaded.
_AROUND: Final = 10 * 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyWorkflow:
    """What may be chosen about the workflow.

    Attributes:
        action: `OWNER/REPO/deploy/actions/verify@COMMIT`, pinned by its full commit.
        checkout: Likewise, for a server with a mirror of its own.
        runner: Labels that a runner must have.
        timeout: Seconds for the verification.
        window: Seconds that the stack must stay up.

    Raises:
        InvalidValueError: A value that would not mean the same in the file.
    """

    action: str
    checkout: str = CHECKOUT
    runner: tuple[str, ...] = ("ubuntu-latest",)
    timeout: float = 600.0
    window: float = 15.0

    def __post_init__(self) -> None:
        """Refuse what could be read as another thing in YAML, or that is not pinned."""
        for uses in (self.action, self.checkout):
            if not _USES.fullmatch(uses):
                raise InvalidValueError(f"`{uses[:120]}` is no action with its full commit: OWNER/REPO/PATH@COMMIT")
        if not self.runner or not all(_LABEL.fullmatch(label) for label in self.runner):
            raise InvalidValueError("a runner's labels are words of letters, digits, `.`, `_`, `/` and `-`")

    def text(self) -> str:
        """Return the file."""
        minutes = math.ceil((self.timeout + self.window + _AROUND) / 60)
        lines = _TEXT.replace("@@RUNNER", self._runner()).replace("@@MINUTES", str(minutes))
        lines = lines.replace("@@CHECKOUT", self.checkout).replace("@@ACTION", self.action)
        lines = lines.replace("@@TIMEOUT", f"{self.timeout:g}").replace("@@WINDOW", f"{self.window:g}")
        return f"{_MARK}{_digest(lines)}\n{lines}"

    def current(self, text: str) -> bool:
        """Whether `text` is this workflow; what people changed below its first line is theirs to change."""
        return text.partition("\n")[0].rstrip() == self.text().partition("\n")[0]

    def _runner(self) -> str:
        # Quoted: a label may look like a number, or like YAML's words for yes and nothing.
        return json.dumps(self.runner[0] if len(self.runner) == 1 else list(self.runner))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


_TEXT: Final = """\
# Groundwork adds this file: it proves the stack under src/ on a machine of its own, needs no secret, writes nothing.
# Change it as you like below the first line; that line tells whether the file is of another version.
name: Verify infrastructure

on:
  push:
    branches: ["groundwork/**"]
  pull_request:
    paths: ["src/**"]
  workflow_dispatch:

permissions: {}

concurrency:
  group: infra-verify-${{ github.ref }}
  cancel-in-progress: true

jobs:
  verify:
    name: Build, start, watch and ask
    # Groundwork's own branches are verified when they are pushed; their pull requests would do it twice.
    if: >-
      github.event_name != 'pull_request'
      || github.event.pull_request.head.repo.full_name != github.repository
      || !startsWith(github.head_ref, 'groundwork/')
    runs-on: @@RUNNER
    timeout-minutes: @@MINUTES
    permissions:
      contents: read # checks the repository out
    steps:
      - uses: @@CHECKOUT
        with:
          # The commit that was pushed, not a merge that only GitHub knows: the report names it.
          ref: ${{ github.event.pull_request.head.sha || github.sha }}
          persist-credentials: false
      - uses: @@ACTION
        with:
          timeout: "@@TIMEOUT"
          stability: "@@WINDOW"
"""
