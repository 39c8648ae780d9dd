"""The private copy: complete, private, and nothing followed out of it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from bot.errors import UsageError
from bot.verify.identity import identity_for, this_owner
from bot.verify.plan import BindMount
from bot.verify.preflight import make_bind_folders, write_dotenv
from bot.verify.tree import PrivateTree, find_compose, read_source


def project(root: Path) -> Path:
    (root / "src" / "app").mkdir(parents=True)
    (root / "src" / "docker-compose.yml").write_text("services: {}\n")
    (root / "src" / "app" / "run.sh").write_text("#!/bin/sh\n")
    (root / "src" / "app" / "run.sh").chmod(0o755)
    (root / "src" / "app" / "out").symlink_to("/etc")
    (root / "node_modules").mkdir()
    (root / "node_modules" / "x").write_text("x")
    return root


def copied(root: Path) -> set[str]:
    tree = PrivateTree(read_source(root), identity_for(root), this_owner(1))
    try:
        return {
            path.relative_to(tree.root).as_posix()
            for path in tree.root.rglob("*")
            if path.is_symlink() or not path.is_dir()
        }
    finally:
        shutil.rmtree(tree.folder)


def test_a_plain_folder_is_copied_without_what_is_fetched_anew(tmp_path: Path) -> None:
    tree = PrivateTree(read_source(project(tmp_path)), identity_for(tmp_path), this_owner(1))
    try:
        copy = tree.root / "src" / "app"
        assert (copy / "run.sh").stat().st_mode & 0o777 == 0o755
        assert (copy / "out").readlink() == Path("/etc")
        assert not (tree.root / "node_modules").exists()
    finally:
        shutil.rmtree(tree.folder)


def test_of_a_repository_only_what_git_knows_is_copied_and_the_commit_named(tmp_path: Path, own_home: Path) -> None:
    del own_home
    root = project(tmp_path / "repo")
    (root / ".gitignore").write_text("node_modules\n.env\n")
    (root / "src" / ".env").write_text("SECRET=1\n")
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"]):
        subprocess.run(["git", *words], cwd=root, check=True)
    source = read_source(root)
    assert len(source.commit) == 40
    assert not source.dirty
    (root / "new.txt").write_text("x")
    assert read_source(root).dirty
    assert copied(root) == {".gitignore", "new.txt", "src/docker-compose.yml", "src/app/run.sh", "src/app/out"}


def test_a_repository_whose_configuration_would_run_a_program_runs_none(tmp_path: Path, own_home: Path) -> None:
    del own_home
    root = project(tmp_path / "repo")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    trap = tmp_path / "trap"
    subprocess.run(["git", "config", "core.fsmonitor", f"touch {trap}; false"], cwd=root, check=True)
    read_source(root)
    assert not trap.exists()


def test_a_folder_without_a_compose_file_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no compose file"):
        find_compose(tmp_path)
    with pytest.raises(UsageError, match="not a folder"):
        read_source(tmp_path / "nowhere")


def test_the_env_file_comes_from_the_example_and_never_through_a_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("untouched")
    folder = tmp_path / "src"
    folder.mkdir()
    (folder / ".env.example").write_text("NAME=x\n")
    (folder / ".env").symlink_to(outside)
    write_dotenv(folder, folder, identity_for(tmp_path))
    assert (folder / ".env").read_text().startswith("NAME=x\nUID=")
    assert outside.read_text() == "untouched"


def test_missing_bind_folders_are_made_as_the_user_and_told(tmp_path: Path) -> None:
    source = tmp_path / "src" / "data"
    bind = BindMount(service="db", source=str(source), read_only=False, user="")
    (said,) = make_bind_folders([bind], tmp_path, identity_for(tmp_path))
    assert source.is_dir()
    assert "`src/data`" in said
    assert make_bind_folders([bind], tmp_path, identity_for(tmp_path)) == ()


def test_a_compose_folder_that_is_a_link_out_of_the_tree_is_refused_and_not_written_to(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "docker-compose.yml").write_text("services: {}\n")
    root = tmp_path / "tree"
    root.mkdir()
    (root / "src").symlink_to(outside)
    with pytest.raises(UsageError, match="leads out of the tree"):
        copied(root)
    assert [path.name for path in outside.iterdir()] == ["docker-compose.yml"]


def test_a_folder_that_became_a_link_is_not_written_through(tmp_path: Path, own_home: Path) -> None:
    del own_home
    root = project(tmp_path / "repo")
    for words in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *words], cwd=root, check=True)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "run.sh").write_text("theirs")
    shutil.rmtree(root / "src" / "app")
    (root / "src" / "app").symlink_to(outside)
    assert "src/app/run.sh" not in copied(root)
    assert (outside / "run.sh").read_text() == "theirs"
