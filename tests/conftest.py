"""What every test may count on: hypothesis profiles, the `docker` and `browser` markers, and nothing left behind."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

REQUIRE_DOCKER = os.environ.get("GROUNDWORK_REQUIRE_DOCKER") == "1"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
# An image's labels are inherited by its containers: this one says what the image is, not whose the container is.
IMAGE_LABEL = "groundwork.stand-in"

# Two cores shared with containers: a deadline would measure the neighbours, not the code.
settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("dev"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")

_started = datetime.now(UTC).replace(microsecond=0)  # volumes know when they were made to the second
_ran_docker_tests = False
_leftovers: list[str] = []


class ContainersInTurn(LoadScopeScheduling):
    """Give xdist's workers whole files, and all tests with containers to one: side by side they measure each other.

    Those that boot a machine measure nothing and take minutes: they go to whoever is free.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "tests/docker" if file.startswith("tests/docker/") and not file.endswith("_machine.py") else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ContainersInTurn | None:
    """Stand in for xdist's own loadgroup, which reads groups from names that pytest 9 does not let it change."""
    return ContainersInTurn(config, log) if config.getvalue("dist") == "loadgroup" else None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what cannot run here with the reason, or fail where the environment promises that it can."""
    for marker, why_not in (("docker", _no_engine), ("browser", _no_browser)):
        if item.get_closest_marker(marker) and (reason := why_not()):
            if REQUIRE_DOCKER:
                pytest.fail(f"GROUNDWORK_REQUIRE_DOCKER=1, but {reason}", pytrace=False)
            pytest.skip(reason)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember, in the process that reports, whether any container can have been started."""
    global _ran_docker_tests  # noqa: PLW0603 - pytest's hooks share no other state across xdist's processes
    _ran_docker_tests = _ran_docker_tests or ("docker" in report.keywords and report.when == "call")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run whose tests left containers, networks or volumes behind; every stack comes down, always."""
    if not _ran_docker_tests or hasattr(session.config, "workerinput"):
        return
    _leftovers.extend(_made_since(_started))
    # An engine that others use too shows their work: only where it is promised to be ours is a leftover a failure.
    if _leftovers and REQUIRE_DOCKER:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what was left behind."""
    if _leftovers:
        terminalreporter.section("left behind on the Docker engine", red=True)
        for line in _leftovers:
            terminalreporter.line(line)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's program; only tests marked `browser` may ask for it."""
    program = _chromium()
    assert program, "a test that needs Chromium is marked `browser`"
    return program


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home directory without anybody's git configuration, for what `git` is run on in a test."""
    home = tmp_path / "home"
    home.mkdir()
    configuration = home / ".gitconfig"
    configuration.write_text(
        "[user]\n  name = Test\n  email = test@example.org\n[init]\n  defaultBranch = main\n", encoding="utf-8"
    )
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(configuration))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return home


@cache
def _no_engine() -> str:
    """Why no stack can be run here, or "" where one can."""
    if not shutil.which("docker"):
        return "there is no `docker` program here (deploy/docker-engine installs one)"
    for words in (["docker", "version"], ["docker", "compose", "version"]):
        try:
            answer = subprocess.run(words, capture_output=True, text=True, timeout=20, check=False)
        except subprocess.TimeoutExpired:
            return f"`{' '.join(words)}` does not answer within 20 s"
        if answer.returncode:
            said = answer.stderr.strip().splitlines()
            return f"`{' '.join(words)}` fails: {said[-1] if said else 'no reason given'} (try deploy/docker-engine)"
    return ""


def _chromium() -> str:
    return next((found for name in CHROMIUM_NAMES if (found := shutil.which(name))), "")


@cache
def _no_browser() -> str:
    """Why no page can be looked at here, or "" where one can."""
    return "" if _chromium() else f"none of {', '.join(CHROMIUM_NAMES)} is installed"


def _made_since(moment: datetime) -> list[str]:
    """Name the containers, networks and volumes of stacks that were made from `moment` on and still exist."""
    found = []
    for kind, listing, created in (
        ("container", ["container", "ls", "--all", "--quiet", "--no-trunc"], "Created"),
        ("network", ["network", "ls", "--quiet", "--no-trunc"], "Created"),
        ("volume", ["volume", "ls", "--quiet"], "CreatedAt"),
    ):
        if not (names := _docker(*listing).split()):
            continue
        for it in json.loads(_docker(kind, "inspect", *names) or "[]"):
            labels = it.get("Labels") or it.get("Config", {}).get("Labels") or {}
            if _time(it[created]) >= moment and any(_is_ours(label) for label in labels):
                project = labels.get("com.docker.compose.project", "no compose project")
                found.append(f"{kind} {it['Name'].lstrip('/')} ({project})")
    return found


def _is_ours(label: str) -> bool:
    return not label.startswith(IMAGE_LABEL) and label.startswith(("com.docker.compose.project", "groundwork."))


def _docker(*words: str) -> str:
    """What `docker` prints; nothing where it fails, for what was listed may be gone a moment later."""
    return subprocess.run(["docker", *words], capture_output=True, text=True, timeout=30, check=False).stdout


def _time(stamp: str) -> datetime:
    """Docker's time stamps in whole seconds and their zone: nanoseconds are more than `fromisoformat` reads."""
    whole, _, rest = stamp.partition(".")
    zone = rest.lstrip("0123456789") if rest else ""
    return datetime.fromisoformat(whole + zone)
