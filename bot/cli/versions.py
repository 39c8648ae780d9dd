"""`groundwork versions`: which of the versions that scaffolds fix are behind."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.blueprint.pin import Standing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--json", action="store_true", help="print every version as JSON")
    parser.add_argument(
        "--against",
        type=Path,
        metavar="FILE",
        help="compare with the newest versions in this TOML file, and ask no registry",
    )


def run(arguments: argparse.Namespace) -> int:
    """Compare; 0 where nothing that is known is behind, 1 where something is, 3 where nobody answered."""
    from bot.blueprint.library import prompts_folder, shipped
    from bot.blueprint.newest import answers, ask_clients, from_file
    from bot.blueprint.pin import pins, standing
    from bot.model.codec import to_json

    fixed = pins(shipped(), prompts_folder())
    known = answers(fixed, from_file(arguments.against) if arguments.against else ask_clients)
    found = [standing(pin, answer.newest, why=answer.why) for pin, answer in zip(fixed, known, strict=True)]
    if arguments.json:
        sys.stdout.write(to_json({"version": 1, "pins": [_row(one) for one in found]}, indent=2).decode() + "\n")
    else:
        sys.stdout.write("".join(f"{line}\n" for line in _lines(found)))
    if any(one.state == "behind" for one in found):
        return 1
    return 0 if any(one.state == "current" for one in found) else 3


def _row(one: Standing) -> dict[str, Any]:
    return {
        "kind": one.pin.kind,
        "name": one.pin.name,
        "pinned": one.pin.version,
        "newest": one.newest or None,
        "state": one.state,
        "why": one.why,
        "skills": list(one.pin.skills),
        "source": one.pin.source,
        "looked_at": one.pin.looked_at,
    }


def _lines(found: Sequence[Standing]) -> Iterator[str]:
    """Yield what is behind, then what nobody said, each reason once; what is current is only counted."""
    behind = [one for one in found if one.state == "behind"]
    width = max((len(one.pin.name) for one in behind), default=0)
    for one in behind:
        used = f"  in {', '.join(one.pin.skills)}" if one.pin.skills else ""
        yield f"{one.pin.kind:<6}  {one.pin.name:<{width}}  {one.pin.version} -> {one.newest}{used}"
    unknown = [one for one in found if one.state == "unknown"]
    for why in dict.fromkeys(one.why for one in unknown):
        yield f"unknown ({why}):"
        for one in unknown:
            if one.why == why:
                pinned = f"{one.pin.name} {one.pin.version}".strip()
                yield f"  {one.pin.kind:<6}  {pinned}, looked at {one.pin.looked_at}: {one.pin.source}"
    current = sum(one.state == "current" for one in found)
    yield f"{len(behind)} behind, {current} current, {len(unknown)} unknown."
