"""`groundwork run` on what people really have: each gets a clear answer, and their repository stays as it was."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.cli.main import main

SAMPLE = Path(__file__).parents[2] / "deploy" / "sample"


def git(folder: Path, *words: str) -> str:
    command = ["git", "-C", str(folder), "-c", "user.name=A", "-c", "user.email=a@example.org", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def fingerprint(folder: Path) -> dict[str, str]:
    """Every file's content, mode and link target, but for what a new branch has to add to the object store."""
    state = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name.startswith((".git/objects/", ".git/refs/heads/groundwork", ".git/logs/refs/heads/groundwork")):
            continue
        if path.is_symlink():
            state[name] = f"-> {path.readlink()}"
        elif path.is_file():
            mode = path.stat().st_mode
            content = path.read_bytes() if mode & 0o400 or os.geteuid() == 0 else b""
            state[name] = f"{mode:o} {hashlib.sha256(content).hexdigest()}"
    return state


@dataclass
class Shop:
    """A repository with the sample's documents, and the command run on it."""

    path: Path
    out: Path
    issue: Path
    capture: pytest.CaptureFixture[str]
    said: str = ""
    words: tuple[str, ...] = field(default=("--verify", "none"))

    def run(self, *words: str) -> int:
        status = main(["run", str(self.path), "--issue", str(self.issue), "--out", str(self.out), *self.words, *words])
        captured = self.capture.readouterr()
        self.said = captured.out + captured.err
        return status

    def refused(self) -> str:
        """Run, expecting a clear refusal that changes nothing; return what was said."""
        before = fingerprint(self.path) if self.path.is_dir() else {}
        assert self.run() == 2
        assert "error:" in self.said
        assert "Traceback" not in self.said
        assert (fingerprint(self.path) if self.path.is_dir() else {}) == before
        assert not self.out.exists()
        return self.said

    def branches(self) -> list[str]:
        return git(self.path, "for-each-ref", "--format=%(refname:short)", "refs/heads/groundwork").splitlines()


@pytest.fixture
def shop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shop:
    path = tmp_path / "shop"
    path.mkdir()
    for document in ("IDEA.md", "BUILD_SPEC.md", "ARCHITECTURE.md"):
        (path / document).write_bytes((SAMPLE / document).read_bytes())
    git(path, "init", "-q", "-b", "main")
    git(path, "add", ".")
    git(path, "commit", "-q", "-m", "Write down the idea")
    return Shop(path=path, out=tmp_path / "out", issue=SAMPLE / "issue.md", capture=capsys)


def test_the_sample_becomes_a_branch_and_four_texts(shop: Shop) -> None:
    before = fingerprint(shop.path)
    assert shop.run() == 1, "not verified is not healthy"
    assert fingerprint(shop.path) == before
    assert len(shop.branches()) == 1
    texts = sorted(file.name for file in shop.out.iterdir())
    assert texts == ["health-report.html", "health-report.json", "health-report.md", "pull-request.md"]
    assert "switched off" in (shop.out / "health-report.md").read_text()


def test_a_second_run_continues_on_the_branch(shop: Shop) -> None:
    shop.run()
    first = git(shop.path, "rev-parse", shop.branches()[0])
    assert shop.run() == 1
    assert git(shop.path, "rev-parse", shop.branches()[0]) == first, "same input, same bytes: nothing new to commit"


def test_the_result_is_json_alone_where_asked(shop: Shop) -> None:
    assert shop.run("--json") == 1
    result = json.loads(shop.said)
    assert result["outcome"] == "unverified"
    assert result["commit"] == git(shop.path, "rev-parse", result["branch"])


def test_quiet_says_nothing(shop: Shop) -> None:
    assert shop.run("--quiet") == 1
    assert shop.said == ""


def test_what_does_not_exist(shop: Shop, tmp_path: Path) -> None:
    shop.path = tmp_path / "nowhere"
    assert "nowhere" in shop.refused()


def test_not_a_repository(shop: Shop, tmp_path: Path) -> None:
    shop.path = tmp_path / "plain"
    shop.path.mkdir()
    assert "not a git repository" in shop.refused()


def test_a_bare_repository(shop: Shop, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(shop.path), "bare.git")
    shop.path = tmp_path / "bare.git"
    assert "bare" in shop.refused()


def test_an_empty_repository(shop: Shop, tmp_path: Path) -> None:
    shop.path = tmp_path / "empty"
    shop.path.mkdir()
    git(shop.path, "init", "-q")
    assert "no commit" in shop.refused()


def test_a_dirty_tree_works_and_says_it_used_head(shop: Shop) -> None:
    (shop.path / "IDEA.md").write_text("# Something else entirely\n")
    (shop.path / "new.txt").write_text("untracked")
    before = fingerprint(shop.path)
    assert shop.run() == 1
    assert fingerprint(shop.path) == before
    assert "uncommitted" in (shop.out / "pull-request.md").read_text().lower()


