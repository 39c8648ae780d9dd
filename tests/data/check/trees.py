"""Trees that rules are tried on, read from `cases/<rule>.yaml` and `clean/`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

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
