"""Small readers: sockets, logs, checks, durations, environment, places, stats, owners."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.measured import Place
from bot.verify.check_words import asked_by, checked_path, program
from bot.verify.duration import seconds_of
from bot.verify.environment import clean_environment, dotenv
from bot.verify.identity import Identity, is_abandoned, this_owner
from bot.verify.logs import error_lines
from bot.verify.places import compose_places
from bot.verify.sockets import parse_tables
from bot.verify.stats import reading_usage

TCP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1
   1: 0B00007F:A2B3 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1
   2: 0100007F:0BB8 0100007F:8000 01 00000000:00000000 00:00000000 00000000     0        0 1 1
   3: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 1 1
   4: 00000000000000000000000001000000:0051 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 1 1
"""


def test_listening_sockets_without_dockers_own_resolver() -> None:
    assert parse_tables(TCP) == ("0.0.0.0:8000", "[::]:80", "[::1]:81")


@pytest.mark.parametrize(
    ("command", "host", "port", "path"),
    [
        ("curl -fsS http://127.0.0.1:8000/health || exit 1", "127.0.0.1", 8000, "/health"),
        ("wget -qO- http://localhost/", "localhost", 80, "/"),
        ("wget -qO- http://[::1]:3000", "::1", 3000, "/"),
        ("""node -e "fetch('http://127.0.0.1:3000/up').then(r=>process.exit(r.ok?0:1))" """, "127.0.0.1", 3000, "/up"),
        ("nc -z -w 2 127.0.0.1 11211", "127.0.0.1", 11211, ""),
    ],
)
def test_a_check_says_what_it_asks(command: str, host: str, port: int, path: str) -> None:
    asked = asked_by(command)
    assert asked is not None
    assert (asked.host, asked.port, asked.path) == (host, port, path)


def test_a_check_without_network_asks_nothing() -> None:
    assert asked_by("pg_isready -U app -d app") is None
    assert checked_path("curl http://127.0.0.1:8000/x", 9000) == ""
    assert program("sh -c 'curl -f x'") == "curl"
    assert program("/usr/bin/pg_isready -U x") == "pg_isready"


@given(st.text(max_size=60))
def test_any_command_can_be_looked_at(command: str) -> None:
    asked_by(command)
    program(command)


@pytest.mark.parametrize(("text", "seconds"), [("1m30s", 90), ("500ms", 0.5), ("1h", 3600), ("", 7), (None, 7)])
def test_durations(text: str | None, seconds: float) -> None:
    assert seconds_of(text, 7) == seconds


def test_error_lines_once_each_and_no_false_ones() -> None:
    log = ["ERROR: boom", "ok", "ERROR: boom", "0 errors found", "error_log /dev/stderr", "KeyError: 'X'", "terror"]
    assert error_lines(log) == ("ERROR: boom", "KeyError: 'X'")


def test_only_what_docker_needs_is_passed_on() -> None:
    ours = {"PATH": "/bin", "DOCKER_HOST": "unix:///x", "GITHUB_TOKEN": "secret", "COMPOSE_FILE": "y", "AWS_KEY": "z"}
    passed = clean_environment(ours)
    assert passed["DOCKER_HOST"] == "unix:///x"
    assert not {"GITHUB_TOKEN", "COMPOSE_FILE", "AWS_KEY"} & set(passed)
    assert passed["COMPOSE_EXPERIMENTAL_GIT_REMOTE"] == "false"


@pytest.mark.parametrize(
    ("example", "wanted"),
    [
        ("", "UID=7\nGID=8\n"),
        ("NAME=x", "NAME=x\nUID=7\nGID=8\n"),
        ("UID=1000 # yours\nMY_UID=3\nGID=\n", "UID=7\nMY_UID=3\nGID=8\n"),
    ],
)
def test_the_env_file_gets_this_users_numbers(example: str, wanted: str) -> None:
    assert dotenv(example, Identity(uid=7, gid=8)) == wanted


def test_places_follow_anchors_and_survive_nonsense() -> None:
    text = "x-a: &a\n  healthcheck:\n    test: x\nservices:\n  web:\n    <<: *a\n    image: y\n"
    locate = compose_places(text, "src/docker-compose.yml")
    assert locate("web", "") == Place(path="src/docker-compose.yml", line=5)
    assert locate("web", "healthcheck") == Place(path="src/docker-compose.yml", line=2)
    assert locate("web", "build") is None
    assert compose_places("a: [", "x")("web", "") is None


def test_usage_leaves_out_cache_and_counts_cores() -> None:
    reading = {
        "memory_stats": {"usage": 100, "stats": {"total_inactive_file": 30}},
        "cpu_stats": {"cpu_usage": {"total_usage": 300}, "system_cpu_usage": 2000, "online_cpus": 2},
        "precpu_stats": {"cpu_usage": {"total_usage": 100}, "system_cpu_usage": 1000},
    }
    usage = reading_usage(reading)
    assert (usage.memory_peak, usage.cpu_peak) == (70, 0.4)
    assert reading_usage({}).memory_peak == 0


def test_an_owner_is_abandoned_when_its_process_is_gone_and_not_before() -> None:
    mine = this_owner(600)
    assert not is_abandoned(str(mine))
    host, _, _, until, token = str(mine).split("/")
    assert is_abandoned(f"{host}/{os.getpid()}/1/{until}/{token}"), "another process with this number"
    assert not is_abandoned(f"elsewhere-boot.1/1/1/{until}/{token}"), "of another machine, and its time is not over"
    assert is_abandoned(f"elsewhere-boot.1/1/1/1000/{token}")
    assert not is_abandoned("nonsense")
