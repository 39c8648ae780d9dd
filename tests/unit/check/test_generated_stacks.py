"""Fixes on generated stacks: whatever its layout, after fixing it reads, says less, and a second run changes nothing."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.check.engine import Options, check_tree
from bot.check.fixing import fix_tree, write
from tests.data.check.trees import lay

_TESTS = st.sampled_from(
    [
        '["CMD", "curl", "http://localhost:3000/"]',
        "['CMD', 'curl', '-s', 'http://localhost/']",
        "[CMD, wget, -qO-, http://localhost/]",
        "curl -s http://localhost:8000/ || exit 1",
        '"curl http://[::1]:8000/ || exit 1"',
        '["CMD-SHELL", "curl -f http://127.0.0.1/ || exit 1"]',
        '\n{i}  - CMD\n{i}  - curl\n{i}  - "http://localhost/"',
        ">\n{i}  curl -s\n{i}  http://localhost/",
        "|\n{i}  curl -s http://localhost/",
    ]
)
_COMMENT = st.sampled_from(["", "  # why", "   # ünïcode ✓"])


@st.composite
def _service(draw: st.DrawFn, name: str, others: tuple[str, ...], step: int) -> str:
    one, two, three = " " * step, " " * step * 2, " " * step * 3
    image = draw(st.sampled_from(["nginx:1.27-alpine", "postgres:16", '"mysql:8.4"', "redis:7", "'node:22'"]))
    lines = [f"{one}{name}:{draw(_COMMENT)}", f"{two}image: {image}{draw(_COMMENT)}"]
    if draw(st.booleans()):
        lines += [f"{two}healthcheck:", f"{three}test: {draw(_TESTS).replace('{i}', three)}"]
        if draw(st.booleans()):
            lines.append(
                f"{three}timeout: {draw(st.sampled_from(['5s', '30s', chr(34) + '1m' + chr(34)]))}{draw(_COMMENT)}"
            )
        if draw(st.booleans()):
            lines.append(f"{three}start_period: {draw(st.sampled_from(['1s', '60s']))}")
    needs = draw(st.lists(st.sampled_from(others), unique=True)) if others else []
    if needs:
        form = draw(st.sampled_from(["flow", "list", "shallow", "empty", "started"]))
        if form == "flow":
            lines.append(f"{two}depends_on: [{', '.join(needs)}]{draw(_COMMENT)}")
        elif form in {"list", "shallow"}:
            lead = three if form == "list" else two
            lines += [f"{two}depends_on:", *(f"{lead}- {need}{draw(_COMMENT)}" for need in needs)]
        else:
            lines.append(f"{two}depends_on:")
            for need in needs:
                lines.append(f"{three}{need}:{draw(_COMMENT)}")
                if form == "started":
                    lines.append(f"{three}{one}condition: service_started")
    if draw(st.booleans()):
        lines.append(f"{two}user: {draw(st.sampled_from(['root', chr(34) + '1000:1000' + chr(34)]))}")
    if draw(st.booleans()):
        lines += ["", f"{two}# a comment of its own"]
    if draw(st.booleans()):
        lines.append(f"{two}restart: unless-stopped")
    return "\n".join(lines)


@st.composite
def _stacks(draw: st.DrawFn) -> str:
    step = draw(st.sampled_from([2, 4]))
    names = ("web", "db", "cache")[: draw(st.integers(1, 3))]
    parts = ["services:"]
    parts += [draw(_service(name, names[index + 1 :], step)) for index, name in enumerate(names)]
    if draw(st.booleans()):
        parts.append("volumes:\n  other:")
    text = "\n".join(parts) + draw(st.sampled_from(["\n", "", "\n\n"]))
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=_stacks())
def test_after_fixing_nothing_is_left_to_fix_and_nothing_else_is_wrong(tmp_path: Path, text: str) -> None:
    root = lay(
        tmp_path, {"src/docker-compose.yml": text, "src/.gitignore": ".env\n", "src/.env.example": "UID=1\nGID=1\n"}
    )
    before = check_tree(root)
    assert before.notes == ()
    assert "compose-invalid" not in {finding.rule for finding in before.findings}
    write(fix_tree(root, Options()))
    after = check_tree(root)
    assert [finding.rule for finding in after.findings if finding.fix is not None] == []
    kinds = Counter(finding.rule for finding in after.findings)
    assert not kinds - Counter(finding.rule for finding in before.findings)
    fixed = (root / "src/docker-compose.yml").read_bytes()
    assert (b"\r\n" in fixed) == ("\r\n" in text)
    assert fixed.count(b"\n") == fixed.count(b"\r\n") or "\r\n" not in text
    for comment in ("# why", "# ünïcode ✓", "# a comment of its own"):
        assert fixed.decode().count(comment) == text.count(comment)
    assert fix_tree(root, Options()).applied == 0
