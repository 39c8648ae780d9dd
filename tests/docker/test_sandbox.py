"""The sandbox on a real engine: what its commands can do, and what they cannot."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.agent.sandbox import LABEL, Box, CommandResult, Sandbox
from bot.errors import EngineUnavailableError

pytestmark = pytest.mark.docker
IMAGE = "python:3.12-slim"


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    from docker import APIClient

    engine = APIClient(version="auto")
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def box() -> Box:
    return Box(image=IMAGE, memory=256, cpus=1.0, pids=64, disk=64, file=256)


@pytest.fixture
def sandbox(client: Any, box: Box, tmp_path: Path) -> Iterator[Sandbox]:
    tree = tmp_path / "tree"
    tree.mkdir()
    for folder in (tree, tmp_path):
        folder.chmod(0o755)
    (tree / "README.md").write_text("hello\n")
    made = Sandbox(client, box, tree, name=f"groundwork-test-{os.getpid()}")
    yield made
    asyncio.run(made.close())


@pytest.fixture(scope="module")
def shared(client: Any, box: Box, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One box for the commands that must fail and so leave it as it was."""
    tree = tmp_path_factory.mktemp("shared")
    made = Sandbox(client, box, tree, name=f"groundwork-test-{os.getpid()}-shared")
    yield made
    asyncio.run(made.close())


def run(sandbox: Sandbox, command: str, seconds: float = 20) -> CommandResult:
    return asyncio.run(sandbox.run(command, seconds=seconds))


def test_it_reads_and_writes_the_workspace_as_an_ordinary_user(sandbox: Sandbox, tmp_path: Path) -> None:
    result = run(sandbox, "cat README.md; id -u; echo made > made.txt; pwd")
    assert result.exit_code == 0, result.output
    assert result.output.split() == ["hello", str(os.getuid() or 1000), "/workspace"]
    assert (tmp_path / "tree" / "made.txt").read_text() == "made\n"


def test_exit_codes_and_both_streams_come_back(sandbox: Sandbox) -> None:
    result = run(sandbox, "echo out; echo err >&2; exit 7")
    assert result.exit_code == 7
    assert sorted(result.output.split()) == ["err", "out"]


@pytest.mark.parametrize(
    "attack",
    [
        "ls /var/run/docker.sock",
        "touch /etc/planted",
        "touch /usr/bin/planted",
        "mount -t tmpfs none /mnt",
        "unshare -r true",
        "chroot / true",
        "mknod /tmp/disk b 8 0",
        "cat /proc/1/environ | tr '\\0' '\\n' | grep -E 'KEY|TOKEN|SECRET'",
        "ls /root/.ssh",
        "python3 -c \"import socket; socket.create_connection(('1.1.1.1', 443), 3)\"",
        "python3 -c \"import socket; socket.create_connection(('169.254.169.254', 80), 3)\"",
        "python3 -c \"import socket; socket.create_connection(('172.17.0.1', 2375), 3)\"",
        "python3 -c \"import socket; socket.getaddrinfo('example.org', 80)\"",
        "dd if=/dev/zero of=/workspace/big bs=1M count=300",
        "echo 1 > /proc/sys/kernel/panic",
        "nsenter -t 1 -m true",
        "su -c true",
    ],
)
def test_what_it_must_not_do_fails(shared: Sandbox, attack: str) -> None:
    assert run(shared, attack).exit_code != 0


def test_a_planted_secret_of_ours_is_not_in_its_environment(sandbox: Sandbox) -> None:
    os.environ["GROUNDWORK_PLANTED_SECRET"] = "hunter2hunter2"
    try:
        assert "hunter2" not in run(sandbox, "env; cat /proc/*/environ 2>/dev/null").output
    finally:
        del os.environ["GROUNDWORK_PLANTED_SECRET"]


