"""Answers on a pull request: to reviews that no engine here can follow, and about reports that are out of date."""

from __future__ import annotations

import re
from typing import Final

from bot.report.markdown import code

_STALE: Final = "<!-- groundwork:stale -->"


def needs_model(issue: int) -> str:
    """Return the answer to a review where only the blueprint engine runs, with what can be done without a model."""
    about = f"#{issue}" if issue else "the issue"
    return (
        "Changes in free words need a model key, and this server runs the blueprint engine, which has none."
        " Nothing was changed. What works without one:\n\n"
        f"- say what should be different in the project's documents or in {about} (which database, which port), then"
        " write `/infra run` on the issue: the files are written anew from what the documents say then\n"
        "- push commits to this branch yourself; they are kept and built upon, and `/infra verify` proves the result\n"
    )


def stale(report: str, head: str) -> str:
    """Return the report comment `report` with the remark that the branch is now at `head`; twice is once."""
    if not report or f"head={head[:7]} " in report.split("\n", 1)[0]:
        return report
    marker, _, rest = report.partition("\n")
    rest = re.sub(rf"^{re.escape(_STALE)}\n> .*\n\n", "", rest)
    note = f"> ⏳ The branch moved to {code(head[:7])}; this report is about the commit it names."
    return f"{marker}\n{_STALE}\n{note}\n\n{rest}"
