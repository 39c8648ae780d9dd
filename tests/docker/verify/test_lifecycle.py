"""Whatever happens to the verifier or the engine, nothing stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.check.escape import escape_findings
from bot.model.codec import from_json
from bot.model.health import HealthReport
from bot.verify.identity import OWNER_LABEL, is_abandoned
from bot.verify.run import verify_tree
from bot.verify.tree import PREFIX, abandoned_trees
from tests.docker.verify.stacks import GET, SERVE, Case, check, node, shell, web

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]
COMMAND = (sys.executable, "-m", "bot", "verify")
PUBLISHED = Case(services={"app": web(ports=["18083:8000"])}, outcome="healthy")
FOREVER = Case(services={"app": shell("exec sleep 600", healthcheck=check("exit 1", start_period="300s"))}, outcome="")


def labelled(kind: str) -> list[str]:
    """Owner labels of the containers or networks on the engine."""
    form = f'{{{{.Label "{OWNER_LABEL}"}}}}'
    listing = ["docker", kind, "ls", *(["--all"] if kind == "container" else []), "--format", form]
    return [line for line in subprocess.check_output(listing, text=True).split("\n") if line]


def of_process(pid: int) -> list[str]:
    """What a process owns on the engine."""
    return [label for kind in ("container", "network") for label in labelled(kind) if f"/{pid}/" in label]


def until(happens: threading.Event | object, process: subprocess.Popen[str], word: str) -> None:
    """Read a verifier's progress until it says `word`."""
    del happens
    assert process.stderr is not None
    for line in process.stderr:
        if word in line:
            return
    pytest.fail(f"the verifier ended without saying {word!r}")


def started(root: Path) -> subprocess.Popen[str]:
    """Start the command on a stack that never becomes healthy."""
    return subprocess.Popen([*COMMAND, str(root)], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)


def test_two_verifications_that_publish_the_same_port_run_side_by_side(tmp_path: Path) -> None:
    roots = [PUBLISHED.write(tmp_path / name) for name in ("one", "two")]
    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(lambda root: verify_tree(root, gate=escape_findings, window=1), roots))
    assert [str(report.outcome) for report in reports] == ["healthy", "healthy"]
    assert [answer.published for report in reports for answer in report.answers] == [18083, 18083]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_takes_the_stack_down_before_the_command_ends(tmp_path: Path, number: signal.Signals) -> None:
    process = started(FOREVER.write(tmp_path / "tree"))
    until(None, process, "app started")
    assert of_process(process.pid)
    begun = time.monotonic()
    process.send_signal(number)
    process.communicate(timeout=30)
    assert process.returncode == 130
    assert time.monotonic() - begun < 10
    assert of_process(process.pid) == []


def test_what_a_killed_verifier_left_is_swept_by_the_next_start(tmp_path: Path) -> None:
    process = started(FOREVER.write(tmp_path / "killed"))
    until(None, process, "app started")
    process.kill()
    process.communicate(timeout=30)
    left = of_process(process.pid)
    assert left
    assert all(is_abandoned(label) for label in left)
    report = verify_tree(PUBLISHED.write(tmp_path / "next"), gate=escape_findings, window=0.5)
    assert report.outcome == "healthy"
    assert of_process(process.pid) == []
    assert abandoned_trees() == ()


def test_the_tree_itself_is_never_written_to(tmp_path: Path) -> None:
    root = Case(
        services={"app": shell(f'touch /app/made; exec node -e "{SERVE}"', volumes=["./app:/app"], healthcheck=GET)},
        files={"app/main.js": "//", ".env.example": "UID=1\nNAME=x\n"},
        outcome="healthy",
    ).write(tmp_path / "tree")
    before = {path: path.stat() for path in root.rglob("*")}
    report = verify_tree(root, gate=escape_findings, window=0.5)
    assert report.outcome == "healthy"
    assert {path: path.stat() for path in root.rglob("*")} == before


