"""The action for GitHub Actions, run for real: its script on an engine, and the whole of it as a runner would."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.model.artifact import RunNote
from bot.model.codec import from_json
from bot.model.health import HealthReport
from bot.verify.artifact import Expected, read_artifact
from bot.verify.judge import replay
from bot.workflow.verify_workflow import CHECKOUT, VerifyWorkflow
from tests.docker.verify.stacks import GET, Case, node, shell, web

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[2]
ACTION = ROOT / "deploy/actions/verify"
LIES = "::set-output name=verdict::healthy\n::error::a container's words\n::add-mask::healthy"


@dataclass(frozen=True)
class Ran:
    """What a runner gets of the step."""

    exit: int
    printed: str
    outputs: dict[str, str]
    summary: str
    folder: Path

    @property
    def files(self) -> set[str]:
        return {path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file()}

    def json(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Step:
    """A checked-out repository, and a runner that runs the action's script in it."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def repository(self, case: Case, within: str = "") -> str:
        """Commit a stack; return the commit."""
        case.write(self.folder / "work" / within)
        commit(self.folder / "work")
        words = ["git", "-C", str(self.folder / "work"), "rev-parse", "HEAD"]
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()

    def start(self, **inputs: str) -> subprocess.Popen[str]:
        temp = self.folder / "temp"
        (temp / "groundwork").mkdir(parents=True, exist_ok=True)
        scripts = temp / "groundwork/bin"
        if not scripts.exists():  # what the step before installs
            scripts.symlink_to(Path(sys.executable).parent)
        work = self.folder / "work"
        work.mkdir(exist_ok=True)
        known = {name: os.environ[name] for name in ("PATH", "HOME", "DOCKER_HOST") if name in os.environ}
        github = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": str(work),
            "GITHUB_REPOSITORY": "acme/shop",
            "GITHUB_RUN_ID": "4242",
            "GITHUB_RUN_ATTEMPT": "2",
            "GITHUB_OUTPUT": str(self.folder / "outputs"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "RUNNER_TEMP": str(temp),
        }
        wanted = {"path": ".", "timeout": "90", "stability": "1", "fail_on": "unverified"} | inputs
        given = {f"GROUNDWORK_{name.upper()}": value for name, value in wanted.items()}
        return subprocess.Popen(
            # As a runner starts it: where the tests run in the background, SIGINT is ignored, and a shell keeps to that.
            ["env", "--default-signal=INT,TERM", ACTION / "verify"],
            cwd=work,
            env=known | github | given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def ended(self, process: subprocess.Popen[str]) -> Ran:
        printed, _ = process.communicate(timeout=200)
        told = self.folder / "outputs"
        lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
        summary = self.folder / "summary"
        return Ran(
            process.returncode,
            printed,
            dict(line.split("=", 1) for line in lines),
            summary.read_text(encoding="utf-8") if summary.exists() else "",
            self.folder / "temp/groundwork-health",
        )

    def run(self, **inputs: str) -> Ran:
        return self.ended(self.start(**inputs))


@pytest.fixture
def step(tmp_path: Path) -> Step:
    return Step(tmp_path)


HEALTHY = Case(services={"app": web()}, outcome="healthy")
UNHEALTHY = Case(
    services={
        "app": node("console.log(process.argv[1]);setInterval(()=>0,1e6)", healthcheck=GET)
        | {
            "command": ["node", "-e", "console.log(process.argv[1]);setInterval(()=>0,1e6)", LIES],
        }
    },
    outcome="unhealthy",
)
BROKEN = Case(
    services={"app": {"build": "./app"}},
    files={"app/Dockerfile": "FROM node:22-alpine\nRUN echo cannot find thing >&2 && exit 7\n"},
    outcome="build-failed",
)


def built() -> Case:
    """A stack with a layer that no engine has."""
    dockerfile = f"FROM node:22-alpine\nRUN echo {uuid.uuid4()} > /layer\n"
    app = web() | {"build": "./app"}
    del app["image"]
    return Case(services={"app": app}, files={"app/Dockerfile": dockerfile}, outcome="healthy")


REFUSED = Case(services={"app": web(privileged=True)}, outcome="refused")


@pytest.mark.parametrize(
    ("case", "log"),
    [(HEALTHY, ""), (UNHEALTHY, "logs/app.log"), (BROKEN, "logs/build/app.log"), (REFUSED, "")],
    ids=lambda it: it.outcome if isinstance(it, Case) else "",
)
def test_each_end_has_its_outputs_and_the_same_layout(step: Step, case: Case, log: str) -> None:
    commit = step.repository(case)
    ran = step.run()
    assert ran.exit == 0, ran.printed
    assert ran.outputs["verdict"] == case.outcome, ran.printed
    assert ran.outputs["status"] == ("0" if case.outcome == "healthy" else "1")
    always = {
        "report.json",
        "report.md",
        "report.html",
        "findings.json",
        "findings.sarif",
        "run.json",
        "logs/verify.log",
    }
    assert always | ({log} if log else set()) <= ran.files
    note = from_json(RunNote, (ran.folder / "run.json").read_bytes())
    assert (note.outcome, note.commit) == (case.outcome, commit)
    assert (note.repository, note.run_id, note.run_attempt) == ("acme/shop", 4242, 2)
    report = from_json(HealthReport, (ran.folder / "report.json").read_bytes())
    assert replay(report) == report
    assert ran.json("findings.sarif")["version"] == "2.1.0"
    assert int(ran.outputs["findings"]) == sum(
        found["severity"] != "info" for found in ran.json("findings.json")["findings"]
    )
    assert "###" in ran.summary
    # The App believes it, too, once it came over as an artifact.
    expected = Expected(
        commit=commit, repository="acme/shop", run_id=4242, run_attempt=2, succeeded=ran.outputs["status"] == "0"
    )
    archive = shutil.make_archive(str(step.folder / "artifact"), "zip", ran.folder)
    believed = read_artifact(Path(archive).read_bytes(), expected)
    assert (believed.outcome, believed.services) == (report.outcome, report.services)


def test_what_a_container_prints_commands_nothing(step: Step) -> None:
    step.repository(UNHEALTHY)
    ran = step.run()
    assert "::error::a container's words" in (ran.folder / "logs/app.log").read_text(encoding="utf-8")
    obeyed = []
    word = None
    for line in ran.printed.splitlines():
        if word is None and (stop := re.fullmatch(r"::stop-commands::([0-9a-f]{32})", line)):
            word = stop[1]
        elif word is not None and line == f"::{word}::":
            word = None
        elif word is None and line.lstrip().startswith("::"):
            obeyed.append(line)
    assert word is None, "commands are on again at the end"
    assert [line for line in obeyed if "a container's words" in line or "set-output" in line or "mask" in line] == []
    assert any(line.startswith("::error") and "app" in line for line in obeyed)


def test_annotations_and_alerts_name_files_from_the_repository_on(step: Step) -> None:
    step.repository(Case(services={"app": {"image": "node"}}, outcome=""), within="services/shop")
    ran = step.run(path="services/shop", fail_on="never")
    assert "file=services/shop/src/docker-compose.yml,line=" in ran.printed
    places = {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in ran.json("findings.sarif")["runs"][0]["results"]
    }
    assert "services/shop/src/docker-compose.yml" in places


@pytest.mark.parametrize(
    ("fail_on", "case", "status"),
    [
        ("never", REFUSED, "0"),
        ("unhealthy", REFUSED, "1"),
        ("findings", HEALTHY, "1"),
        ("unhealthy", HEALTHY, "0"),
    ],
    ids=["never", "unhealthy-refused", "findings", "unhealthy-healthy"],
)
def test_what_fails_the_step_is_chosen(step: Step, fail_on: str, case: Case, status: str) -> None:
    step.repository(case)
    assert step.run(fail_on=fail_on).outputs["status"] == status


def test_new_layers_are_told_once(step: Step) -> None:
    step.repository(built())
    assert step.run().outputs.get("layers") is None, "nobody asked for them"
    step.repository(built(), within="other")
    assert step.run(path="other", cache="true").outputs["layers"] == "new"
    (step.folder / "outputs").unlink()
    assert "layers" not in step.run(path="other", cache="true").outputs


def test_without_a_stack_it_says_so(step: Step) -> None:
    ran = step.run()
    assert (ran.outputs["verdict"], ran.outputs["status"]) == ("", "1")
    assert ran.outputs["said"].startswith("Nothing was verified: There is no compose file")
    assert "run.json" not in ran.files


@pytest.mark.parametrize(
    ("inputs", "said"),
    [({"fail_on": "always"}, "fail-on is 'always'"), ({"path": "nowhere"}, "There is no folder 'nowhere'")],
)
def test_a_wrong_input_is_said_in_words(step: Step, inputs: dict[str, str], said: str) -> None:
    ran = step.run(**inputs)
    assert ran.exit == 1
    assert f"::error title=Groundwork::{said}" in ran.printed


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])  # a runner sends the one, 7.5 s later the other
def test_a_cancelled_step_takes_its_stack_down(step: Step, number: signal.Signals) -> None:
    step.repository(Case(services={"app": shell("sleep 86123", healthcheck=GET | {"retries": 100})}, outcome=""))
    process = step.start()
    project = step_project(step.folder)
    process.send_signal(number)
    ran = step.ended(process)
    assert ran.exit == 130, ran.printed
    assert not containers(project)


