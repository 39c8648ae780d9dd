"""Never breaks: whatever lies in the tree, there are findings or silence, in time, and no rule falls over."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.check.engine import CheckResult, Options, check_tree
from bot.check.escape import escape_findings
from bot.check.fixing import fix_tree
from bot.check.stack import read_stack
from bot.check.tree import Tree
from tests.data.check.trees import cases, clean, lay


def _compose(root: Path, data: bytes) -> CheckResult:
    (root / "src").mkdir(exist_ok=True)
    (root / "src/docker-compose.yml").write_bytes(data)
    result = check_tree(root)
    assert result.notes == ()
    return result


_LAUGHS = b"a: &a [x, x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (c, c, b", ".join([b"*%c" % (c - 1)] * 9)) for c in range(ord("b"), ord("m"))
)


@pytest.mark.parametrize(
    ("data", "words", "place"),
    [
        (b"services:\n\tweb: {}\n", "tab", (2, 1)),
        (b"services:\n  web:\n    image: x\n    image: y\n", "twice", (4, 5)),
        (_LAUGHS, "expands to more than", None),
        (b"services: " + b"[" * 100_000, "deeper than", (1, 70)),
        (b"services: " + b"{a: " * 100_000, "deeper than", None),
        (b"x" * 5_000_000, "larger than", (1, 1)),
        (b"services:\n  web: \xff\xfe\n", "not UTF-8", (2, 8)),
        (b"\xff\xfes\x00e\x00", "not UTF-8", (1, 1)),
        (b"services:\n  web: \x00\n", "control character", (2, 8)),
        (b"a: *nobody\n", "no anchor", (1, 4)),
        (b"a: &a\n  b: *a\n", "contains itself", (2, 6)),
        (b"a: &a {<<: *a}\n", "contains itself", None),
        (b"- a\n- b\n", "not a mapping", (1, 1)),
        (b"services: !!python/object/apply:os.system [x]\n", "must be a mapping", None),
        (b"? [a, b]\n: c\nservices: {a: {image: x}}\n", "a key must be text", (1, 3)),
    ],
)
def test_a_broken_compose_file_is_a_finding_with_its_place(
    tmp_path: Path, data: bytes, words: str, place: tuple[int, int] | None
) -> None:
    began = time.perf_counter()
    found = [f for f in _compose(tmp_path, data).findings if f.rule == "compose-invalid"]
    assert any(words in finding.message for finding in found)
    if place is not None:
        assert place in {(finding.line, finding.column) for finding in found}
    assert time.perf_counter() - began < 20  # a hang, not a slow machine


_STACK = "services:\n  web:\n    build: .\n    environment: {A: '${ONE}'}\n"
_NODE = 'FROM node:22-alpine\nCOPY . .\nHEALTHCHECK CMD wget -q http://127.0.0.1:3000/up\nCMD ["node", "index.js"]\n'
_LINES = {
    "src/docker-compose.yml": "# a comment\n",
    "src/Dockerfile": "RUN echo one\n",
    "src/.env.example": "NAME=value\n",
    "src/package.json": " \n",
    "src/index.js": "app.get('/a', b)\n",
    ".github/workflows/ci.yml": "# a comment\n",
    ".github/groundwork.yml": "# a comment\n",
}
_CHILD = """
import sys
from bot.cli.main import main
code = main(sys.argv[1:])
print([line for line in open("/proc/self/status") if line.startswith("VmHWM")][0].split()[1])
raise SystemExit(code)
"""


@pytest.mark.parametrize("path", _LINES)
def test_a_file_of_ten_megabytes_is_told_and_costs_no_memory(tmp_path: Path, path: str) -> None:
    files = {"src/docker-compose.yml": _STACK, "src/Dockerfile": _NODE, "src/package.json": "{}"}
    lay(tmp_path, {**files, path: _LINES[path] * (10_000_000 // len(_LINES[path]))})
    ran = subprocess.run(
        [sys.executable, "-c", _CHILD, "check", str(tmp_path), "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode in {1, 2}, ran.stderr
    assert f"{path} is larger than 4 MB" in ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr
    assert int(ran.stdout.split()[-1]) < 120_000, "kB at the most"


def test_folders_that_are_too_deep_are_told(tmp_path: Path) -> None:
    tmp_path.joinpath(*["d"] * 60).mkdir(parents=True)
    assert check_tree(tmp_path).notes == ("folders deeper than 40 were not looked into",)


def test_a_byte_order_mark_and_crlf_are_read(tmp_path: Path) -> None:
    found = _compose(
        tmp_path, b"\xef\xbb\xbfservices:\r\n  web:\r\n    image: nginx\r\n    privileged: true\r\n"
    ).findings
    assert {(f.rule, f.line, f.column) for f in found} >= {("escape-privileged", 4, 17)}
    assert "compose-invalid" not in {f.rule for f in found}


def test_symlinks_loops_pipes_and_locked_files_hold_nothing_up(tmp_path: Path) -> None:
    lay(tmp_path / "outside", {"secret.yml": "services: {a: {privileged: true}}"})
    root = lay(tmp_path / "tree", {"src/docker-compose.yml": "services: {a: {build: ./loop, env_file: pipe}}\n"})
    (root / "src/loop").symlink_to(root / "src")
    (root / "src/around").symlink_to("around")
    (root / "src/compose.yaml").symlink_to(tmp_path / "outside/secret.yml")
    os.mkfifo(root / "src/pipe")
    os.mkfifo(root / "src/Dockerfile")
    result = check_tree(root)
    assert "escape-privileged" not in {finding.rule for finding in result.findings}
    assert result.notes == ()


def test_files_that_vanish_are_missing(tmp_path: Path) -> None:
    root = lay(tmp_path, {"src/docker-compose.yml": "services: {a: {build: .}}\n", "src/Dockerfile": "FROM x:1\n"})
    tree = Tree(root)
    assert "src/Dockerfile" in tree.files
    (root / "src/Dockerfile").unlink()
    (root / "src/docker-compose.yml").unlink()
    assert tree.stacks == ()
    assert tree.dockerfiles == ()


def test_a_folder_where_a_file_should_be_is_a_missing_file(tmp_path: Path) -> None:
    root = lay(tmp_path, {"src/docker-compose.yml": "include: [null, ., sub]\nservices: {a: {build: .}}\n"})
    lay(root, {"src/Dockerfile/": "", "src/sub/": "", "src/.env/": "", "src/.env.example/": ""})
    assert check_tree(root).notes == ()


def test_a_tree_with_very_many_files_is_bounded(tmp_path: Path) -> None:
    lay(tmp_path, {f"a/{number}": "" for number in range(60)})
    deep = tmp_path.joinpath(*["d"] * 120)
    deep.mkdir(parents=True)
    (deep / "docker-compose.yml").write_text("services: {}")
    assert check_tree(tmp_path).findings == ()


_SEEDS = [files["src/docker-compose.yml"] for _, _, files in cases("bad") if files.get("src/docker-compose.yml")]
_SEEDS += [text for _, files in clean() for path, text in files.items() if path.endswith((".yml", "Dockerfile"))]
_JUNK = st.sampled_from(
    [
        "\t",
        "- ",
        ": ",
        "{",
        "}",
        "[",
        "]",
        "&a ",
        "*a ",
        "<<: *a",
        "null",
        "~",
        "${",
        "${A:-",
        "$$",
        "'",
        '"',
        "|\n",
        "\n",
        " ",
        "0",
        "!x ",
    ]
)


@st.composite
def _mutated(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(_SEEDS))
    for _ in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, len(text)))
        length = draw(st.integers(0, 12))
        text = text[:start] + draw(_JUNK) + text[start + length :]
    return text


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(compose=_mutated(), dockerfile=_mutated(), env=st.text(max_size=80))
def test_mutated_files_break_no_rule_and_no_reader(tmp_path: Path, compose: str, dockerfile: str, env: str) -> None:
    root = lay(
        tmp_path,
        {
            "src/docker-compose.yml": compose,
            "src/a/Dockerfile": dockerfile,
            "src/.env.example": env.encode("utf-8", "replace").decode(),
        },
    )
    result = check_tree(root)
    assert result.notes == ()
    for finding in result.findings:
        source = result.tree.read(finding.path)
        assert finding.line >= 1
        if source is not None:
            assert finding.line <= len(source.line_starts)
    read_stack(root)
    escape_findings({}, root)


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 99999)
    | st.sampled_from(["", "x", "./a:/b", "${X}", "80:80", "1s", "a=b", "NONE"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "test",
                    "context",
                    "image",
                    "build",
                    "a",
                    "condition",
                    "source",
                    "target",
                    "type",
                    "x-y",
                    "file",
                    "path",
                    "driver_opts",
                    "device",
                ]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)
_KEYS = st.sampled_from(
    [
        "image",
        "build",
        "healthcheck",
        "depends_on",
        "ports",
        "volumes",
        "environment",
        "labels",
        "networks",
        "user",
        "command",
        "env_file",
        "extends",
        "profiles",
        "deploy",
        "secrets",
        "configs",
        "cap_add",
        "security_opt",
        "devices",
        "tmpfs",
        "restart",
        "network_mode",
        "pid",
        "volumes_from",
        "links",
        "expose",
        "privileged",
        "entrypoint",
        "scale",
        "develop",
        "post_start",
    ]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    services=st.dictionaries(
        st.sampled_from(["a", "b", "traefik"]), st.dictionaries(_KEYS, _VALUES, max_size=5), max_size=3
    ),
    rest=st.dictionaries(
        st.sampled_from(["volumes", "networks", "secrets", "configs", "include", "name"]), _VALUES, max_size=3
    ),
)
def test_values_of_any_shape_break_no_rule(
    tmp_path: Path, services: dict[str, object], rest: dict[str, object]
) -> None:
    import yaml

    root = lay(tmp_path, {"src/docker-compose.yml": yaml.safe_dump({"services": services, **rest})})
    result = check_tree(root)
    assert result.notes == ()
    read_stack(root)
    escape_findings({"services": services, **rest}, root)
    fix_tree(root, Options(), unsafe=True)
