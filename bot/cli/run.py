"""`groundwork run`: the main job on a local repository."""

from __future__ import annotations

import argparse
import sys
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.cli.progress import Happenings, Progress
    from bot.model.health import HealthReport
    from bot.model.issue import Issue
    from bot.workflow.draft import Drafter
    from bot.workflow.implement import Nothing, Ports, Proposed
    from bot.workflow.ports import Steps, Verifier, Workspaces

MODEL: Final = "model"  # beside the texts: what was said with the model


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "repository", metavar="REPO", type=Path, help="a git repository; its working tree is not touched"
    )
    parser.add_argument("--issue", metavar="FILE", type=Path, required=True, help="what is asked for, as Markdown")
    parser.add_argument(
        "--engine",
        choices=("blueprint", "claude"),
        default="blueprint",
        help="what writes the files (default: %(default)s, which needs no model key)",
    )
    parser.add_argument(
        "--verify",
        choices=("docker", "none"),
        default="docker",
        help="where containers are proved (default: %(default)s; without an engine the result is unverified)",
    )
    parser.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        help="where the texts go (default: a folder beside the repository, never inside it)",
    )
    parser.add_argument(
        "--attempts", metavar="N", type=_attempts, default=3, help="verify at most N times (default: 3)"
    )
    parser.add_argument("--timeout", metavar="S", type=float, default=600.0, help="seconds for one verification")
    parser.add_argument("--window", metavar="S", type=float, default=15.0, help="seconds a healthy stack is watched")
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--quiet", action="store_true", help="print nothing but errors")
    output.add_argument("--json", action="store_true", help="print the result as JSON on standard output, nothing else")


def _attempts(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 10:
        raise argparse.ArgumentTypeError("between 1 and 10")
    return number


def run(arguments: argparse.Namespace) -> int:
    """Run the story; return 0 healthy, 1 unhealthy or unverified, 3 nothing to do."""
    from bot.brief.issue_file import read_issue
    from bot.cli.interrupt import run_until_interrupted
    from bot.cli.progress import Progress
    from bot.workflow.implement import implement

    issue = read_issue(arguments.issue)
    progress = Progress(quiet=arguments.quiet or arguments.json)
    ports = _ports(arguments, issue, progress)
    try:
        ended = run_until_interrupted(implement(issue, ports, attempts=arguments.attempts))
    finally:
        if arguments.engine == "claude":
            _write_transcript(_out(arguments, issue) / MODEL)
    return _told(ended, arguments)


def _write_transcript(folder: Path) -> None:
    """Make the page of what was said with the model, however the run ended."""
    from bot.means import transcript

    page = transcript(folder)
    if page:
        (folder / "transcript.html").write_text(page, encoding="utf-8")


def _out(arguments: argparse.Namespace, issue: Issue) -> Path:
    out: Path = arguments.out or _beside(arguments.repository, issue)
    return out


def _ports(arguments: argparse.Namespace, issue: Issue, progress: Progress) -> Ports:
    """Choose the adapters for a repository on this machine."""
    from bot.blueprint.engine import BlueprintEngine
    from bot.check.registry import RULES
    from bot.cli.progress import TerminalSteps
    from bot.forge.local import LocalForge
    from bot.report.files import report_files
    from bot.workflow.draft import StepDrafter
    from bot.workflow.implement import Ports
    from bot.workflow.parts import DocumentUnderstanding, RuleChecker
    from bot.workspace.worktree import WorktreeWorkspaces

    repository: Path = arguments.repository
    out = _out(arguments, issue)
    workspaces = WorktreeWorkspaces(repository, out=out)
    steps, checker = TerminalSteps(progress, verifies=arguments.verify != "none"), RuleChecker()
    own: Drafter = StepDrafter(workspaces=workspaces, engine=BlueprintEngine(), checker=checker, steps=steps)
    return Ports(
        workspaces=workspaces,
        forge=LocalForge(workspaces, out=out, render=partial(report_files, rules=len(RULES))),
        understanding=DocumentUnderstanding(),
        drafter=_by_claude(arguments, workspaces, steps, out) if arguments.engine == "claude" else own,
        checker=checker,
        verifier=_verifier(arguments, workspaces, progress),
        steps=steps,
    )


def _beside(repository: Path, issue: Issue) -> Path:
    """Return a folder beside the repository: inside it the texts would show up as changes of the user's tree."""
    root = repository.resolve()
    return root.parent / f"{root.name}-groundwork" / issue.slug


def _by_claude(arguments: argparse.Namespace, workspaces: Workspaces, steps: Steps, out: Path) -> Drafter:
    """Return what writes drafts with a model; its transcript goes beside the report."""
    try:
        from bot.means import claude
        from bot.settings.reading import read_model
    except ImportError as error:
        raise UsageError(
            f"The claude engine needs packages that are not installed ({error.name}).",
            hint="in a checkout: deploy/environment .venv app; or use --engine blueprint",
        ) from error
    from bot.workflow.parts import RuleChecker, in_thread

    verify_root = _verify_root(arguments, None)

    async def prove(root: Path) -> HealthReport:
        return await in_thread(lambda cancel: verify_root(root, "", cancel))

    docker = arguments.verify == "docker"
    made = claude(read_model(), commands=docker)
    return made.drafter(workspaces, RuleChecker(), steps, out / MODEL, prove=prove if docker else None)


def _verifier(arguments: argparse.Namespace, workspaces: Workspaces, progress: Progress) -> Verifier:
    from bot.cli.progress import Happenings
    from bot.workflow.parts import DockerVerifier, NoVerifier

    if arguments.verify == "none":
        return NoVerifier("Nothing was started: verification was switched off with `--verify none`.")
    return DockerVerifier(workspaces.tree, _verify_root(arguments, Happenings(progress)))


def _verify_root(
    arguments: argparse.Namespace, happenings: Happenings | None
) -> Callable[[Path, str, threading.Event], HealthReport]:
    def verify_root(root: Path, commit: str, cancel: threading.Event) -> HealthReport:
        from bot.check.escape import escape_findings
        from bot.verify.run import verify_tree

        return verify_tree(
            root,
            gate=escape_findings,
            commit=commit,
            timeout=arguments.timeout,
            window=arguments.window,
            cancel=cancel,
            progress=happenings,
        )

    return verify_root


def _told(ended: Proposed | Nothing, arguments: argparse.Namespace) -> int:
    """Tell how it ended, and return the exit status."""
    from bot.model.codec import to_json
    from bot.model.health import Outcome
    from bot.workflow.implement import Nothing

    if isinstance(ended, Nothing):
        if arguments.json:
            sys.stdout.write(
                to_json(
                    {"version": 1, "outcome": "nothing-to-do", "reason": ended.reason, "instead": list(ended.instead)}
                ).decode()
                + "\n"
            )
        else:
            sys.stderr.write(f"nothing to do: {ended.reason}\n")
            sys.stderr.write("".join(f"  instead: {one}\n" for one in ended.instead))
        return 3
    proposal = ended.proposal
    if arguments.json:
        result = {
            "version": 1,
            "outcome": proposal.health.outcome,
            "branch": proposal.base.branch,
            "commit": proposal.head,
            "draft": proposal.draft,
            "findings": len(proposal.findings),
            "out": ended.where,
        }
        sys.stdout.write(to_json(result).decode() + "\n")
    elif not arguments.quiet:
        from bot.report.terminal import run_summary

        sys.stdout.write(run_summary(proposal, ended.where) + "\n")
    return 0 if proposal.health.outcome is Outcome.HEALTHY else 1
