"""Trees that rules are tried on, read from `cases/<rule>.yaml` and `clean/`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

HERE = Path(__file__).parent
Tree = dict[str, str]


def cases(kind: Literal["bad", "good"]) -> list[tuple[str, int, Tree]]:
    """Return every case: the rule's name, the case's number in its file, the files."""
    found = []
    for path in sorted((HERE / "cases").glob("*.yaml")):
        listed = yaml.safe_load(path.read_text(encoding="utf-8"))[kind]
        for number, case in enumerate(listed):
            files = case if isinstance(case, dict) else {"src/docker-compose.yml": case}
            found.append((path.stem, number, files))
    return found


def lay(root: Path, files: Tree) -> Path:
    """Write the files of a tree; a path that ends in `/` is a folder."""
    for path, text in files.items():
        place = root / path
        if path.endswith("/"):
            place.mkdir(parents=True, exist_ok=True)
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode("utf-8"))
    return root


def clean() -> list[tuple[str, Tree]]:
    """Return the good stacks: name and files."""
    found = sorted((HERE / "clean").glob("*.yaml"))
    return [(path.stem, yaml.safe_load(path.read_text(encoding="utf-8"))) for path in found]


def grounds() -> dict[str, Tree]:
    """Return the good stacks that `unseen_edits.yaml` spoils, by name."""
    return {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((HERE / "unseen").glob("*"))}


@dataclass(frozen=True, slots=True)
class Edited:
    """A good stack with a few texts replaced.

    Attributes:
        name: The stack and what is looked for, with the case's number.
        find: The rule that must find something; "" for a stack that stays good.
        at: A text on the line that must be named; "" where the line does not matter.
        also: Rules that find something of themselves; `any` where that cannot be told.
        files: The tree.
    """

    name: str
    find: str
    at: str
    also: tuple[str, ...]
    files: Tree


def edited(kind: Literal["bad", "good"]) -> list[Edited]:
    """Return the cases of `unseen_edits.yaml`."""
    stacks = grounds()
    listed = yaml.safe_load((HERE / "unseen_edits.yaml").read_text(encoding="utf-8"))[kind]
    found = []
    for number, case in enumerate(listed):
        also = case.get("also", ())
        found.append(
            Edited(
                name=f"{number}-{case['of']}-{case.get('find', 'good')}",
                find=case.get("find", ""),
                at=case.get("at", ""),
                also=(also,) if isinstance(also, str) else tuple(also),
                files=_edit(dict(stacks[case["of"]]), case),
            )
        )
    return found


def _edit(files: Tree, case: dict[str, Any]) -> Tree:
    compose = next(path for path in files if "compose" in path)
    for *where, old, new in case.get("edit", ()):
        path = where[0] if where else compose
        if old not in files[path]:
            raise ValueError(f"{case['of']}: {path} has no {old!r}")
        files[path] = files[path].replace(old, new, 1)
    files.update(case.get("add", {}))
    return {path: text for path, text in files.items() if path not in case.get("drop", ())}