def test_a_link_out_of_the_workspace_leads_into_the_container_not_to_us(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("ours")
    assert run(sandbox, f"ln -s {tmp_path}/secret link; cat link").exit_code != 0
    assert (tmp_path / "tree" / "link").is_symlink()


def test_a_command_that_takes_too_long_is_ended_and_said_so(sandbox: Sandbox) -> None:
    result = run(sandbox, "trap '' TERM; echo begun; while :; do sleep 1; done", seconds=1)
    assert "begun" in result.output
    assert result.ended


def test_a_memory_hog_dies_and_the_next_command_runs(sandbox: Sandbox) -> None:
    assert run(sandbox, 'python3 -c "x = bytearray(10**9)"').exit_code != 0
    assert run(sandbox, "echo alive").output.strip() == "alive"


@pytest.mark.parametrize(
    "bomb",
    [
        "bomb() { bomb | bomb & }; bomb; sleep 1",
        "(bomb() { bomb | bomb & }; bomb) & true",
        'python3 -c "import threading, time; [threading.Thread(target=time.sleep, args=(99,)).start() for _ in range(500)]" & true',
    ],
)
def test_a_bomb_of_processes_or_threads_is_contained_and_the_next_command_runs(sandbox: Sandbox, bomb: str) -> None:
    run(sandbox, bomb, seconds=5)
    assert run(sandbox, "echo alive").output.strip() == "alive"


def test_processes_that_stay_and_fill_the_box_are_told(sandbox: Sandbox) -> None:
    result = run(sandbox, "for i in $(seq 58); do sleep 300 & done; true")
    assert result.ended == "its processes filled the limit of 64"
    assert run(sandbox, "echo alive; ps -e 2>/dev/null | grep -c sleep; true").output.split()[0] == "alive"


def test_a_command_that_stops_its_own_clock_is_ended_from_outside(sandbox: Sandbox) -> None:
    result = run(sandbox, "kill -STOP $PPID; sleep 300", seconds=1)
    assert "did not end when its" in result.ended
    assert run(sandbox, "echo alive").output.strip() == "alive"


def test_a_flood_of_empty_files_is_stopped(client: Any, box: Box, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    made = Sandbox(client, replace(box, entries=2000), tree, name=f"groundwork-test-{os.getpid()}-files")
    try:
        result = run(made, "python3 -c \"[open(f'f{i}', 'w').close() for i in range(10**7)]\"", seconds=60)
    finally:
        asyncio.run(made.close())
    assert "more than 2000 files" in result.ended


def test_a_command_that_is_under_way_when_the_sandbox_is_closed_is_not_begun_again(
    sandbox: Sandbox, client: Any, tmp_path: Path
) -> None:
    begun = tmp_path / "tree" / "begun"
    os.mkfifo(begun)

    async def story() -> CommandResult:
        command = asyncio.create_task(sandbox.run("echo yes > begun; sleep 300", seconds=400))
        assert await asyncio.to_thread(begun.read_text) == "yes\n"
        await sandbox.close()
        return await command

    assert asyncio.run(story()).exit_code == 137
    assert client.containers(all=True, filters={"name": f"groundwork-test-{os.getpid()}$"}) == []
    with pytest.raises(EngineUnavailableError, match="closed"):
        run(sandbox, "true")


def test_a_disk_hog_is_stopped_and_the_next_command_runs(sandbox: Sandbox, tmp_path: Path) -> None:
    result = run(sandbox, "for i in $(seq 40); do dd if=/dev/zero of=f$i bs=1M count=10 2>/dev/null; sleep 0.1; done")
    assert "more than 64 MiB" in result.ended
    for file in (tmp_path / "tree").glob("f*"):
        file.unlink()
    assert run(sandbox, "echo alive").output.strip() == "alive"


def test_endless_output_is_bounded(sandbox: Sandbox) -> None:
    result = run(sandbox, "timeout 2 yes 'all work and no play' ; true")
    assert len(result.output) < 200_000
    assert "left out" in result.output


def test_a_killed_container_is_made_anew(sandbox: Sandbox, client: Any) -> None:
    run(sandbox, "true")
    for container in client.containers(
        filters={"label": f"{LABEL}={os.getpid()}", "name": f"groundwork-test-{os.getpid()}$"}
    ):
        client.kill(container["Id"])
    assert run(sandbox, "echo alive").output.strip() == "alive"


def test_nothing_is_left_when_it_is_closed(sandbox: Sandbox, client: Any) -> None:
    run(sandbox, "sleep 300 &")
    asyncio.run(sandbox.close())
    assert client.containers(all=True, filters={"name": f"groundwork-test-{os.getpid()}$"}) == []


def test_what_a_command_left_running_stands_still_until_the_next_one(sandbox: Sandbox, tmp_path: Path) -> None:
    """Otherwise it could swap a folder for a link while the file tools, which are not confined by it, write there."""
    run(sandbox, "(while true; do date +%s%N > tick; done) >/dev/null 2>&1 & sleep 0.3")
    seen = [(tmp_path / "tree/tick").read_text() for _look in range(200)]
    assert len(set(seen)) == 1
    assert run(sandbox, "sleep 0.3; pkill -f tick || kill %1 || true; cat tick").output.strip() != seen[0].strip()
