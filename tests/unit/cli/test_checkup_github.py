"""Each way in which the App can be set up wrongly on GitHub has its own words and its own mend."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.cli.checkup import Check
from bot.cli.checkup_github import app_checks, clock_check, deliveries_check, hook_checks, installation_checks
from bot.forge.github.app_view import About, Delivered, Hook, Installed
from bot.forge.github.manifest import manifest

ASKS = manifest()
ABOUT = About(
    slug="groundwork",
    name="Groundwork",
    page="https://github.test/settings/apps/groundwork",
    install="https://github.test/apps/groundwork/installations/new",
    permissions=ASKS.permissions,
    events=ASKS.events,
)
ACME = Installed(
    id=7,
    account="acme",
    selection="all",
    page="https://github.test/i/1",
    permissions=ASKS.permissions,
    events=ASKS.events,
)
HOOK = Hook(url="https://bot.example/webhooks/github", content_type="json", has_secret=True, checks_certificate=True)
WELL = Delivered(id=1, event="issues.labeled", at="2026-01-02T03:04:05Z", code=202, status="OK")


def brief(*checks: Check) -> list[tuple[str, str, str, str]]:
    return [(check.name, check.state, check.said, check.mend) for check in checks]


def test_an_app_as_it_should_be_is_fine() -> None:
    checks = [*app_checks(ABOUT, ASKS), *installation_checks([ACME], ASKS, ABOUT), *hook_checks(HOOK, ABOUT, "")]
    checks.append(deliveries_check([WELL], ABOUT))
    assert {check.state for check in checks} == {"ok"}
    assert [check.name for check in checks] == ["permissions", "events", "on acme", "webhook", "deliveries"]


def test_permissions_and_events_that_lack_are_named_and_those_too_many_as_well() -> None:
    permissions = {**ASKS.permissions, "checks": "read", "secrets": "write"}
    page = f"{ABOUT.page}/permissions"
    assert brief(*app_checks(replace(ABOUT, permissions=permissions, events=ASKS.events[1:]), ASKS)) == [
        (
            "permissions",
            "wrong",
            "the App lacks checks: write",
            f"choose them at {page}, then let each installation accept them",
        ),
        ("permissions", "warning", "the App has more than it needs: secrets: write", f"take them away at {page}"),
        ("events", "wrong", "the App is not told of issues", f"subscribe to them at {page}"),
    ]


def test_each_installation_is_told_apart() -> None:
    old = replace(ACME, account="old", permissions={"metadata": "read", "contents": "write"})
    found = [ACME, replace(ACME, account="off", suspended=True), old]
    said = brief(*installation_checks(found, ASKS, ABOUT))
    assert [line[:2] for line in said] == [("on acme", "ok"), ("on off", "warning"), ("on old", "wrong")]
    assert said[2][2].startswith("it has not granted issues: write, pull_requests: write")
    assert said[2][3] == "an owner accepts it at https://github.test/i/1"
    assert brief(*installation_checks([], ASKS, ABOUT))[0][1:] == (
        "warning",
        "nobody has installed the App",
        ABOUT.install,
    )


@pytest.mark.parametrize(
    ("hook", "said", "mend"),
    [
        (replace(HOOK, url=""), "it goes to nowhere", "`Webhook URL`: https://bot.example/webhooks/github"),
        (replace(HOOK, url="https://bot.example/"), "it goes to https://bot.example/", "`Webhook URL`"),
        (replace(HOOK, content_type="form"), "its content type is form", "application/json"),
        (replace(HOOK, has_secret=False), "nothing is signed", "GROUNDWORK_WEBHOOK_SECRET"),
        (replace(HOOK, checks_certificate=False), "certificate", "`SSL verification`: enable"),
    ],
)
def test_a_webhook_that_cannot_work_is_told(hook: Hook, said: str, mend: str) -> None:
    (check,) = hook_checks(hook, ABOUT, "https://bot.example")
    assert check.state == "wrong"
    assert said in check.said
    assert mend in check.mend
    assert ABOUT.page in check.mend


def test_deliveries_that_failed_say_what_their_status_means() -> None:
    lost = replace(WELL, event="issue_comment.created", code=401, status="Invalid HTTP Response: 401")
    now = deliveries_check([lost, WELL], ABOUT)
    assert now.state == "wrong"
    assert now.said == (
        "1 of the last 2 failed; the newest, issue_comment.created of 2026-01-02T03:04:05Z: "
        "401 Invalid HTTP Response: 401"
    )
    assert now.mend.startswith("the webhook's secret on GitHub is not GROUNDWORK_WEBHOOK_SECRET; a running server asks")
    assert deliveries_check([WELL, lost], ABOUT).state == "warning"
    assert "reached from outside" in deliveries_check([replace(lost, code=0, status="timed out")], ABOUT).mend
    assert deliveries_check([], ABOUT).state == "unknown"


def test_a_clock_that_is_wrong_has_its_mend() -> None:
    assert clock_check(-3).state == "ok"
    assert brief(clock_check(90.4), clock_check(-3600)) == [
        ("clock", "wrong", "it is 90 s ahead of GitHub's: signatures are refused", "timedatectl set-ntp true"),
        ("clock", "wrong", "it is 3600 s behind GitHub's: signatures are refused", "timedatectl set-ntp true"),
    ]
