"""The page of security: what holds a model and a stack, and each attack that was tried. `python -m tests.attacks.page`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Final

from tests.attacks.table import Attack, attacks

PAGE: Final = Path(__file__).parents[2] / "deploy/SECURITY.md"
HEAD: Final = """# Security

What Groundwork runs was written by strangers or by a model. It is therefore held in a box, and judged before it leaves it:

```mermaid
flowchart LR
  words["issue, files, reviews"] -->|"hidden text taken out, told as data"| model
  model -->|"file tools, this tree only"| tree["workspace"]
  model -->|"commands"| box["container: no network, no rights, no secret"]
  box --- tree
  tree -->|"protected paths, secrets and rules checked"| branch["branch and pull request"]
  branch -->|"no way out of its box, or refused"| stack["the stack is run"]
```

The tests play a model and a stranger that mean harm, with the real tools, the real container and the real commands.
Below is each attack that they try. **All {number} fail**: one that came through would be a red test.

This page is written by `python -m tests.attacks.page`, and a test holds it. Who finds an attack that is missing: please
report it privately, by *Security*, *Report a vulnerability*, in the repository on GitHub.
"""


def page() -> str:
    """Return the page as Markdown."""
    lines = [HEAD.replace("{number}", str(len(attacks())))]
    for group, tried in groupby(attacks(), key=lambda attack: attack.group):
        lines += list(_part(group, list(tried)))
    return "\n".join(lines)


def _part(group: str, tried: list[Attack]) -> Iterator[str]:
    """Yield one group: what stops it, then its attacks; one that something else stops says so beside it."""
    common = max({attack.fails for attack in tried}, key=[attack.fails for attack in tried].count)
    yield f"## {group}\n\n{common}\n"
    stopped = ["" if attack.fails == common else attack.fails for attack in tried]
    stopped = [own or _what(attack) for own, attack in zip(stopped, tried, strict=True)]
    told = any(stopped)
    yield "| | tried | stopped by |\n|---|---|---|" if told else "| | tried |\n|---|---|"
    for attack, what in zip(tried, stopped, strict=True):
        cells = (attack.id, attack.tried, what or "as above") if told else (attack.id, attack.tried)
        yield f"| {' | '.join(map(_cell, cells))} |"
    yield ""


def _what(attack: Attack) -> str:
    return f"`{attack.rule}`" if attack.rule else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
