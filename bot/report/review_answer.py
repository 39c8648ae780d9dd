"""Answers on a pull request: to what reviews ask, and about reports that are out of date."""

from __future__ import annotations

import re
from typing import Final

from bot.model.ask import Ask
from bot.model.health import HealthReport
from bot.report.markdown import code, prose
from bot.report.verdict import words

_BLUEPRINT: Final = "blueprint"
_STALE: Final = "<!-- groundwork:stale -->"


def declined(ask: Ask, why: str, engine: str, issue: int) -> str:
    """Return the answer to an ask that was not done, and why; where no model is there to ask, what works without."""
    reason = why.rstrip(".")
    text = f"Not changed: {prose(reason, limit=600)}."
    if engine != _BLUEPRINT:
        return text
    about = f"#{issue}" if issue else "the issue"
    written = f"say what should be different in the project's documents or in {about} (which database, which port)"
    if ask.kind == "thread":
        return f"{text} Without one: {written} and write `/infra run` there, or push a commit to this branch."
    return (
        f"{text} What works without one:\n\n"
        f"- {written}, then write `/infra run` on the issue: the files are written anew from what is said then\n"
        "- push commits to this branch yourself; they are kept and built upon, and `/infra verify` proves the result\n"
    )


def done(what: str, commit: str, health: HealthReport) -> str:
    """Return the answer to an ask that was done in `commit`, with what its verification showed."""
    said = f": {prose(what.rstrip('.'), limit=600)}" if what else ""
    return f"Done in {commit}{said}. Verification of that commit: {words(health).state.lower()}."


def too_many(rounds: int, issue: int) -> str:
    """Return the answer where a pull request was revised as often as it may be."""
    about = f"#{issue}" if issue else "the issue"
    return (
        f"Not changed: this pull request was revised {rounds} times, which is the limit here (`rounds`)."
        f" Push a commit to this branch, or say in {about} what should be different and write `/infra run` there."
    )


def stale(report: str, head: str) -> str:
    """Return the report comment `report` with the remark that the branch is now at `head`; twice is once."""
    if not report or f"head={head[:7]} " in report.split("\n", 1)[0]:
        return report
    marker, _, rest = report.partition("\n")
    rest = re.sub(rf"^{re.escape(_STALE)}\n> .*\n\n", "", rest)
    note = f"> ⏳ The branch moved to {code(head[:7])}; this report is about the commit it names."
    return f"{marker}\n{_STALE}\n{note}\n\n{rest}"
