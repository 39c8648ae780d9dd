"""Prints precision and recall of the Brief per category, over the labelled documents in `tests/data/brief`.

Usage: python tests/bench/brief_accuracy.py [FOLDER] [--set dev|held] [--misses]
"""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.brief.read import read_document
from bot.model.brief import Brief

SET = Path(__file__).parents[1] / "data" / "brief"
FIELDS = ("orchestrator", "backend", "frontend", "databases", "caches", "queues", "proxy", "custom_domains")


@dataclass(slots=True)
class Score:
    """Counts over all documents; `right` are documents with every scored field exact."""

    hits: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FIELDS, 0))
    extra: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FIELDS, 0))
    missed: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FIELDS, 0))
    infra_right: int = 0
    documents: int = 0
    right: int = 0
    misses: list[str] = field(default_factory=list)

    @property
    def f1(self) -> float:
        """Over all fields together."""
        hits = sum(self.hits.values())
        return 2 * hits / max(1, 2 * hits + sum(self.extra.values()) + sum(self.missed.values()))


def score(folder: Path, wanted_set: str = "") -> Score:
    """Score the documents of `folder` that its `labels.toml` names."""
    result = Score()
    for name, label in tomllib.loads((folder / "labels.toml").read_text(encoding="utf-8")).items():
        if not wanted_set or label["set"] == wanted_set:
            _count(result, name, label, read_document(folder / f"{name}.md"))
    return result


def _count(result: Score, name: str, label: dict[str, Any], brief: Brief) -> None:
    wrong = []
    for key in FIELDS:
        if label.get(key) == "?":
            continue
        want, got = _names(label.get(key)), _names(getattr(brief, key))
        result.hits[key] += len(want & got)
        result.extra[key] += len(got - want)
        result.missed[key] += len(want - got)
        if want != got:
            wrong.append(f"{key}: extra {sorted(got - want)}, missed {sorted(want - got)}")
    if brief.needs_infra == label["needs_infra"]:
        result.infra_right += 1
    else:
        wrong.append(f"needs_infra: {brief.needs_infra} {brief.reason}")
    result.documents += 1
    result.right += not wrong
    result.misses += [f"{name}: {'; '.join(wrong)}"] if wrong else []


def _names(value: str | Iterable[str] | None) -> set[str]:
    return {value} if isinstance(value, str) else set(value or ())


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=SET)
    parser.add_argument("--set", default="", choices=("", "dev", "held"))
    parser.add_argument("--misses", action="store_true")
    arguments = parser.parse_args()
    result = score(arguments.folder, arguments.set)
    print(f"{'category':<16} precision  recall   right/extra/missed")
    for key in FIELDS:
        hits, extra, missed = result.hits[key], result.extra[key], result.missed[key]
        precision, recall = hits / max(1, hits + extra), hits / max(1, hits + missed)
        print(f"{key:<16} {precision:9.2f} {recall:7.2f}   {hits}/{extra}/{missed}")
    print(f"{'all':<16} F1 {result.f1:.3f}; {result.right} of {result.documents} documents wholly right", end="; ")
    print(f"needs_infra right in {result.infra_right}")
    if arguments.misses:
        print("\n".join(result.misses))


if __name__ == "__main__":
    main()
