"""Every combination of back end, database, cache, queue, front end and proxy against every rule and Docker Compose.

    tests/run --every                (with Docker Compose; no engine is needed)

The tests render all of them and hold them against the laws of a stack; against the rules and `docker compose config`
they hold as many as let every two parts meet. This is the rest: for a change of a skill, and before a release.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import product
from multiprocessing import Pool
from pathlib import Path

from bot.blueprint.render import render
from bot.blueprint.skill import Part
from bot.check.engine import Options, check_tree
from bot.model.brief import Brief
from tests.unit.blueprint.briefs import brief, played, words

PARTS: tuple[Part, ...] = ("cache", "queue", "frontend", "proxy")
_COMPOSE = ("docker", "compose", "-f", "src/docker-compose.yml", "--env-file", "src/.env.example", "config", "--quiet")


def main() -> int:
    """Check them, with a line for each back end and database, and one for each combination that is wrong."""
    begun, wrong, count = time.monotonic(), 0, 0
    groups = list(product(["", *played("backend")], ["", *played("database")]))
    with Pool() as pool:
        for (backend, database), (checked, found) in zip(groups, pool.imap(held, groups), strict=True):
            count, wrong = count + checked, wrong + len(found)
            print(f"{backend or 'no back end'} and {database or 'no database'}: {checked} stacks, {len(found)} wrong")
            for line in found:
                print(f"  {line}")
    print(f"{count} stacks in {time.monotonic() - begun:.0f} s, {wrong} wrong")
    return min(wrong, 1)


def held(group: tuple[str, str]) -> tuple[int, list[str]]:
    """Return how many stacks of one back end and database there are, and what is wrong with which."""
    count, wrong = 0, list[str]()
    with tempfile.TemporaryDirectory() as folder:
        before: dict[str, bytes] = {}
        for asked in combinations(*group):
            now = {file.path: file.content for file in render(asked)}
            if not now:
                continue
            count += 1
            written(Path(folder), before, now)
            before = now
            findings = check_tree(Path(folder), Options(changed=frozenset(now))).findings
            wrong += [f"{words(asked)}: {one.rule} {one.path}:{one.line} {one.message}" for one in findings]
            read = subprocess.run(_COMPOSE, cwd=folder, capture_output=True, text=True, check=False, env=os.environ)
            if read.returncode:
                wrong.append(f"{words(asked)}: {read.stderr.strip()[:300]}")
    return count, wrong


def combinations(backend: str, database: str) -> Iterator[Brief]:
    """Yield every stack of a back end and a database."""
    for stores, queue, front, proxy in product(*(["", *played(part)] for part in PARTS)):
        yield brief(backend=backend, database=database, cache=stores, queue=queue, frontend=front, proxy=proxy)


def written(root: Path, before: dict[str, bytes], now: dict[str, bytes]) -> None:
    """Make the folder hold `now` where it holds `before`: most files of two stacks are the same."""
    for path in before.keys() - now.keys():
        (root / path).unlink()
        for folder in (root / path).parents:
            if folder == root or any(folder.iterdir()):
                break
            folder.rmdir()
    for path, content in now.items():
        if before.get(path) != content:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content)


if __name__ == "__main__":
    sys.exit(main())