def test_a_detached_head_works(shop: Shop) -> None:
    git(shop.path, "checkout", "-q", "--detach")
    before = fingerprint(shop.path)
    assert shop.run() == 1
    assert fingerprint(shop.path) == before
    assert len(shop.branches()) == 1


def test_a_person_s_commit_on_the_branch_is_kept_and_built_upon(shop: Shop) -> None:
    shop.run()
    branch = shop.branches()[0]
    git(shop.path, "worktree", "add", "-q", str(shop.path.parent / "theirs"), branch)
    theirs = shop.path.parent / "theirs"
    (theirs / "NOTES.md").write_text("mine\n")
    git(theirs, "add", ".")
    git(theirs, "commit", "-q", "-m", "Mine")
    mine = git(theirs, "rev-parse", "HEAD")
    git(shop.path, "worktree", "remove", str(theirs))
    assert shop.run() == 1
    assert git(shop.path, "merge-base", mine, branch) == mine


def test_unreadable_and_binary_documents_do_not_stop_a_run(shop: Shop) -> None:
    (shop.path / "ARCHITECTURE.md").write_bytes(bytes(range(256)) * 40)
    git(shop.path, "commit", "-q", "-a", "-m", "Scramble")
    assert shop.run() == 1
    assert "Traceback" not in shop.said


def test_a_document_of_50_megabytes_is_read_in_part(shop: Shop) -> None:
    (shop.path / "IDEA.md").write_text((SAMPLE / "IDEA.md").read_text() + "lorem ipsum dolor sit amet\n" * 1_900_000)
    git(shop.path, "add", ".")
    git(shop.path, "commit", "-q", "-m", "Grow")
    assert shop.run() == 1
    assert len(shop.branches()) == 1


def test_links_that_leave_the_repository_are_not_followed(shop: Shop, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "ARCHITECTURE.md").write_text("# Backend: Laravel with MySQL\n")
    (shop.path / "docs").symlink_to(secret)
    (shop.path / "src").symlink_to(secret)
    git(shop.path, "add", ".")
    git(shop.path, "commit", "-q", "-m", "Link")
    before = fingerprint(secret)
    status = shop.run()
    assert status in {1, 2, 3}
    assert "Traceback" not in shop.said
    assert fingerprint(secret) == before, "nothing is written through a link"
    if shop.out.exists():
        assert "Laravel" not in (shop.out / "pull-request.md").read_text()


def test_foreign_files_in_the_way_are_kept_and_reported(shop: Shop) -> None:
    (shop.path / "src" / "backend").mkdir(parents=True)
    (shop.path / "src" / "backend" / "notes.txt").write_text("keep me\n")
    (shop.path / "src" / ".gitignore").write_text("mine\n")
    git(shop.path, "add", "-f", ".")
    git(shop.path, "commit", "-q", "-m", "Begin")
    assert shop.run() == 1
    branch = shop.branches()[0]
    assert git(shop.path, "show", f"{branch}:src/backend/notes.txt") == "keep me"
    # The rules may add what keeps secrets out; what stood there stands.
    assert git(shop.path, "show", f"{branch}:src/.gitignore").splitlines()[0] == "mine"
    assert "src/.gitignore" in (shop.out / "pull-request.md").read_text()


@pytest.mark.parametrize(
    ("content", "word"),
    [(None, "missing.md"), (b"", "empty"), (b"\x00\xff\xfe" * 100, "binary")],
    ids=["no", "empty", "binary"],
)
def test_an_issue_that_cannot_be_read(shop: Shop, tmp_path: Path, content: bytes | None, word: str) -> None:
    shop.issue = tmp_path / "missing.md"
    if content is not None:
        shop.issue.write_bytes(content)
    assert word in shop.refused()


def test_a_project_that_needs_nothing(shop: Shop, tmp_path: Path) -> None:
    for document in ("BUILD_SPEC.md", "ARCHITECTURE.md"):
        (shop.path / document).unlink()
    (shop.path / "IDEA.md").write_text(
        "# Wordcount\n\nA command-line tool in Rust that counts words in files. It is a single binary, published on"
        " crates.io. There is no server and no database.\n"
    )
    git(shop.path, "commit", "-q", "-a", "-m", "Another idea")
    shop.issue = tmp_path / "issue.md"
    shop.issue.write_text("# Infrastructure\n\nSet up what the project needs.\n")
    before = fingerprint(shop.path)
    assert shop.run() == 3
    assert "command-line" in shop.said
    assert fingerprint(shop.path) == before
    assert shop.branches() == []


def test_texts_are_not_written_into_the_working_tree(shop: Shop) -> None:
    shop.out = shop.path / "report"
    assert "--out" in shop.refused()


def test_the_claude_engine_is_refused_in_words(shop: Shop) -> None:
    assert shop.run("--engine", "claude") == 2
    assert "blueprint" in shop.said
