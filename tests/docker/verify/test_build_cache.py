"""Layers of a build, kept for a machine that knows nothing: what did not change is not built again, and nothing stays."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import tarfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.check.escape import escape_findings
from bot.model.codec import from_json
from bot.model.health import HealthReport
from bot.verify.run import verify_tree
from tests.docker.verify.own_engine import IMAGE, OwnEngine, own_engine
from tests.docker.verify.stacks import Case, check, web

pytestmark = [pytest.mark.docker, pytest.mark.timeout(240)]
UUID = "cat /proc/sys/kernel/random/uuid"
DOCKERFILE = f"""
FROM {IMAGE} AS dependencies
COPY lock /lock
RUN ["busybox", "sh", "-c", "busybox sleep $(cat /lock); echo installed $({UUID}) > /installed"]

FROM dependencies AS build
COPY source /source
RUN ["busybox", "sh", "-c", "busybox cat /installed; echo built $({UUID}) > /built; ! busybox grep broken /source"]

FROM {IMAGE}
COPY --from=dependencies /installed /
COPY --from=build /built /
"""


@dataclass(frozen=True)
class Machine:
    """Runs verifications of one tree, each as if on a new machine, with the same folder for layers."""

    engine: OwnEngine
    folder: Path

    def write(self, *, source: str, takes: int = 0) -> None:
        app = {
            "build": {"context": "app", "network": "none"},
            "command": ["sh", "-c", "busybox cat /installed /built; busybox sleep 600"],
            "healthcheck": check("") | {"test": ["CMD", "busybox", "true"]},
            "network_mode": "none",
        }
        files = {
            "docker-compose.yml": json.dumps({"services": {"app": app, "worker": app}}),
            "app/Dockerfile": DOCKERFILE.replace("cat", "busybox cat").replace("busybox busybox", "busybox"),
            "app/lock": str(takes),
            "app/source": source,
        }
        for name, text in files.items():
            path = self.folder / "tree/src" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def verify(self, outcome: str = "healthy") -> tuple[str, str]:
        """Return when dependencies were installed and when the source was built, as numbers of their own."""
        self.engine.docker("builder", "prune", "--all", "--force")
        report_file = self.folder / "report.json"
        words = [sys.executable, "-m", "bot", "verify", str(self.folder / "tree"), "--window", "0.5", "--quiet"]
        done = subprocess.run(
            [*words, "--json", str(report_file), "--cache", str(self.folder / "cache")],
            env={**os.environ, "DOCKER_HOST": self.engine.host},
            capture_output=True,
            text=True,
            check=False,
        )
        report = from_json(HealthReport, report_file.read_bytes())
        assert report.outcome == outcome, done.stdout + done.stderr
        assert report.left_behind == ()
        assert report.suggestions == ()
        assert report.record is not None
        held = (
            self.engine.docker("image", "ls", "--all", "--format", "{{.Repository}}:{{.Tag}}").stdout.decode().split()
        )
        assert held == [IMAGE], "nothing stays on the engine"
        said = "\n".join((*report.record.builds[0].lines, *report.services[0].log))
        installed, built = (re.search(rf"{word} ([0-9a-f-]{{36}})", said) for word in ("installed", "built"))
        return installed[1] if installed else "", built[1] if built else ""

    @property
    def written(self) -> str:
        return (self.folder / "cache/written").read_text()


@pytest.fixture(params=["images", "exported"])
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Machine]:
    """An engine with each of the two stores that there are."""
    with own_engine(in_containerd=request.param == "exported") as engine:
        yield Machine(engine, tmp_path)


def test_what_did_not_change_is_reused_on_a_machine_that_knows_nothing(machine: Machine) -> None:
    machine.write(source="first")
    first = machine.verify()
    assert all(first)
    written = machine.written
    assert machine.verify() == first

    machine.write(source="second")
    second = machine.verify()
    assert second[0] == first[0]
    assert second[1] != first[1]
    assert machine.written == written, "building that again takes less than writing it"

    machine.write(source="second", takes=9)
    third = machine.verify()
    assert not {*third} & {*second}
    assert machine.written != written
    assert machine.verify() == third


def test_stages_before_a_failure_are_kept_for_the_repair(machine: Machine) -> None:
    machine.write(source="broken")
    installed, _ = machine.verify("build-failed")
    assert installed
    machine.write(source="mended")
    assert machine.verify()[0] == installed


def test_a_file_that_is_not_ours_replaces_no_image(tmp_path: Path) -> None:
    with own_engine() as engine:
        machine = Machine(engine, tmp_path)
        machine.write(source="first")
        first = machine.verify()
        kept = tmp_path / "cache/images.tar"
        before = engine.docker("image", "inspect", "--format", "{{.Id}}", IMAGE).stdout
        renamed(kept, IMAGE)
        assert machine.verify() != first
        assert engine.docker("image", "inspect", "--format", "{{.Id}}", IMAGE).stdout == before
        kept.write_bytes(b"no archive")
        assert all(machine.verify())


def test_layers_that_cannot_be_written_cost_no_verdict(tmp_path: Path) -> None:
    dockerfile = f"FROM node:22-alpine\nRUN echo {uuid.uuid4()} > /layer\n"
    app = web() | {"build": "./app"}
    del app["image"]
    case = Case(services={"app": app}, files={"app/Dockerfile": dockerfile}, outcome="healthy")
    (tmp_path / "cache").write_text("a file, where a folder should be")
    tree = case.write(tmp_path / "tree")
    report = verify_tree(tree, gate=escape_findings, window=0.5, cache=tmp_path / "cache")
    assert report.outcome == "healthy"
    assert [said for said in report.suggestions if said.startswith("The built layers were not kept: ")]
    command = [sys.executable, "-m", "bot", "verify", str(tree), "--cache", str(tmp_path / "cache")]
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (refused.returncode, "is no folder" in refused.stderr) == (2, True), refused.stderr


def renamed(file: Path, name: str) -> None:
    """Say of all images in a file of `docker save` that they are `name`."""
    with tarfile.open(file) as archive:
        members = [(one, archive.extractfile(one)) for one in archive.getmembers()]
        contents = [(one, data.read() if data else b"") for one, data in members]
    with tarfile.open(file, "w") as archive:
        for member, data in contents:
            listed = member.name == "manifest.json"
            written = json.dumps([one | {"RepoTags": [name]} for one in json.loads(data)]).encode() if listed else data
            member.size = len(written)
            archive.addfile(member, io.BytesIO(written))
