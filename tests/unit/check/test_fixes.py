"""A fix takes its finding away, brings no other, keeps the rest of the file, and does nothing the second time."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bot.check.engine import Options, check_tree
from bot.check.fixing import diff, fix_tree, write
from tests.data.check.trees import Tree, cases, lay

_BAD = cases("bad")


def _fix(root: Path, *, unsafe: bool = True) -> int:
    fixed = fix_tree(root, Options(), unsafe=unsafe)
    write(fixed)
    return fixed.applied


def _kinds(root: Path) -> Counter[tuple[str, str]]:
    return Counter((finding.rule, finding.path) for finding in check_tree(root).findings)


@pytest.mark.parametrize("case", _BAD, ids=lambda case: f"{case[0]}-{case[1]}")
def test_fixing_mends_what_it_offers_to_mend_and_nothing_twice(case: tuple[str, int, Tree], tmp_path: Path) -> None:
    root = lay(tmp_path, case[2])
    before = check_tree(root)
    offered = {finding.rule for finding in before.findings if finding.fix is not None}
    _fix(root)
    after = check_tree(root)
    assert after.notes == ()
    assert not {finding.rule for finding in after.findings if finding.fix is not None} & offered
    assert not _kinds(root) - Counter((finding.rule, finding.path) for finding in before.findings)
    assert _fix(root) == 0


def _compose(root: Path, text: str) -> Path:
    return lay(
        root, {"src/docker-compose.yml": text, "src/.gitignore": ".env\n", "src/.env.example": "UID=1000\nGID=1000\n"}
    )


def _after(root: Path, text: str) -> str:
    _compose(root, text)
    _fix(root)
    return (root / "src/docker-compose.yml").read_bytes().decode()


def test_comments_quotes_and_layout_stay(tmp_path: Path) -> None:
    text = """# The shop.
services:
    web:   # four blanks
        image: "nginx:1.27-alpine"
        healthcheck:
            # asks the front page
            test: ['CMD', 'curl', "http://localhost/"]   # twice wrong
            interval: 5s

        depends_on:
        - db    # the data

    db:
        image: redis:7-alpine
        healthcheck: {test: [CMD, redis-cli, ping], start_period: 5s}
"""
    assert (
        _after(tmp_path, text)
        == """# The shop.
services:
    web:   # four blanks
        image: "nginx:1.27-alpine"
        healthcheck:
            # asks the front page
            test: ['CMD', 'curl', '-f', "http://127.0.0.1/"]   # twice wrong
            interval: 5s
            start_period: 10s

        depends_on:
          db:    # the data
            condition: service_healthy

    db:
        image: redis:7-alpine
        healthcheck: {test: [CMD, redis-cli, ping], start_period: 5s}
"""
    )


def test_line_ends_and_the_byte_order_mark_stay(tmp_path: Path) -> None:
    text = "\ufeffservices:\r\n  web:\r\n    image: nginx:1.27\r\n    healthcheck:\r\n      test: [CMD, wget, http://localhost/]\r\n"
    fixed = _after(tmp_path, text)
    assert fixed == text.replace("localhost", "127.0.0.1") + "      start_period: 10s\r\n"


def test_an_anchor_is_mended_where_it_is_written(tmp_path: Path) -> None:
    text = """x-check: &check
  test: ["CMD", "wget", "-qO-", "http://localhost/"]
services:
  a:
    image: nginx:1.27
    healthcheck: *check
  b:
    image: nginx:1.27
    healthcheck:
      <<: *check
      interval: 5s
"""
    fixed = _after(tmp_path, text)
    assert "http://127.0.0.1/" in fixed
    assert "localhost" not in fixed
    assert "<<: *check" in fixed


def test_a_short_start_period_keeps_its_quotes(tmp_path: Path) -> None:
    text = """services:
  db:
    image: postgres:16
    volumes: ["data:/var/lib/postgresql/data"]
    healthcheck:
      test: ["CMD", "pg_isready"]
      start_period: "2s"  # quick
volumes:
  data:
"""
    assert _after(tmp_path, text) == text.replace('"2s"', '"10s"')


def test_a_database_gets_a_check_and_a_volume(tmp_path: Path) -> None:
    fixed = _after(tmp_path, "services:\n  db:\n    image: postgres:16\n")
    assert "pg_isready" in fixed
    assert "db_data:/var/lib/postgresql/data" in fixed
    assert fixed.endswith("\nvolumes:\n  db_data:\n")


def test_a_fix_in_a_dockerfile_keeps_its_lines(tmp_path: Path) -> None:
    dockerfile = """FROM python:3.12-slim
WORKDIR /app
USER nobody
HEALTHCHECK --interval=5s --timeout=20s \\
    # asks
    CMD curl http://localhost:8000/ || exit 1
CMD ["python", "-m", "http.server", "8000"]
"""
    lay(tmp_path, {"src/a/Dockerfile": dockerfile})
    _compose(tmp_path, "services:\n  a:\n    build: ./a\n")
    _fix(tmp_path)
    expected = dockerfile.replace("--timeout=20s", "--timeout=10s").replace(
        "curl http://localhost", "curl -f http://127.0.0.1"
    )
    written = (tmp_path / "src/a/Dockerfile").read_text()
    assert written.replace("--start-period=10s ", "") == expected
    assert "--start-period=10s" in written


def test_diff_shows_what_fix_does_and_changes_nothing(tmp_path: Path) -> None:
    text = "services:\n  a:\n    image: x:1\n    healthcheck:\n      test: [CMD, wget, http://localhost/]\n      start_period: 9s\n"
    root = _compose(tmp_path, text)
    fixed = fix_tree(root, Options(), unsafe=False)
    assert "+      test: [CMD, wget, http://127.0.0.1/]" in diff(fixed)
    assert "-      test: [CMD, wget, http://localhost/]" in diff(fixed)
    assert (root / "src/docker-compose.yml").read_text() == text


def test_a_fix_never_writes_outside_the_tree(tmp_path: Path) -> None:
    outside = tmp_path / "outside.yml"
    text = "services:\n  a:\n    image: x:1\n    healthcheck:\n      test: [CMD, wget, http://localhost/]\n"
    outside.write_text(text)
    root = tmp_path / "tree"
    (root / "src").mkdir(parents=True)
    (root / "src/docker-compose.yml").symlink_to(outside)
    _fix(root)
    assert outside.read_text() == text


def test_a_summary_is_deleted_only_where_unsafe_fixes_are_asked_for(tmp_path: Path) -> None:
    root = lay(tmp_path, {"src/CHECKLIST.md": "# Done\n", "src/.gitignore": ".env\n"})
    assert _fix(root, unsafe=False) == 0
    assert (root / "src/CHECKLIST.md").exists()
    gone = fix_tree(root, Options(), unsafe=True)
    assert "+++ /dev/null" in diff(gone)
    write(gone)
    assert not (root / "src/CHECKLIST.md").exists()
    assert "summary-docs" not in {finding.rule for finding in check_tree(root).findings}
