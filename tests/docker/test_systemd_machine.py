"""Units and install script for real: a machine that systemd has booted, from nothing to healthy, and after a restart."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import pytest

from bot.blueprint.choice import choose
from bot.blueprint.host import host_part
from bot.blueprint.library import shipped
from bot.blueprint.place import place
from bot.blueprint.render import render_choice
from tests.docker.test_blueprint_stacks import GO_MODULES, make_go_modules
from tests.unit.blueprint.briefs import brief

pytestmark = pytest.mark.docker

# Debian with a runtime that its users would have put there, and with systemd as its first process.
MACHINE = """\
FROM {image}
RUN apt-get update && apt-get install -y --no-install-recommends dbus iproute2 systemd systemd-sysv \\
 && systemctl mask systemd-modules-load.service getty@tty1.service && rm -f /usr/sbin/policy-rc.d
STOPSIGNAL SIGRTMIN+3
ENTRYPOINT ["/lib/systemd/systemd"]
"""
# Those whose build is a matter of seconds show that a second time changes nothing.
TWICE = ("go", "laravel")
ASK = 'ask() { page=$1 && shift && curl --silent --show-error --fail --max-time 10 "http://127.0.0.1$page" "$@"; }; ask'
STACKS = {
    "express": (
        "node:22-alpine",
        brief(
            backend="express",
            frontend="nextjs",
            database="postgresql",
            cache="redis",
            worker="bullmq",
            proxy="nginx",
        ),
    ),
    "django": (
        "node:22-alpine",
        brief(backend="django", frontend="vue-vite", database="mariadb", cache="redis", worker="celery", proxy="nginx"),
    ),
    "go": (
        GO_MODULES,
        brief(backend="go", database="postgresql", cache="redis", queue="rabbitmq", proxy="nginx"),
    ),
    # With Composer and libraries from Debian, since Packagist is not reached.
    "laravel": (
        "composer:2",
        brief(
            backend="laravel",
            database="postgresql",
            cache="redis",
            queue="redis",
            worker="laravel-queue",
            proxy="nginx",
        ),
    ),
}


@dataclass(frozen=True)
class Machine:
    """A container whose first process is systemd."""

    name: str

    def run(self, script: str, seconds: float = 300) -> str:
        """Return what `script` prints, run by root; an error where it fails."""
        done = subprocess.run(
            ["docker", "exec", "-i", self.name, "sh"],
            input=script,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout.strip()

    def booted(self) -> str:
        """Wait for systemd to be there and to have started all that it starts; return what state it is in."""
        return self.run("until systemctl status >/dev/null 2>&1; do :; done; systemctl is-system-running --wait; true")

    def health(self) -> dict[str, object]:
        """Return what nginx passes on from the health page."""
        return dict(json.loads(self.run(f"{ASK} /health")))

    def write(self, text: str) -> None:
        """Hand a note in, at the front door."""
        self.run(f"{ASK} /api/notes --header 'Content-Type: application/json' --data '{json.dumps({'text': text})}'")

    def notes(self) -> str:
        """Return the answer that lists all notes."""
        return self.run(f"{ASK} /api/notes")


@pytest.fixture(params=STACKS)
def stack(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def machine(stack: str, tmp_path: Path) -> Iterator[Machine]:
    image, asked = STACKS[stack]
    if image == GO_MODULES:
        make_go_modules()
    name = f"groundwork-test-{uuid4().hex[:12]}"
    build = ["docker", "build", "--quiet", "--tag", name, "-"]
    subprocess.run(build, input=MACHINE.format(image=image), text=True, check=True, capture_output=True)
    run = ["docker", "run", "--detach", "--name", name, "--privileged", "--cgroupns=private"]
    try:
        subprocess.run([*run, "--tmpfs=/run", "--tmpfs=/tmp:exec", name], check=True, capture_output=True)
        choice = choose(asked, shipped())
        rendered = render_choice(choice, shipped())
        part = host_part(replace(asked, orchestrator="systemd"), choice, rendered, shipped())
        place((*rendered, *part.files), tmp_path)
        subprocess.run(["docker", "cp", f"{tmp_path}/.", f"{name}:/repo"], check=True, capture_output=True)
        yield Machine(name)
    finally:
        subprocess.run(["docker", "rm", "--force", "--volumes", name], check=False, capture_output=True)
        subprocess.run(["docker", "rmi", "--force", name], check=False, capture_output=True)


def test_a_machine_runs_it_from_one_command_and_again_after_a_restart(machine: Machine, stack: str) -> None:
    assert machine.booted() == "running"
    machine.run("apt-get update -qq && /repo/src/systemd/install.sh")
    well = machine.health()
    assert well["status"] == "ok"
    # Nothing of nginx's configuration of before answers any more.
    machine.run(f"for n in $(seq 30); do {ASK} /health; done")
    machine.write("kept")
    assert machine.run("systemctl --failed --no-legend") == ""

    # From outside there is nginx and nothing else.
    listening = {line.split()[3] for line in machine.run("ss -Hltn").splitlines()}
    local = {address for address in listening if address.startswith(("127.0.0.", "[::1]:"))}
    assert {address.rpartition(":")[2] for address in listening - local} == {"80"}

    # Twice is once: secrets stay, data stays.
    if stack in TWICE:
        secrets = machine.run("cat /etc/the-shop/secrets")
        machine.run("/repo/src/systemd/install.sh")
        assert machine.run("cat /etc/the-shop/secrets") == secrets
        assert machine.health() == well
        assert "kept" in machine.notes()

    subprocess.run(["docker", "restart", "--timeout", "60", machine.name], check=True, capture_output=True)
    assert machine.booted() == "running"
    assert machine.health() == well
    assert "kept" in machine.notes()

    process = machine.run("cat /proc/$(systemctl show -P MainPID the-shop-backend)/status")
    told = dict(line.split(":\t", 1) for line in process.splitlines() if ":\t" in line)
    assert (told["CapEff"].strip("0"), told["NoNewPrivs"], told["Seccomp"]) == ("", "1", "2")
    assert told["Uid"].split()[0] != "0"
    assert machine.run("find /opt/the-shop ! -user root | head -n 3") == ""

    machine.run("systemctl stop the-shop.target 'the-shop-*'")
    assert "inactive" in machine.run("systemctl is-active the-shop-backend; true")
    assert machine.run("systemctl --failed --no-legend") == ""
    assert "timed out" not in machine.run("journalctl --no-pager --unit 'the-shop-*'")
