"""`.pre-commit-hooks.yaml`: what pre-commit runs in somebody's repository."""

from __future__ import annotations

from pathlib import Path
from shlex import split

import pytest
import yaml

from bot.cli.main import main
from tests.data.check.trees import clean, lay

HOOKS = {
    hook["id"]: hook for hook in yaml.safe_load((Path(__file__).parents[3] / ".pre-commit-hooks.yaml").read_text())
}
MENDABLE = dict(clean())["next-mongo"]["src/docker-compose.yml"].replace("//127.0.0.1", "//localhost")


def hooked(name: str) -> int:
    """Run a hook as pre-commit does: in the repository's root, without file names."""
    hook = HOOKS[name]
    assert hook["language"] == "python"
    assert hook["pass_filenames"] is False
    program, *arguments = split(hook["entry"])
    assert program == "groundwork"
    return main(arguments)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return lay(tmp_path, dict(clean())["next-mongo"])


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("name", HOOKS)
def test_a_good_repository_passes(name: str) -> None:
    assert hooked(name) == 0


def test_a_bad_one_fails_and_can_be_mended(project: Path) -> None:
    compose = lay(project, {"src/docker-compose.yml": MENDABLE}) / "src/docker-compose.yml"
    assert hooked("groundwork-check") == 1
    assert compose.read_text() == MENDABLE
    hooked("groundwork-fix")  # pre-commit itself fails a hook that changed a file
    assert "fetch('http://127.0.0.1:3000" in compose.read_text()
    assert hooked("groundwork-check") == 0


@pytest.mark.parametrize("name", HOOKS)
def test_a_change_of_any_file_calls_for_it(name: str) -> None:
    """Sources count too: whoever removes a route breaks the health check that asks for it."""
    assert "files" not in HOOKS[name]
    assert "types" not in HOOKS[name]
