"""The artifact of a verification in GitHub Actions: what it is called, what lies in it, and whose it says it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NAME: Final = "groundwork-health"
REPORT: Final = "report.json"
NOTE: Final = "run.json"
LOGS: Final = "logs"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunNote:
    """Beside a report: which run of which workflow made it, in its own words.

    Attributes:
        outcome: As in the report.
        commit: That was verified, as in the report.
        repository: `owner/name`, "" outside Actions.
        run_id: Of the workflow run, 0 outside Actions; `run_attempt` counts its re-runs from 1.
        groundwork: The version of this program.
    """

    outcome: str
    commit: str
    version: int = 1
    repository: str = ""
    run_id: int = 0
    run_attempt: int = 0
    groundwork: str = ""