def step_project(folder: Path, *, within: float = 60.0) -> str:
    """The project of the stack that this step started, as soon as it has a container."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        listed = subprocess.run(
            ["docker", "ps", "--format", '{{.Label "com.docker.compose.project"}} {{.Command}}', "--no-trunc"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for line in listed.splitlines():
            if "sleep 86123" in line:
                return line.split()[0]
        threading.Event().wait(0.1)
    raise AssertionError(f"no container came up for {folder}")


def containers(project: str) -> str:
    words = ["docker", "ps", "-aq", "--filter", f"label=com.docker.compose.project={project}"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


BY_HAND = """
on: push
jobs:
  verify:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: acme/groundwork/deploy/actions/verify@main
        id: groundwork
        with: {stability: "1"}
      - run: echo "SAYS $VERDICT"
        env: {VERDICT: "${{ steps.groundwork.outputs.verdict }}"}
"""
PIN = "c0ffee" * 6 + "c0de"
BY_A_RUN = VerifyWorkflow(action=f"acme/groundwork/deploy/actions/verify@{PIN}", window=1.0).text()


@dataclass(frozen=True)
class Runner:
    """What `act` needs to run a workflow of a repository with the action of this checkout, and without GitHub."""

    act: str
    groundwork: Path
    stand_ins: dict[str, Path]

    def run(self, work: Path, workflow: Path, kept: Path, ref: str) -> subprocess.CompletedProcess[str]:
        actions = {f"acme/groundwork@{ref}": self.groundwork, **self.stand_ins}
        return subprocess.run(
            [
                *(self.act, "push", "--workflows", str(workflow), "-P", "ubuntu-latest=-self-hosted", "--pull=false"),
                *("--action-offline-mode", "--env", f"KEPT={kept}", "--env", f"WORK={work}"),
                *(word for name, folder in actions.items() for word in ("--local-repository", f"{name}={folder}")),
            ],
            cwd=work,
            capture_output=True,
            text=True,
            check=False,
            env=dict(os.environ, HOME=str(work.parent)),
            timeout=280,
        )


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    act = shutil.which("act") or shutil.which("act", path=sysconfig.get_path("scripts"))
    if act is None:
        pytest.skip("act is not installed")
    folder = tmp_path_factory.mktemp("runner")
    copy = folder / "groundwork"
    for name in ("bot", "deploy", "prompts"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("LICENSE", "README.md", "app.yml", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, copy)
    steps = yaml.safe_load((ACTION / "action.yml").read_text())["runs"]["steps"]
    restored, upload, saved = (it["uses"] for it in steps if "uses" in it)
    assert [restored.partition("@")[0], saved.partition("@")[0]] == ["actions/cache/restore", "actions/cache/save"]
    checkout = stand_in(
        folder / "checkout", 'git clone -q "$WORK" . && git checkout -q "$INPUT_REF"', "ref", "persist-credentials"
    )
    names = ("name", "path", "if-no-files-found", "overwrite", "retention-days")
    keep = stand_in(folder / "upload", 'mkdir -p "$KEPT" && cp -r "$INPUT_PATH" "$KEPT/$INPUT_NAME"', *names)
    cache = folder / "cache"
    stand_in(cache / "restore", 'echo "ASKED $INPUT_RESTORE_KEYS"', "path", "key", "restore-keys")
    stand_in(cache / "save", 'mkdir -p "$KEPT" && cp -r "$INPUT_PATH" "$KEPT/$INPUT_KEY"', "path", "key")
    for one in (copy, checkout, keep, cache):
        commit(one)
    given = {CHECKOUT.partition(" ")[0]: checkout, upload: keep, f"actions/cache@{saved.partition('@')[2]}": cache}
    return Runner(act, copy, given)


@pytest.mark.parametrize(
    ("workflow", "ref", "case", "said"),
    [
        (BY_HAND, "main", built(), "SAYS healthy"),
        (BY_A_RUN, PIN, built(), "Verdict: healthy"),
        (BY_A_RUN, PIN, UNHEALTHY, "Verdict: unhealthy"),
        (BY_A_RUN, PIN, BROKEN, "Verdict: build-failed"),
        (BY_A_RUN, PIN, REFUSED, "Verdict: refused"),
    ],
    ids=["by hand", "by a run", "unhealthy", "build-failed", "refused"],
)
def test_the_whole_action_runs_as_on_a_runner(
    step: Step, runner: Runner, tmp_path: Path, workflow: str, ref: str, case: Case, said: str
) -> None:
    step.repository(case)
    work, kept = tmp_path / "work", tmp_path / "kept"
    subprocess.run(["git", "-C", str(work), "checkout", "-q", "-b", "groundwork/12"], check=True)
    path = work / ".github/workflows/infra-verify.yml"
    path.parent.mkdir(parents=True)
    path.write_text(workflow, encoding="utf-8")
    done = runner.run(work, path, kept, ref)
    assert (done.returncode == 0) == (case.outcome == "healthy"), done.stdout + done.stderr
    assert said in done.stdout
    assert json.loads((kept / "groundwork-health/run.json").read_text())["outcome"] == case.outcome
    (asked,) = set(re.findall(r"ASKED (groundwork-\S+)", done.stdout))
    layers = [folder for folder in kept.glob(f"{asked}*") if (folder / "written").exists()]
    assert len(layers) == (case.outcome == "healthy"), "the next run is offered what this one built"


def stand_in(folder: Path, run: str, *inputs: str) -> Path:
    """An action that does as the real one, which speaks to GitHub; the step finds its inputs in its environment."""
    folder.mkdir(parents=True)
    env = {f"INPUT_{name.upper().replace('-', '_')}": f"${{{{ inputs.{name} }}}}" for name in inputs}
    steps = [{"shell": "bash", "run": run, "env": env}]
    given: dict[str, Any] = {name: {} for name in inputs}
    action = {"name": "stands in", "description": "-", "inputs": given, "runs": {"using": "composite", "steps": steps}}
    (folder / "action.yml").write_text(json.dumps(action))
    return folder


def commit(folder: Path) -> None:
    """Make one commit of all that is in `folder`."""
    git = ["git", "-C", str(folder), "-c", "user.name=T", "-c", "user.email=t@example.org"]
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "All of it"]):
        subprocess.run([*git, *words], check=True)
