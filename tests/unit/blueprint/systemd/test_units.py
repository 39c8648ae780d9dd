"""What every stack keeps to under systemd: units that systemd itself reads without a word, and that are shut in."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from configparser import RawConfigParser
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.blueprint.choice import choose
from bot.blueprint.host import HostPart, host_part
from bot.blueprint.library import shipped
from bot.blueprint.place import place
from bot.blueprint.render import render_choice
from bot.check.engine import Options, check_tree
from bot.model.brief import Brief
from tests.unit.blueprint.briefs import SHOP, brief, covering, words

SYSTEM_UNITS = ("/usr/lib/systemd/system", "/lib/systemd/system")
UNITS = "src/systemd/units/"
needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed: nothing reads the units"
)


@cache
def part(asked: Brief) -> HostPart:
    choice = choose(asked, shipped())
    rendered = render_choice(choice, shipped())
    return host_part(replace(asked, orchestrator="systemd"), choice, rendered, shipped())


@cache
def files(asked: Brief) -> dict[str, str]:
    return {file.path: file.content.decode() for file in part(asked).files}


def units(asked: Brief) -> dict[str, str]:
    return {path.removeprefix(UNITS): text for path, text in files(asked).items() if path.startswith(UNITS)}


def values(text: str, key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", text, re.MULTILINE)


def programs(asked: Brief) -> set[str]:
    """The programs that the units of a stack start."""
    return {
        line.split()[0]
        for text in units(asked).values()
        for key in ("ExecStart", "ExecStartPost")
        for line in values(text, key)
    }


def every_stack() -> list[Brief]:
    found = [one for one in covering() if files(one)]
    assert len(found) > 40
    return found


def machine(root: Path, asked: Iterable[Brief]) -> list[Path]:
    """A system in a folder: its own units, ours, and an executable file for each program they start."""
    system = next(path for path in SYSTEM_UNITS if Path(path).is_dir())
    shutil.copytree(system, root / "usr/lib/systemd/system", symlinks=True, ignore_dangling_symlinks=True)
    ours = root / "etc/systemd/system"
    ours.mkdir(parents=True)
    written: dict[str, None] = {}
    for one in asked:
        for name, text in units(one).items():
            (ours / name).write_text(text)
            written[name] = None
        for program in programs(one):
            # Where systemd looks for a bare name.
            target = root / (program.removeprefix("/") if "/" in program else f"usr/bin/{program}")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text("#!/bin/sh\n")
            target.chmod(0o755)
    return [ours / name for name in written]


def analyze(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C", "SYSTEMD_COLORS": "0"},
        stdin=subprocess.DEVNULL,
    )


def named(asked: Brief, number: int) -> Brief:
    """The same stack with a name of its own, so that many stacks fit on one machine."""
    return replace(asked, title=f"Stack {number}")


@needs_systemd
def test_systemd_reads_every_unit_of_every_stack_without_a_word(tmp_path: Path) -> None:
    paths = machine(tmp_path, (named(asked, number) for number, asked in enumerate(every_stack())))
    done = analyze("verify", "--man=no", f"--root={tmp_path}", *paths)
    # It ends well on keys that it does not know: what counts is that it says nothing.
    assert (done.returncode, done.stderr) == (0, "")


@needs_systemd
def test_a_key_or_a_program_that_does_not_exist_would_be_said(tmp_path: Path) -> None:
    (first, *_) = machine(tmp_path, [SHOP])
    first.write_text(first.read_text().replace("[Service]", "[Service]\nNoSuchKey=1\nExecStartPre=/usr/bin/no-such"))
    said = analyze("verify", "--man=no", f"--root={tmp_path}", first).stderr
    assert "NoSuchKey" in said
    assert "no-such" in said


@needs_systemd
@pytest.mark.parametrize("external", [False, True])
def test_no_unit_is_exposed_more_than_a_little(tmp_path: Path, external: bool) -> None:
    outside = ("stripe",) if external else ()
    stacks = {
        text: one
        for one in every_stack()
        for name, text in units(replace(one, external=outside)).items()
        if name.endswith(".service")
    }
    for number, text in enumerate(stacks):
        (tmp_path / f"unit-{number}.service").write_text(text)
    done = analyze("security", "--offline=true", "--threshold=40", "--no-pager", *sorted(tmp_path.iterdir()))
    levels = [float(level) for level in re.findall(r"exposure level for \S+: ([\d.]+)", done.stdout)]
    assert len(levels) == len(stacks)
    assert max(levels) < 2.5
    assert done.returncode == 0, done.stderr


def test_every_file_is_read_and_every_secret_made() -> None:
    for asked in every_stack():
        script = files(asked)["src/systemd/install.sh"]
        made = set(re.findall(r"^secret (\w+) ", script, re.MULTILINE))
        used = set(re.findall(r"\$\{([A-Z_]+)\}", script.partition("<<ENV")[2].partition("\nENV\n")[0]))
        assert used <= made, words(asked)
        assert "change-me" not in "\n".join(files(asked).values()), words(asked)
        for name, text in units(asked).items():
            assert ("secrets.env" in text) <= ("secrets.env" in script), name


def test_addresses_are_of_this_machine_and_no_container() -> None:
    stock = "postgres|mysql|mariadb|mongodb|redis|memcached|rabbitmq|kafka"
    for asked in every_stack():
        told = (
            files(asked)["src/systemd/settings.env"]
            + files(asked)["src/systemd/install.sh"].partition("<<ENV")[2].partition("\nENV\n")[0]
        )
        assert re.findall(rf"(?:=|//|@|,)(?:{stock})(?:[:/]\d|$)", told, re.MULTILINE) == [], words(asked)
        assert "127.0.0.1://" not in told
        assert "=/data/" not in told


def test_what_runs_has_its_unit_and_waits_for_its_health() -> None:
    asked = brief(backend="django", database="postgresql", queue="redis", worker="celery")
    told = units(asked)
    assert set(told) == {
        "the-shop.target",
        "the-shop-migrate.service",
        "the-shop-backend.service",
        "the-shop-worker.service",
        "the-shop-beat.service",
        "the-shop-health.service",
        "the-shop-health.timer",
    }
    backend = told["the-shop-backend.service"]
    assert values(backend, "Requires") == ["the-shop-migrate.service"]
    assert values(backend, "ExecStart") == [
        "/opt/the-shop/backend/.venv/bin/gunicorn --config gunicorn.conf.py config.wsgi"
    ]
    assert "http://127.0.0.1:8000/health" in values(backend, "ExecStartPost")[0]
    assert "$$(find /tmp/worker-alive" in values(told["the-shop-worker.service"], "ExecStartPost")[0]
    assert values(told["the-shop-migrate.service"], "Type") == ["oneshot"]


def test_a_unit_has_each_key_once_but_for_those_that_add_up() -> None:
    adds_up = {"EnvironmentFile", "Environment", "SystemCallFilter"}
    for asked in every_stack():
        for name, text in units(asked).items():
            keys = [line.partition("=")[0] for line in text.splitlines() if "=" in line and line[0] != "#"]
            assert [key for key in set(keys) - adds_up if keys.count(key) > 1] == [], name
            reader = RawConfigParser(strict=False)
            reader.read_string(text)
            assert {"Unit", "Install"} & set(reader.sections()), name


def test_only_what_must_call_outside_may() -> None:
    backend = "the-shop-backend.service"
    assert "IPAddressDeny=any" in units(SHOP)[backend]
    assert "IPAddressDeny" not in units(replace(SHOP, external=("stripe",)))[backend]


def test_a_sqlite_file_lies_where_the_unit_may_write() -> None:
    asked = brief(backend="fastapi", database="sqlite")
    assert "DATABASE_PATH=/var/lib/the-shop/app.sqlite3\n" in files(asked)["src/systemd/settings.env"]
    assert values(units(asked)["the-shop-backend.service"], "StateDirectory") == ["the-shop"]


def test_a_built_front_end_is_served_and_a_running_one_is_passed_on() -> None:
    built = files(brief(backend="express", frontend="react-vite"))
    assert "root /opt/the-shop/frontend/dist;" in built["src/systemd/site.conf"]
    assert not any("frontend" in name for name in units(brief(backend="express", frontend="react-vite")))
    running = files(brief(backend="express", frontend="nextjs"))
    assert "proxy_pass http://127.0.0.1:3000;" in running["src/systemd/site.conf"]
    alone = files(brief(backend="express"))["src/systemd/site.conf"]
    assert alone.count("proxy_pass") == 1


@pytest.mark.parametrize("title", ["1 Shop", "x" * 60, "日本語", 'A\'b "c" $(d) %h'])
def test_any_title_gives_a_user_and_units_that_can_be_made(title: str) -> None:
    asked = replace(SHOP, title=title)
    script = files(asked)["src/systemd/install.sh"]
    (name,) = re.findall(r"^readonly NAME=(.*)$", script, re.MULTILINE)
    assert re.fullmatch(r"[a-z][a-z0-9-]{0,27}", name)
    assert all(unit.startswith((f"{name}.", f"{name}-")) for unit in units(asked))
    assert "%h" not in "".join(units(asked).values())


def test_every_install_script_is_bash_that_parses() -> None:
    for asked in every_stack():
        script = files(asked)["src/systemd/install.sh"]
        done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), words(asked)
    assert {file.path: file.mode for file in part(SHOP).files}["src/systemd/install.sh"] == 0o755


def test_no_rule_finds_anything_beside_the_units(tmp_path: Path) -> None:
    rendered = render_choice(choose(SHOP, shipped()), shipped())
    place((*rendered, *part(SHOP).files), tmp_path)
    changed = frozenset(file.path for file in (*rendered, *part(SHOP).files))
    assert check_tree(tmp_path, Options(changed=changed)).findings == ()


def test_what_debian_does_not_package_is_said_before_anything_fails() -> None:
    told = part(brief(backend="express", database="mongodb", proxy="traefik"))
    assert any("Debian does not package MongoDB" in line for line in told.confirm)
    assert any("nginx that stands in front, not Traefik" in line for line in told.confirm)
    assert any(line.startswith("No machine has started the systemd units") for line in told.unverified)
    assert (
        "mongod.service is not there" in files(brief(backend="express", database="mongodb"))["src/systemd/install.sh"]
    )


def test_people_can_read_it(snapshot: SnapshotAssertion) -> None:
    asked = brief(backend="fastapi", frontend="vue-vite", database="postgresql", queue="rabbitmq")
    shown = ("README.md", "install.sh", "settings.env", "site.conf", "units/the-shop-backend.service")
    assert {path: files(asked)[f"src/systemd/{path}"] for path in shown} == snapshot


LARAVEL = brief(
    backend="laravel", database="postgresql", cache="memcached", queue="redis", worker="laravel-queue", proxy="nginx"
)


def test_laravel_runs_as_in_its_image_with_the_machines_own_php() -> None:
    told = units(LARAVEL)
    assert not any("has no unit" in line for line in part(LARAVEL).confirm)
    assert values(told["the-shop-backend.service"], "ExecStart") == [
        "/opt/the-shop/backend/docker/serve.sh config:cache route:cache"
    ]
    assert values(told["the-shop-worker.service"], "ExecStart")[0].startswith("php artisan queue:work ")
    script = files(LARAVEL)["src/systemd/install.sh"]
    (packages,) = re.findall(r"^apt-get install (.*)$", script, re.MULTILINE)
    assert {"php-fpm", "composer", "php-pgsql", "php-redis", "php-memcached"} <= set(packages.split())
    assert "php-mysql" not in packages
    assert "composer install --no-dev" in script


def test_a_pool_that_debian_starts_is_stopped_unless_it_was_there_before() -> None:
    script = files(LARAVEL)["src/systemd/install.sh"]
    before, after = script.split("\napt-get install")
    assert "there=$(systemctl list-unit-files --no-legend 'php*-fpm.service'" in before
    assert "[[ -n $there ]] || systemctl list-unit-files --no-legend 'php*-fpm.service'" in after


@pytest.mark.parametrize("backend", ["laravel", "django", "express", "nestjs"])
def test_a_unit_has_what_its_image_sets_with_the_machines_paths(backend: str) -> None:
    text = units(brief(backend=backend))["the-shop-backend.service"]
    told = dict(line.split("=", 1) for line in values(text, "Environment"))
    wanted = {
        "laravel": {"APP_ENV": "production", "PHP_INI_SCAN_DIR": ":/opt/the-shop/backend/docker/php"},
        "django": {"PYTHONUNBUFFERED": "1"},
        "express": {"NODE_ENV": "production"},
        "nestjs": {"NODE_ENV": "production"},
    }[backend]
    assert wanted.items() <= told.items()
    assert "PATH" not in told
    assert not [value for value in told.values() if "/app/" in value]


def test_a_front_end_that_runs_answers_to_this_machine_only() -> None:
    for frontend, name in (("nextjs", "HOSTNAME"), ("nuxt", "HOST")):
        text = units(brief(backend="express", frontend=frontend))["the-shop-frontend.service"]
        told = dict(line.split("=", 1) for line in values(text, "Environment"))
        assert (told[name], told["PORT"]) == ("127.0.0.1", "3000")


def test_a_secret_has_the_form_that_its_program_wants() -> None:
    script = files(LARAVEL)["src/systemd/install.sh"]
    # Laravel takes a key of exactly 32 bytes.
    assert 'secret APP_KEY "base64:$(openssl rand -base64 32)"\n' in script
    assert 'secret POSTGRES_PASSWORD "$(openssl rand -hex 24)"\n' in script


def test_what_ends_by_itself_is_started_again_and_a_program_ends_its_own() -> None:
    for text in (text for name, text in units(LARAVEL).items() if values(text, "Type") == ["exec"]):
        assert values(text, "Restart") == ["always"]
        assert values(text, "KillMode") == ["mixed"]


def test_only_what_compiles_while_it_runs_may_write_what_it_runs() -> None:
    allowed = {
        backend: "MemoryDenyWriteExecute=yes" not in units(brief(backend=backend))["the-shop-backend.service"]
        for backend in ("laravel", "express", "nestjs", "django", "fastapi", "flask", "go")
    }
    assert {backend for backend, free in allowed.items() if free} == {"laravel", "express", "nestjs"}
