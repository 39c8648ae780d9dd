"""The few sentences that the story itself writes: commit messages, titles, a clause for each attempt."""

from __future__ import annotations

from bot.model.change import Change, Work
from bot.model.finding import Finding
from bot.model.health import HealthReport, Outcome, Verdict
from bot.model.issue import Issue
from bot.model.proposal import Base, Merge

_NAMED = 5  # paths in one sentence


def title(issue: Issue) -> str:
    """Return the pull request's title: the issue's, on one line, at most 120 characters."""
    line = " ".join(issue.title.split()) or "Infrastructure"
    return line if len(line) <= 120 else f"{line[:117].rstrip()}..."


def commit_message(issue: Issue, number: int, change: Change, *, revised: bool = False) -> str:
    """Return subject and body for the commit of attempt `number`, the first of which may do what a review asked."""
    reference = f"\n\nFor #{issue.number}." if issue.number else ""
    files = f"{len(change.files)} file{'s' if len(change.files) != 1 else ''} under {_roots(change)}"
    if number == 1 and revised:
        return f"Revise infrastructure: {title(issue)}\n\n{files}, as asked in the review.{reference}\n"
    if number == 1:
        return f"Add infrastructure: {title(issue)}\n\n{files}.{reference}\n"
    return f"Mend infrastructure, attempt {number}\n\n{files}; the verification before it was not healthy.{reference}\n"


def back_message(issue: Issue, best: int, last: int) -> str:
    """Return subject and body for the commit that brings attempt `best` back after `last`, which was worse."""
    reference = f"\n\nFor #{issue.number}." if issue.number else ""
    why = f"Attempt {last} came less far: the files are those of attempt {best} again."
    return f"Go back to attempt {best}\n\n{why}{reference}\n"


def went_back(best: int, last: int) -> str:
    """Say that the branch holds what an earlier attempt left."""
    return f"attempt {last} came less far than attempt {best}, so the branch holds what attempt {best} left"


def merge_message(base: Base) -> str:
    """Return the message of the commit that merges the base branch, as git itself words it."""
    return f"Merge branch '{base.base_branch or base.commit[:7]}' into {base.branch}\n"


def behind(base: Base) -> str:
    """Say what the branch lacks and keeps lacking."""
    return f"The branch lacks {_lacked(base)}, which {'was' if base.behind == 1 else 'were'} not merged."


def merged(base: Base) -> str:
    """Say what the branch lacked and holds now."""
    return f"The branch lacked {_lacked(base)}; {'it was' if base.behind == 1 else 'they were'} merged into it."


def not_merged(base: Base, merge: Merge) -> str:
    """Say why the base branch was not merged, and what a person can do."""
    if not merge.conflicts:
        return f"{behind(base)[:-1]}: {merge.impossible}."
    paths = ", ".join(f"`{path}`" for path in merge.conflicts[:_NAMED])
    more = f" and {len(merge.conflicts) - _NAMED} more" if len(merge.conflicts) > _NAMED else ""
    return (
        f"The branch conflicts with {_lacked(base)} in {paths}{more}, so nothing was merged."
        f" Merge `{base.base_branch or base.commit[:7]}` into `{base.branch}` and decide there; the next run builds"
        " on what you decided."
    )


def _lacked(base: Base) -> str:
    commits = "commit" if base.behind == 1 else f"{base.behind} commits"
    return f"the newest {commits} of `{base.base_branch or base.commit[:7]}`"


def no_progress(number: int) -> str:
    """Say why no further repair was tried."""
    return f"attempt {number} failed just as the one before it, so no further repair was tried"


def _roots(change: Change) -> str:
    roots = sorted({file.path.split("/", 1)[0] if "/" in file.path else "the root" for file in change.files})
    return ", ".join(roots[:4])


def nothing_written(work: Work) -> str:
    """Return why a run with an empty change ended."""
    if work.ended:
        return work.ended
    return "the repository already holds what would have been written"


def attempt(health: HealthReport, findings: tuple[Finding, ...]) -> str:
    """Return what an attempt showed, as one clause."""
    if health.outcome is Outcome.HEALTHY:
        fine = sum(service.verdict in {Verdict.HEALTHY, Verdict.DONE} for service in health.services)
        return f"{fine} of {len(health.services)} services healthy, {_count(findings)}"
    if health.cause:
        return f"`{health.root_cause}`: {health.cause.title}" if health.root_cause else health.cause.title
    if health.unverified:
        return health.unverified[0]
    return health.outcome.value.replace("-", " ")


def _count(findings: tuple[Finding, ...]) -> str:
    return f"{len(findings)} finding{'s' if len(findings) != 1 else ''}"
