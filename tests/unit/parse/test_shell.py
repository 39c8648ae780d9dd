"""The shell splitter: which programs run with which words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.parse.shell import split_commands
from bot.parse.shell_wrappers import run_commands


def programs(text: str) -> list[list[str]]:
    return [[word.value for word in command.words] for command in run_commands(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b && c || d; e | f & g", [["a", "b"], ["c"], ["d"], ["e"], ["f"], ["g"]]),
        ("curl -f 'http://x/?a=1&b=2' || exit 1", [["curl", "-f", "http://x/?a=1&b=2"], ["exit", "1"]]),
        ('echo "a && b"', [["echo", "a && b"]]),
        ("if [ -f x ]; then npm ci; else npm install; fi", [["[", "-f", "x", "]"], ["npm", "ci"], ["npm", "install"]]),
        ("test -f x && { a; b; }", [["test", "-f", "x"], ["a"], ["b"]]),
        ("(cd app && npm ci)", [["cd", "app"], ["npm", "ci"]]),
        ("NODE_ENV=production npm run build", [["npm", "run", "build"]]),
        ("sh -c 'a && b'", [["a"], ["b"]]),
        ('bash -lc "exec node x.js"', [["node", "x.js"]]),
        ("/bin/sh -eu -o pipefail -c 'a | b'", [["a"], ["b"]]),
        ("exec gosu node tini -- node x", [["node", "x"]]),
        ("env A=b C=d cross-env E=f vite build", [["vite", "build"]]),
        ("timeout -k 1 5 curl x", [["curl", "x"]]),
        ("a $(b && c) d", [["a", "$(b && c)", "d"]]),
        ("a # comment && b\nc", [["a"], ["c"]]),
        ("a > /dev/null 2>&1 && b", [["a"], ["b"]]),
        ('python -c "import x; x.y()"', [["python", "-c", "import x; x.y()"]]),
        ("a\\\n b", [["a", "b"]]),
        ("redis-cli ping | grep PONG", [["redis-cli", "ping"], ["grep", "PONG"]]),
    ],
)
def test_commands(text: str, expected: list[list[str]]) -> None:
    assert programs(text) == expected


def test_operators_and_redirects() -> None:
    first, second = split_commands("a >/x 2>>/y || b")
    assert [(r.operator, r.target.value) for r in first.redirects] == [(">", "/x"), (">>", "/y")]
    assert second.operator == "||"


def test_assignments() -> None:
    (command,) = split_commands("A=1 B='x y' run it")
    assert [word.value for word in command.assignments] == ["A=1", "B=x y"]


def test_words_inside_sh_c_keep_their_place() -> None:
    text = 'sh -c "curl http://localhost/"'
    (command,) = run_commands(text)
    url = command.words[1]
    assert text[url.start : url.end] == "http://localhost/"
    assert url.column == url.start + 1


@given(st.text(alphabet="ab $(){}`'\"\\;&|<>\n#=-", max_size=80))
def test_never_breaks(text: str) -> None:
    for command in run_commands(text):
        assert command.words
