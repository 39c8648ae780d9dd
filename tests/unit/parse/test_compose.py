"""The resolved stack: what compose would run, and where each value is written."""

from __future__ import annotations

import pytest

from bot.errors import ParseError
from bot.parse.compose import ComposeStack, Service, read_compose
from bot.parse.nodes import Node, Scalar, plain
from bot.parse.source import Source


def _stack(files: dict[str, str], overrides: tuple[str, ...] = ()) -> ComposeStack:
    def read(path: str) -> Source | None:
        return Source(path, files[path]) if path in files else None

    stack = read_compose(read, next(iter(files)), overrides)
    assert stack is not None
    return stack


def _service(text: str, name: str = "a", **files: str) -> Service:
    service = _stack({"src/docker-compose.yml": text, **files}).service(name)
    assert service is not None
    return service


def _place(node: Node | None) -> tuple[str, int, int]:
    assert node is not None
    return node.span.path, node.span.line, node.span.column


def test_an_anchor_is_placed_where_it_is_written() -> None:
    service = _service("x-h: &h\n  test: [CMD, x]\n  timeout: 9s\nservices:\n  a:\n    healthcheck: *h\n")
    assert service.healthcheck is not None
    assert service.healthcheck.timeout is not None
    assert service.healthcheck.timeout.seconds == 9
    assert _place(service.healthcheck.timeout.node) == ("src/docker-compose.yml", 3, 12)


def test_merge_keys_give_way_to_own_keys_and_to_earlier_ones() -> None:
    text = "x-a: &a {user: a, image: a}\nx-b: &b {user: b, image: b, restart: b}\nservices:\n  a:\n    <<: [*a, *b]\n    image: own\n"
    node = plain(_service(text).node)
    assert node == {"image": "own", "user": "a", "restart": "b"}


def test_extends_lays_the_service_over_the_one_it_extends() -> None:
    service = _service(
        "services:\n  a:\n    extends: {file: ../common/base.yml, service: base}\n    environment: {B: own}\n",
        **{
            "common/base.yml": "services:\n  base:\n    image: x\n    env_file: ./x.env\n    environment: [A=1, B=2]\n    volumes: ['./data:/d']\n"
        },
    )
    assert {pair.name: pair.value for pair in service.environment} == {"A": "1", "B": "own"}
    assert service.mounts[0].path == "common/data"
    assert _place(service.image)[0] == "common/base.yml"


def test_extends_in_a_circle_is_a_problem_not_a_hang() -> None:
    stack = _stack({"src/docker-compose.yml": "services:\n  a: {extends: b}\n  b: {extends: a}\n"})
    assert any("extends itself" in problem.message for problem in stack.problems)


def test_include_brings_services_with_paths_of_their_own_folder() -> None:
    stack = _stack(
        {
            "src/docker-compose.yml": "include: [db/compose.yml]\nservices:\n  a: {image: x}\n",
            "src/db/compose.yml": "services:\n  db: {build: ./image, volumes: ['./init:/i']}\n",
        }
    )
    db = stack.service("db")
    assert db is not None
    assert db.build is not None
    assert db.build.context == "src/db/image"
    assert db.build.dockerfile == "src/db/image/Dockerfile"
    assert db.mounts[0].path == "src/db/init"


def test_an_override_replaces_scalars_and_commands_and_adds_to_lists() -> None:
    stack = _stack(
        {
            "src/docker-compose.yml": "services:\n  a:\n    image: x\n    command: [a]\n    ports: ['80:80']\n    volumes: ['./a:/v', './c:/w']\n",
            "src/docker-compose.override.yml": "services:\n  a:\n    image: y\n    command: [b]\n    ports: ['81:81']\n    volumes: ['./b:/v']\n",
        },
        ("src/docker-compose.override.yml",),
    )
    node = plain(stack.services[0].node)
    assert node == {
        "image": "y",
        "command": ["b"],
        "ports": ["80:80", "81:81"],
        "volumes": ["./c:/w", "./b:/v"],
    }


def test_reset_and_override_tags() -> None:
    stack = _stack(
        {
            "src/docker-compose.yml": "services:\n  a:\n    image: x\n    ports: ['80:80']\n    user: a\n",
            "o.yml": "services:\n  a:\n    ports: !override ['81:81']\n    user: !reset null\n",
        },
        ("o.yml",),
    )
    assert plain(stack.services[0].node) == {"image": "x", "ports": ["81:81"]}


@pytest.mark.parametrize(
    ("written", "value", "unknown"),
    [
        ("${A}", "from-env", False),
        ("$A-x", "from-env-x", False),
        ("${B:-two}", "two", False),
        ("${EMPTY:-three}", "three", False),
        ("${B:-${A}}", "from-env", False),
        ("${B-}", "", False),
        ("$$A", "$A", False),
        ("${B}", "${B}", True),
        ("${B:?set it}", "${B:?set it}", True),
        ("${A:+other}", "${A:+other}", True),
    ],
)
def test_interpolation(written: str, value: str, unknown: bool) -> None:
    image = _service(f"services:\n  a:\n    image: '{written}'\n", **{"src/.env": "A=from-env\nEMPTY=\n"}).image
    if value == "":
        assert image is not None
    assert image is not None
    assert (image.unknown, image.text if not unknown else image.raw) == (unknown, value if not unknown else written)


