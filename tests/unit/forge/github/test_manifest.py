"""`app.yml` asks for what the code needs, says why, and asks for nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from bot.event.read import NAMES
from bot.forge.github.manifest import INSTALLED, WEBHOOKS, manifest, manifest_file
from bot.forge.github.repository_api import Need

ROOT = Path(__file__).parents[4]
UNASKED = {"installation", "installation_repositories", "installation_target", "ping"}
TEXT = (ROOT / "app.yml").read_text(encoding="utf-8")
SAID = yaml.safe_load(TEXT)
STRENGTH = ("read", "write")


def test_it_asks_for_the_strongest_of_each_permission_that_the_code_needs_and_for_no_other() -> None:
    needed: dict[str, str] = {}
    for need in Need:
        for name, level in need.permissions.items():
            needed[name] = max(needed.get(name, "read"), level, key=STRENGTH.index)
    assert manifest().permissions == needed


def test_each_need_is_one_that_some_request_has() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot").rglob("*.py"))
    unused = {need.name for need in Need if f"Need.{need.name}" not in sources}
    assert unused <= {"ACTIONS"}  # verification in GitHub Actions: asked for once, since owners grant it by hand


def test_it_subscribes_to_the_events_that_are_read_and_to_no_other() -> None:
    assert sorted(manifest().events) == sorted(NAMES - UNASKED)


ASKED = [
    *(f"{name}: {level}" for name, level in SAID["default_permissions"].items()),
    *(f"- {event}" for event in SAID["default_events"]),
]


@pytest.mark.parametrize("asked", ASKED)
def test_each_permission_and_each_event_has_its_reason_beside_it(asked: str) -> None:
    (reason,) = re.findall(rf"^  {asked} # (.+)$", TEXT, re.MULTILINE)
    assert len(reason.split()) > 3


def test_it_has_the_fields_that_the_convention_asks_for_and_our_own_addresses() -> None:
    assert manifest_file() == ROOT / "app.yml"
    assert set(SAID) == {
        *("name", "url", "description", "public", "hook_attributes", "redirect_url", "setup_url", "setup_on_update"),
        *("default_permissions", "default_events"),
    }
    assert SAID["hook_attributes"]["url"].endswith(WEBHOOKS)
    assert SAID["setup_url"].endswith(INSTALLED)
    assert len(SAID["description"]) <= 200


def test_the_form_names_your_server() -> None:
    known = manifest()
    form = known.form(name="Ours", url="https://o.example", server="https://bot.example", redirect="r", public=True)
    assert form["hook_attributes"] == {"url": "https://bot.example/webhooks/github", "active": True}
    assert (form["setup_url"], form["redirect_url"]) == ("https://bot.example/installed", "r")
    assert (form["name"], form["url"], form["public"]) == ("Ours", "https://o.example", True)
    assert form["default_permissions"] == SAID["default_permissions"]


def test_differences_are_named() -> None:
    known = manifest()
    assert known.lacking(known.permissions) == known.beyond(known.permissions) == known.unheard(known.events) == ()
    less = {**known.permissions, "checks": "read", "administration": "read", "metadata": "write"}
    del less["actions"]
    assert known.lacking(less) == ("checks: write", "actions: write")
    assert known.beyond(less) == ("metadata: write", "administration: read")
    assert known.unheard(("issues", "star")) == tuple(event for event in known.events if event != "issues")
