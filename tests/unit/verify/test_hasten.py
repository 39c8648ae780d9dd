"""Which checks are asked more often while a service starts: where an early answer is as true as a late one."""

from __future__ import annotations

from typing import Any

import pytest

from bot.verify.hasten import hastened

HTTP = ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8000/"]


def check(test: Any, **more: Any) -> dict[str, Any]:
    return {"test": test, "interval": "10s", "start_period": "20s"} | more


def interval(healthcheck: dict[str, Any] | None, of_image: dict[str, Any] | None = None, api: str = "1.45") -> Any:
    """Return the start interval that a service gets, None where its check is left as it is."""
    service: dict[str, Any] = {"image": "x"} | ({"healthcheck": healthcheck} if healthcheck else {})
    changed = hastened({"services": {"a": service}}, {"a": of_image} if of_image else {}, api=api)["services"]["a"]
    rest = {key: value for key, value in (changed.get("healthcheck") or {}).items() if key != "start_interval"}
    assert rest == (healthcheck or {}), "nothing else changes"
    return (changed.get("healthcheck") or {}).get("start_interval")


@pytest.mark.parametrize(
    "test",
    [
        HTTP,
        "curl -f http://127.0.0.1/ || exit 1",
        ["CMD-SHELL", 'pg_isready -h 127.0.0.1 -U "$$POSTGRES_USER"'],
        ["CMD", "redis-cli", "ping"],
        ["CMD", "mysqladmin", "ping", "-h", "127.0.0.1"],
        ["CMD-SHELL", 'test -n "$$(find /tmp/worker-alive -mmin -1)"'],
    ],
    ids=str,
)
def test_what_is_asked_over_tcp_or_of_a_file_s_age_is_asked_twice_a_second(test: Any) -> None:
    assert interval(check(test)) == "500ms"


@pytest.mark.parametrize(
    "healthcheck",
    [
        check(["CMD-SHELL", "pg_isready -U app"]),
        check(["CMD", "mysqladmin", "ping", "-h", "localhost"]),
        check(["CMD", "mongosh", "mongodb://127.0.0.1/app", "--eval", "1"]),
        check(["CMD", "healthcheck.sh", "--connect"]),
        check(["CMD", "test", "-f", "/tmp/installed"]),
        check(HTTP, start_period="0s"),
        check(HTTP, interval="1s"),
        check(HTTP, start_interval="3s") | {},
        check(["NONE"]),
        check(HTTP, disable=True),
        None,
    ],
    ids=str,
)
def test_all_others_are_left_as_they_are(healthcheck: dict[str, Any] | None) -> None:
    given = (healthcheck or {}).get("start_interval")
    service = {"image": "x", "healthcheck": healthcheck}
    assert hastened({"services": {"a": service}}, {}, api="1.45")["services"]["a"] == service
    assert given in {None, "3s"}


def test_the_check_of_an_image_counts_as_well() -> None:
    own = {"Test": HTTP, "Interval": 10_000_000_000, "StartPeriod": 30_000_000_000}
    assert interval(None, own) == "500ms"
    assert interval(None, own | {"StartInterval": 2_000_000_000}) is None
    assert interval(None, own | {"StartPeriod": 0}) is None
    assert interval({"start_period": "5s"}, own | {"StartPeriod": 0}) == "500ms"


@pytest.mark.parametrize(("api", "hastens"), [("1.43", False), ("1.44", True), ("1.100", True), ("", False)])
def test_only_engines_that_know_of_it_are_told(api: str, hastens: bool) -> None:
    assert (interval(check(HTTP), api=api) == "500ms") == hastens