def test_nothing_of_our_environment_reaches_the_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghs_0123456789abcdefghij0123456789abcdef")
    case = Case(services={"app": node(SERVE, environment={"SEEN": "PLACEHOLDER"}, healthcheck=GET)}, outcome="healthy")
    root = case.write(tmp_path / "tree")
    file = root / "src" / "docker-compose.yml"
    wanted = 'test \\"$$SEEN\\" = none && wget -q -O /dev/null http://127.0.0.1:8000/'
    text = file.read_text().replace("PLACEHOLDER", "${GITHUB_TOKEN:-none}")
    file.write_text(text.replace("wget -q -O /dev/null http://127.0.0.1:8000/", wanted))
    assert verify_tree(root, gate=escape_findings, window=0.5).outcome == "healthy"


# The process's own high-water mark: what wait() reports of a child counts the parent's memory up to exec.
PEAK = """
import sys
from bot.cli.main import main
code = main(sys.argv[1:])
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")))
sys.exit(code)
"""


def test_100_mb_of_log_do_not_fill_the_verifier(tmp_path: Path) -> None:
    write = "for(let i=0;i<1000;i++)require('fs').writeSync(1,'x'.repeat(99999)+'\\n');console.log('the end');"
    root = Case(services={"app": node(write + SERVE, healthcheck=GET)}, outcome="healthy").write(tmp_path / "tree")
    target = tmp_path / "report.json"
    words = ["verify", str(root), "--window", "1", "--quiet", "--json", str(target)]
    process = subprocess.run([sys.executable, "-c", PEAK, *words], capture_output=True, text=True, check=False)
    report = from_json(HealthReport, target.read_bytes())
    assert process.returncode == 0
    assert report.services[0].log[-1] == "the end"
    assert target.stat().st_size < 200_000
    peak = int(process.stdout.split()[-2]) / 1024
    assert peak < 150, f"{peak:.0f} MB"


def test_a_refused_stack_builds_and_starts_nothing(tmp_path: Path) -> None:
    root = Case(services={"app": web(privileged=True)}, outcome="refused").write(tmp_path / "tree")
    report = verify_tree(root, gate=escape_findings)
    assert report.outcome == "refused"
    assert [finding.rule for finding in report.findings] == ["escape-privileged"]
    assert report.seconds is not None
    assert "build" not in report.seconds


ESCAPES = {
    "escape-privileged": web(privileged=True),
    "escape-docker-socket": web(volumes=["/var/run/docker.sock:/var/run/docker.sock:ro"]),
    "escape-host-namespace": web(network_mode="host"),
    "escape-capability": web(cap_add=["SYS_ADMIN"]),
    "escape-device": web(devices=["/dev/null:/dev/fuse"]),
    "escape-bind-outside-tree": web(volumes=["/etc:/host"]),
    "escape-unconfined": web(security_opt=["seccomp=unconfined"]),
    "escape-remote-source": web(env_file="/etc/hostname"),
}


@pytest.mark.parametrize("rule", list(ESCAPES))
def test_every_way_out_is_refused_by_the_command(tmp_path: Path, rule: str) -> None:
    root = Case(services={"app": ESCAPES[rule]}, outcome="refused").write(tmp_path / "tree")
    ran = subprocess.run([*COMMAND, str(root), "--quiet"], capture_output=True, text=True, check=False)
    assert ran.returncode == 4, ran.stdout + ran.stderr
    assert rule in ran.stdout


def test_without_an_engine_the_command_says_so(tmp_path: Path) -> None:
    root = PUBLISHED.write(tmp_path / "tree")
    environment = {**os.environ, "DOCKER_HOST": f"unix://{tmp_path}/none.sock"}
    ran = subprocess.run([*COMMAND, str(root), "--quiet"], env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 6, ran.stdout + ran.stderr
    assert "engine" in ran.stdout


@pytest.fixture(autouse=True)
def _no_tree_left() -> Iterator[None]:
    yield
    folder = Path(os.environ.get("TMPDIR", "/tmp"))
    mine = [path for path in folder.glob(f"{PREFIX}*") if f"/{os.getpid()}/" in (path / ".owner").read_text()]
    assert mine == []
