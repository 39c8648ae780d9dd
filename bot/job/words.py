"""What people read where nothing is done, or something was stopped; all of it in one place."""

from __future__ import annotations

from typing import Final

from bot.command import HELP, PREFIX
from bot.job.kinds import Context, Job, Why

_SENTENCES: Final[dict[Why, str]] = {
    Why.UNLABELLED: "Stopped, because @{actor} took the label `{label}` off. Put it back to continue.",
    Why.ISSUE_CLOSED: "Stopped, because the issue was closed. Reopen it to continue.",
    Why.ISSUE_DELETED: "Stopped, because the issue was deleted.",
    Why.ISSUE_TRANSFERRED: "Stopped, because the issue moved to another repository. Label it there to start there.",
    Why.COMMANDED: "Stopped by @{actor}. What is on the branch stays; `{prefix} run` continues.",
    Why.LABEL_ON_PULL_REQUEST: "The label `{label}` starts work on an issue; on a pull request it does nothing."
    " Label the issue that says what should run.",
    Why.LABEL_BY_BOT: "The label `{label}` was set by a bot, and only people start runs here."
    " Take it off and set it yourself; or name the bot under `trusted` in `.github/groundwork.yml`.",
    Why.LABEL_ON_CLOSED_ISSUE: "The issue is closed, so nothing was started. Reopen it, and the run begins.",
    Why.NO_WRITE_ACCESS: "@{actor} has no write access to this repository, so nothing was started."
    " Somebody who has can set the label `{label}`, or write `{prefix} run`.",
    Why.NOT_OUR_PULL_REQUEST: "Commands work on issues, and on pull requests that Groundwork opened; this is another."
    " Write the command on the issue instead.",
    Why.NOT_AN_OPEN_ISSUE: "This is closed, so nothing was started. Reopen it first.",
    Why.SEVERAL_COMMANDS: "That comment holds several commands, and none was carried out. Write one in each comment.",
    Why.NOTHING_RUNS: "Nothing is running here, so there was nothing to stop.",
    Why.ALREADY_RUNS: "A run is on already; it was left alone. `{prefix} status` shows where it is.",
}


def explain(job: Job, context: Context) -> str:
    """Return the words for `job.why`, as Markdown.

    Raises:
        ValueError: The job has no reason to explain.
    """
    if job.why is None:
        raise ValueError(f"{job.key} has nothing to explain")
    if job.why is Why.UNKNOWN_COMMAND:
        return _unknown(*job.meant)
    return _SENTENCES[job.why].format(actor=job.actor, label=context.label, prefix=PREFIX)


def help_text() -> str:
    """Return the list of commands, as Markdown."""
    rows = "\n".join(f"| `{PREFIX} {verb}` | {what} |" for verb, what in HELP.items())
    return f"| write | to |\n|---|---|\n{rows}\n\nA command stands at the beginning of a line, one in each comment."


def _unknown(word: str, meant: str) -> str:
    # The word is a stranger's: whatever would end the code span, or mention somebody, is not repeated.
    safe = "".join(character for character in word if character.isalnum() or character in "-_")
    said = f"`{PREFIX} {safe}`" if safe else "That"
    if meant:
        return f"{said} is no command. Did you mean `{PREFIX} {meant}`?"
    return f"{said} is no command.\n\n{help_text()}"
