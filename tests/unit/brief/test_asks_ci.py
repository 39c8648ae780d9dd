"""Whether an issue asks for a workflow: named is not yet asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.brief.asks_ci import asks_for_ci
from bot.brief.read import read_brief
from bot.model.issue import Issue


@pytest.mark.parametrize(
    "text",
    [
        "Please add a GitHub Actions workflow that builds and tests.",
        "- [ ] CI pipeline",
        "We also want CI.",
        "Set up continuous integration. No Kubernetes.",
        "Docker Compose, and CI/CD on GitHub",
    ],
)
def test_it_is_asked_for(text: str) -> None:
    assert asks_for_ci(text)


@pytest.mark.parametrize(
    "text",
    [
        "Add the infrastructure.",
        "No CI, please.",
        "Add Compose files; do not add a GitHub Actions workflow.",
        "CI comes later.",
        "We already have CI.",
        "A CI4 application with MySQL.",
        "The city and its citizens",
    ],
)
def test_it_is_not(text: str) -> None:
    assert not asks_for_ci(text)


def test_only_what_a_person_sees_of_the_issue_asks(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Shop\n\nExpress with PostgreSQL. GitHub Actions runs our tests.\n")
    assert not read_brief(tmp_path, Issue(title="Infrastructure", body="As the docs say. <!-- and CI -->")).wants_ci
    assert read_brief(tmp_path, Issue(title="Infrastructure", body="As the docs say, with CI.")).wants_ci
