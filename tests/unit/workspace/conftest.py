"""A user's repository, and a fingerprint of all in it that a run must leave as it is."""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

OURS = ("refs/heads/groundwork", "logs/refs/heads/groundwork", "objects")


@dataclass(frozen=True)
class UserRepository:
    path: Path

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.path, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def write(self, name: str, content: str | bytes) -> Path:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def commit(self, message: str = "More") -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--no-verify", "-m", message)
        return self.git("rev-parse", "HEAD")

    def fingerprint(self) -> dict[str, str]:
        """Every file, link and directory with its mode and content, but for what a run may add."""
        found = {}
        for directory, names, files in os.walk(self.path):
            for name in (*names, *files):
                path = Path(directory, name)
                relative = path.relative_to(self.path).as_posix()
                if relative.startswith(tuple(f".git/{part}" for part in OURS)):
                    continue
                mode = path.lstat().st_mode
                if path.is_symlink():
                    content = str(path.readlink()).encode()
                else:
                    content = path.read_bytes() if path.is_file() else b""
                found[relative] = f"{mode:o} {hashlib.sha256(content).hexdigest()}"
        return found


@pytest.fixture(autouse=True)
def private_temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Trees of this test alone: other tests and runs on this machine have theirs."""
    place = tmp_path / "tmp"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return place


@pytest.fixture
def new_repository(tmp_path: Path, own_home: Path) -> Callable[..., UserRepository]:
    assert own_home.is_dir()

    def make(name: str = "shop", *options: str) -> UserRepository:
        path = tmp_path / name
        subprocess.run(["git", "init", "--quiet", "-b", "main", *options, str(path)], check=True)
        return UserRepository(path)

    return make


@pytest.fixture
def shop(new_repository: Callable[..., UserRepository]) -> UserRepository:
    """A repository with one commit: documents, a script, a link that leaves it, CRLF, binary and foreign names."""
    repository = new_repository()
    repository.write("IDEA.md", "# Shop\n")
    repository.write("docs/größe 日本.md", "Größe\r\nzwei\r\n")
    repository.write("logo.bin", bytes(range(256)))
    repository.write("latin.txt", "Grüße\n".encode("latin-1"))
    repository.write("run.sh", "#!/bin/sh\n").chmod(0o755)
    (repository.path / "outside").symlink_to("/etc")
    repository.commit("First")
    return repository
