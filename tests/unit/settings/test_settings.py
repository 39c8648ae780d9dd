"""Settings about where stacks are verified: what is taken, and what is refused when the server starts."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from bot.settings.server import Settings

ACTION = f"acme/groundwork/deploy/actions/verify@{'0' * 40}"


def settings(**more: Any) -> Settings:
    key = SecretStr("a key")
    return Settings(_env_file=None, app_id=1, private_key=key, webhook_secret=SecretStr("sixteen letters ..."), **more)


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({}, "docker"),
        ({"verify_action": ACTION}, "actions"),
        ({"verification": "actions", "verify_action": ACTION}, "actions"),
        ({"verification": "docker", "verify_action": ACTION}, "docker"),
        ({"verification": "none", "verify_action": ACTION}, "none"),
    ],
)
def test_stacks_are_verified_where_the_settings_say(given: dict[str, str], place: str) -> None:
    assert settings(**given).verified_by() == place


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"verification": "actions"}, "it is needed where"),
        ({"verify_action": "acme/groundwork/deploy/actions/verify@main"}, "its full commit"),
        ({"verify_action": f"{ACTION}\n      - run: id"}, "its full commit"),
        ({"verify_action": ACTION, "checkout_action": "actions/checkout@v7"}, "its full commit"),
        ({"verify_action": ACTION, "runner": "a label"}, "runner"),
        ({"verify_action": ACTION, "runner": "gpu,"}, "runner"),
        ({"verify_action": ACTION, "runner": "[self-hosted]"}, "runner"),
    ],
)
def test_what_would_make_another_workflow_is_refused(given: dict[str, str], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        settings(**given)


@pytest.mark.parametrize(
    ("runner", "labels"),
    [("ubuntu-24.04", ("ubuntu-24.04",)), ("self-hosted, linux ,x64", ("self-hosted", "linux", "x64"))],
)
def test_labels_of_runners_stand_between_commas(runner: str, labels: tuple[str, ...]) -> None:
    assert settings(runner=runner).runner_labels() == labels