def test_a_variable_is_placed_in_its_value() -> None:
    stack = _stack({"c.yml": 'services:\n  a:\n    image: "x:${TAG:-1}"\n'})
    (use,) = stack.uses
    assert (use.use.name, use.use.default, use.span.text, use.span.column) == ("TAG", "1", "${TAG:-1}", 15)


@pytest.mark.parametrize(
    ("written", "context", "dockerfile", "remote"),
    [
        ("./a", "src/a", "src/a/Dockerfile", False),
        (".", "src", "src/Dockerfile", False),
        ("../a", "a", "a/Dockerfile", False),
        ("../../a", "../a", "../a/Dockerfile", False),
        ("{context: ./a, dockerfile: ../b/Dockerfile.dev}", "src/a", "src/b/Dockerfile.dev", False),
        ("{dockerfile: x/Dockerfile}", "src", "src/x/Dockerfile", False),
        ("'https://github.com/a/b.git'", None, None, True),
        ("'git@github.com:a/b.git#main'", None, None, True),
        ("'${WHERE}'", None, None, False),
    ],
)
def test_builds(written: str, context: str | None, dockerfile: str | None, remote: bool) -> None:
    build = _service(f"services:\n  a:\n    build: {written}\n").build
    assert build is not None
    assert (build.context, build.dockerfile, build.remote) == (context, dockerfile, remote)


@pytest.mark.parametrize(
    ("written", "kind", "source", "target", "path", "read_only"),
    [
        ("./a:/b", "bind", "./a", "/b", "src/a", False),
        ("./a:/b:ro", "bind", "./a", "/b", "src/a", True),
        ("/a:/b/:ro,z", "bind", "/a", "/b", "/a", True),
        ("~/a:/b", "bind", "~/a", "/b", "~/a", False),
        ("data:/b", "volume", "data", "/b", None, False),
        ("/b", "volume", "", "/b", None, False),
        ("${X}:/b", "unknown", "${X}", "/b", None, False),
        ("${X:-./a}:/b", "bind", "./a", "/b", "src/a", False),
        ("{type: bind, source: ./a, target: /b, read_only: true}", "bind", "./a", "/b", "src/a", True),
        ("{type: volume, source: data, target: /b}", "volume", "data", "/b", None, False),
        ("{type: tmpfs, target: /b}", "tmpfs", "", "/b", None, False),
    ],
)
def test_mounts(written: str, kind: str, source: str, target: str, path: str | None, read_only: bool) -> None:
    text = written if written.startswith("{") else f"'{written}'"
    (mount,) = _service(f"services:\n  a:\n    volumes:\n      - {text}\n").mounts
    assert (mount.kind, mount.source, mount.target, mount.path, mount.read_only) == (
        kind,
        source,
        target,
        path,
        read_only,
    )


@pytest.mark.parametrize(
    ("written", "published", "target", "protocol"),
    [
        ("80", 0, 80, "tcp"),
        ("'8080:80'", 8080, 80, "tcp"),
        ("'127.0.0.1:8080:80/udp'", 8080, 80, "udp"),
        ("'${PORT:-8080}:80'", 8080, 80, "tcp"),
        ("'${PORT}:80'", 0, 80, "tcp"),
        ("'8000-8005:9000-9005'", 8000, 9000, "tcp"),
        ("{target: 80, published: '8080'}", 8080, 80, "tcp"),
    ],
)
def test_ports(written: str, published: int, target: int, protocol: str) -> None:
    (port,) = _service(f"services:\n  a:\n    ports:\n      - {written}\n").ports
    assert (port.published, port.target, port.protocol) == (published, target, protocol)


def test_one_shots_are_those_that_end() -> None:
    text = """services:
  a: {image: x, depends_on: {m: {condition: service_completed_successfully}, b: {condition: service_healthy}}}
  m: {image: x}
  b: {image: x, restart: always}
  c: {image: x, restart: "no"}
  d: {image: x, restart: no}
"""
    assert _stack({"c.yml": text}).one_shots == {"m", "c", "d"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("true", True),
        ("~", None),
        ("010", 8),
        ("0o10", 8),
        ("0x1F", 31),
        ("1_000", 1000),
        ("22:22", "22:22"),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("2024-01-01", "2024-01-01"),
        ("'1'", "1"),
        ("!!str 1", "1"),
        ("08", "08"),
        (".5", 0.5),
    ],
)
def test_scalars_mean_what_compose_takes_them_for(text: str, value: object) -> None:
    node = _service(f"services:\n  a:\n    x-v: {text}\n").node.get("x-v")
    assert isinstance(node, Scalar)
    assert node.value == value
    assert type(node.value) is type(value)


def test_a_file_that_is_no_mapping_is_an_error_with_its_place() -> None:
    with pytest.raises(ParseError) as caught:
        _stack({"c.yml": "# x\n- a\n"})
    assert (caught.value.line, caught.value.column) == (2, 1)
