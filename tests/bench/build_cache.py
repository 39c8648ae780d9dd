"""The second verification of a branch against the first, each on an engine that knows nothing; prints ratios.

    python -m tests.bench.build_cache            (root on Linux, with the images of a development machine)

Two real stacks are verified with `--cache` on an engine of its own, as on a new runner: first with an empty folder, then
as they are, then with a line changed in the back end. Between them the engine forgets what it built. The folder stays
where it is: what GitHub takes to carry it is not measured. Without the window, for that is the same for all; how long
containers take to become healthy is the same, too, and the most of what is left in the second run of a small stack.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.blueprint.place import place
from bot.blueprint.render import render
from bot.model.brief import Brief
from tests.docker.verify.own_engine import OwnEngine, own_engine
from tests.unit.blueprint.briefs import brief

IMAGES = ("node:22-alpine", "postgres:16-alpine", "redis:7-alpine", "nginx:1.27-alpine")
STACKS = {
    "Express, React": brief(
        backend="express", frontend="react-vite", database="postgresql", cache="redis", proxy="nginx"
    ),
    "NestJS, a worker, Next.js": brief(
        backend="nestjs", frontend="nextjs", database="postgresql", cache="redis", worker="bullmq", proxy="nginx"
    ),
}
WINDOW = 2.0
HERE, THERE = "10.231.77.1", "10.231.77.2"


def main() -> int:
    """Measure with both stores."""
    for store, in_containerd in (("Docker's own store", False), ("containerd's store", True)):
        with own_engine(in_containerd=in_containerd, bridged=True) as engine, online(engine):
            print(store)
            saved = subprocess.Popen(["docker", "save", *IMAGES], stdout=subprocess.PIPE)
            subprocess.run(["docker", "-H", engine.host, "load", "--quiet"], stdin=saved.stdout, check=True)
            for name, chosen in STACKS.items():
                with tempfile.TemporaryDirectory() as folder:
                    print(f" {name}")
                    measured(engine, chosen, Path(folder))
    return 0


def measured(engine: OwnEngine, chosen: Brief, folder: Path) -> None:
    """Print three verifications and their ratios."""
    tree = folder / "tree"
    tree.mkdir()
    place(render(chosen), tree)
    first = verified(engine, tree, folder, "empty folder")
    second = verified(engine, tree, folder, "nothing changed")
    server = next(path for path in (tree / "src/backend/src").iterdir() if path.stem in {"server", "main"})
    server.write_text(f"{server.read_text()}// changed\n")
    third = verified(engine, tree, folder, "a line changed")
    size = sum(path.stat().st_size for path in (folder / "cache").rglob("*") if path.is_file())
    print(
        f"  {first / second:.1f} x as fast with nothing changed, {first / third:.1f} x with a line; {size / 1e6:.0f} MB"
    )


def verified(engine: OwnEngine, tree: Path, folder: Path, what: str) -> float:
    """Return the seconds of a verification, all but its window, on an engine that built nothing before."""
    engine.docker("builder", "prune", "--all", "--force")
    report = folder / "report.json"
    words = [sys.executable, "-m", "bot", "verify", str(tree), "--quiet", "--window", str(WINDOW)]
    words += ["--json", str(report), "--cache", str(folder / "cache")]
    begun = time.monotonic()
    done = subprocess.run(
        ["nsenter", "--target", str(engine.pid), "--net", *words],
        env={**os.environ, "DOCKER_HOST": engine.host},
        capture_output=True,
        text=True,
        check=False,
    )
    spent = time.monotonic() - begun - WINDOW
    said = json.loads(report.read_text())
    phases = "  ".join(f"{name} {seconds:.1f}" for name, seconds in said["seconds"].items())
    print(f"  {what:<15} {spent:6.1f} s   {said['outcome']}   {phases}")
    if said["outcome"] != "healthy":
        raise SystemExit(done.stdout + done.stderr)
    return spent


@contextmanager
def online(engine: OwnEngine) -> Iterator[None]:
    """Connect the engine's network with this machine's, as a router would."""
    inside = ["nsenter", "--target", str(engine.pid), "--net"]
    rules = [
        ["-t", "nat", "{}", "POSTROUTING", "-s", THERE, "-j", "MASQUERADE"],
        ["{}", "FORWARD", "-i", "groundwork-b", "-j", "ACCEPT"],
        ["{}", "FORWARD", "-o", "groundwork-b", "-j", "ACCEPT"],
    ]
    ran(["ip", "link", "add", "groundwork-b", "type", "veth", "peer", "name", "eth0", "netns", str(engine.pid)])
    try:
        ran(["ip", "addr", "add", f"{HERE}/30", "dev", "groundwork-b"], ["ip", "link", "set", "groundwork-b", "up"])
        ran([*inside, "ip", "addr", "add", f"{THERE}/30", "dev", "eth0"], [*inside, "ip", "link", "set", "eth0", "up"])
        ran([*inside, "ip", "route", "add", "default", "via", HERE])
        ran(*(["iptables", *(word.replace("{}", "-I") for word in rule)] for rule in rules))
        yield
    finally:
        for rule in rules:
            subprocess.run(["iptables", *(word.replace("{}", "-D") for word in rule)], check=False)
        subprocess.run(["ip", "link", "del", "groundwork-b"], check=False)


def ran(*commands: list[str]) -> None:
    """Run each."""
    for words in commands:
        subprocess.run(words, check=True)


if __name__ == "__main__":
    sys.exit(main())
