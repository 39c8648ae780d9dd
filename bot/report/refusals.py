"""What the engine's commands asked of the network and did not get, with the commands that asked."""

from __future__ import annotations

from collections.abc import Sequence

from bot.model.egress import Refusal
from bot.report import figures
from bot.report.markdown import code, details, prose, table

_INTRO = (
    "The engine's commands ran in a sandbox that lets package registries through and nothing else. "
    "Whoever runs this server can list further hosts."
)


def refusals_details(refusals: Sequence[Refusal], most: int) -> str:
    """Return the refusals as a folded table of at most `most` rows; "" where nothing was refused."""
    if not refusals:
        return ""
    rows = [
        (code(one.target, limit=120), str(one.times), prose(one.why, limit=160), code(one.command, limit=160))
        for one in refusals[:most]
    ]
    if len(refusals) > most:
        rows.append((f"and {len(refusals) - most} more", "", "", ""))
    drawn = table(("asked for", "times", "why not", "by the command"), ("---", "--:", "---", "---"), rows)
    what = figures.count(len(refusals), "request")
    return details(f"What the sandbox was refused: {what} to the network", f"{_INTRO}\n\n{drawn}")
