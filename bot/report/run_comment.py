"""The one comment on an issue that says how its run stands: steps ticked off, then how it ended."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from bot.model.proposal import Proposal
from bot.report.markdown import prose, span
from bot.report.verdict import words

MARKER: Final = "<!-- groundwork:status -->"
# Name of a step, without its number -> what is being done, what was done; a step that is not listed has no line.
_STEPS: Final = {
    "base": ("reading the repository", "read the repository"),
    "merge-base": ("taking in what came to the base branch meanwhile", "looked at what came to the base branch"),
    "brief": ("finding out what has to run", "found out what has to run"),
    "look": ("checking what is on the branch against the rules", "checked what is on the branch against the rules"),
    "write": ("writing the files, and checking them against the rules", "wrote the files; the rules were checked"),
    "revise": ("changing what the review asks for", "changed what the review asks for"),
    "commit": ("pushing the branch", "pushed the branch"),
    "begin": (
        "waiting for GitHub Actions: there every container is built, started, watched and asked",
        "waited for GitHub Actions",
    ),
    "verify": ("verifying: every container is built, started, watched and asked", "verified"),
    "repair": ("mending what the verification found", "mended what the verification found"),
    "propose": ("opening the pull request", "opened the pull request"),
}
_NUMBER: Final = re.compile(r"-(\d+)$")
_FOOT: Final = "`/infra stop` ends it · `/infra help` lists the commands"


def told(step: str) -> bool:
    """Return whether a step has a line of its own."""
    return _NUMBER.sub("", step) in _STEPS


def doing(step: str) -> str:
    """Return what is being done in `step`, one clause; only for a step that `told` knows."""
    return _line(step, 0)


def did(step: str) -> str:
    """Return what was done in `step`, one clause; only for a step that `told` knows."""
    return _line(step, 1)


def following(comment: str, link: str) -> str:
    """Return `comment` with the address of the run's own page, where there is one."""
    return f"{comment.rstrip()}\n\n[Steps, times and reports of this run]({link})\n" if link else comment


def working(done: Sequence[str], now: str) -> str:
    """Return the comment while the step `now` is on, after the steps `done`."""
    lines = [f"- [x] {_line(step, 1)}" for step in done if told(step)]
    current = [f"- [ ] {_line(now, 0)} …"] if told(now) else []
    return _comment("🔧 Working on it", "\n".join([*lines, *current]), _FOOT)


def proposed(proposal: Proposal, where: str) -> str:
    """Return the comment when the pull request at `where` is open."""
    said = words(proposal.health)
    link = f"[{'Draft pull request' if proposal.draft else 'Pull request'}]({where})"
    rest = prose(said.headline, limit=500)
    ask = "Review it; every comment of a review is taken in one go." if not proposal.draft else ""
    next_step = f"Next step: {prose(said.next_step, limit=500)}." if proposal.draft and said.next_step else ""
    title = "📝 The pull request is a draft" if proposal.draft else "✅ The pull request is ready"
    return _comment(title, f"{link}: {rest}.", next_step, ask)


def nothing(reason: str, instead: Sequence[str] = ()) -> str:
    """Return the comment where there is nothing to build: the reason, and what the project needs `instead`."""
    why = prose(reason, limit=500).rstrip(".")
    return _comment(
        "Nothing to do",
        f"{why[:1].upper()}{why[1:]}.",
        "\n".join(["What it needs instead:", "", *(f"- {prose(one, limit=300)}" for one in instead)])
        if instead
        else "",
        "If that is wrong, say in the issue what has to run, then write `/infra run`.",
    )


def ended_early(engine: str, reason: str) -> str:
    """Return the comment where `engine` ended before it had written anything."""
    return failed(
        f"Nothing was written: the engine {span(engine)} ended early: {reason}",
        "ask who runs the server: its settings hold the model's key and limits; or write `engine: blueprint` into"
        " `.github/groundwork.yml`, which needs no model",
    )


def failed(what: str, hint: str) -> str:
    """Return the comment where the run could not go on."""
    step = f"Next step: {prose(hint, limit=500)}." if hint else ""
    said = prose(what, limit=800).rstrip(".")
    return _comment("❌ Could not go on", f"{said}.", step, "`/infra run` tries again; what is on the branch is kept.")


def stopped(markdown: str) -> str:
    """Return the comment of a run that was stopped; `markdown` says why, in our own words."""
    return _comment("⏹ Stopped", markdown)


def standing(comment: str) -> str:
    """Return the answer to `/infra status`: what the status comment says, without its marker, or that there is none."""
    return comment.removeprefix(MARKER).strip() or "No run of this issue is known here. `/infra run` starts one."


def _line(step: str, index: int) -> str:
    name = _NUMBER.sub("", step)
    number = _NUMBER.search(step)
    attempt = f" (attempt {number[1]})" if number and number[1] != "1" else ""
    return f"{_STEPS[name][index]}{attempt}"


def _comment(title: str, *paragraphs: str) -> str:
    return "\n\n".join([f"{MARKER}\n### {title}", *(part for part in paragraphs if part)]) + "\n"
