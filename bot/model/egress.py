"""What a sandbox asked of the network and did not get, with the command that asked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One thing that was asked for and refused, however often.

    Attributes:
        target: Host and port, as far as they could be read.
        why: Why not, in words that fit after a colon.
        command: The command that ran meanwhile; its first line, bounded.
        times: How often it was asked for.
    """

    target: str
    why: str
    command: str
    times: int = 1
