"""What was written in a tree comes back exactly, whatever it is; the user's own tree is not touched."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import RepositoryError
from bot.model.change import Change, FileChange
from bot.model.codec import from_json, to_json
from bot.workspace.worktree import WorktreeWorkspaces


def head(path: Path) -> str:
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=path, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def written(path: Path, write: Callable[[Path], object]) -> Change:
    async def story() -> Change:
        workspaces = WorktreeWorkspaces(path)
        async with workspaces.tree(head(path)) as root:
            write(root)
            return await workspaces.change(root)

    return asyncio.run(story())


def look(path: Path, read: Callable[[Path], object], *, commit: str = "", change: Change | None = None) -> Any:
    async def story() -> object:
        async with WorktreeWorkspaces(path).tree(commit or head(path), change) as root:
            return read(root)

    return asyncio.run(story())


def contents(root: Path) -> dict[str, tuple[int, bytes]]:
    files = (path for path in sorted(root.rglob("*")) if path.is_symlink() or path.is_file())
    return {
        path.relative_to(root).as_posix(): (
            path.lstat().st_mode,
            str(path.readlink()).encode() if path.is_symlink() else path.read_bytes(),
        )
        for path in files
    }


def test_a_tree_is_the_commit_and_knows_the_name_of_its_repository(shop: Any) -> None:
    shop.write("IDEA.md", "not committed\n")
    seen = look(shop.path, contents)
    assert seen["IDEA.md"][1] == b"# Shop\n"
    assert seen["docs/größe 日本.md"][1] == "Größe\r\nzwei\r\n".encode()
    assert seen["logo.bin"][1] == bytes(range(256))
    assert seen["run.sh"][0] & 0o111
    assert seen["outside"][1] == b"/etc"
    assert look(shop.path, lambda root: root.name) == "shop"


def test_every_kind_of_file_survives_the_way_through_a_patch(shop: Any) -> None:
    def write(root: Path) -> None:
        (root / "IDEA.md").write_bytes(b"mixed\r\nlines\nno end")
        (root / "logo.bin").write_bytes(bytes(reversed(range(256))))
        (root / "latin.txt").write_bytes("Größe\n".encode("latin-1"))
        (root / "run.sh").chmod(0o644)
        (root / "docs/größe 日本.md").unlink()
        (root / "outside").unlink()
        (root / "outside").symlink_to("IDEA.md")
        (root / "src/a b\tc").mkdir(parents=True)
        (root / 'src/a b\tc/"quoted"\nname').write_text("\x00late nul", encoding="utf-8")
        (root / "src/start.sh").write_text("#!/bin/sh\n", encoding="utf-8")
        (root / "src/start.sh").chmod(0o755)
        (root / "src/empty").touch()

    seen: dict[str, Any] = {}
    change = written(shop.path, lambda root: (write(root), seen.update(contents(root))))
    assert look(shop.path, contents, change=from_json(Change, to_json(change))) == seen
    assert {file.path: file.status for file in change.files} == {
        "IDEA.md": "modified",
        "docs/größe 日本.md": "deleted",
        "latin.txt": "modified",
        "logo.bin": "modified",
        "outside": "modified",
        "run.sh": "modified",
        'src/a b\tc/"quoted"\nname': "added",
        "src/empty": "added",
        "src/start.sh": "added",
    }


def test_nothing_written_is_an_empty_change(shop: Any) -> None:
    change = written(shop.path, lambda _root: None)
    assert change.empty
    assert change.patch == ""


def test_lines_are_counted_and_the_patch_is_readable(shop: Any) -> None:
    change = written(shop.path, lambda root: (root / "IDEA.md").write_text("# Shop\nmore\n", encoding="utf-8"))
    assert change.files == (FileChange(path="IDEA.md", status="modified", lines_added=1),)
    assert "+more" in change.patch


def test_ignored_files_are_no_part_and_are_named(shop: Any) -> None:
    shop.write(".gitignore", ".env*\nnode_modules/\n")
    shop.commit()

    def write(root: Path) -> None:
        (root / "src/node_modules/x").mkdir(parents=True)
        (root / "src/node_modules/x/index.js").touch()
        (root / "src/.env.example").touch()
        (root / "src/compose.yml").touch()

    change = written(shop.path, write)
    assert [file.path for file in change.files] == ["src/compose.yml"]
    assert change.ignored == ("src/.env.example", "src/node_modules/")


def test_attributes_of_the_repository_hold_and_change_nothing_else(shop: Any) -> None:
    shop.write(".gitattributes", "*.bat text eol=crlf\n*.png filter=lfs diff=lfs merge=lfs -text\n*.md -diff\n")
    shop.write("a.bat", "one\r\ntwo\r\n")
    shop.write("a.png", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    shop.commit()
    seen = look(shop.path, contents)
    assert seen["a.bat"][1] == b"one\r\ntwo\r\n"
    assert seen["a.png"][1].startswith(b"version https://git-lfs"), "a pointer stays as it is"
    assert written(shop.path, lambda _root: None).empty

    def write(root: Path) -> None:
        (root / "a.bat").write_bytes(b"one\r\n2\r\n")
        (root / "IDEA.md").write_text("# Else\n", encoding="utf-8")

    change = written(shop.path, write)
    assert [(f.path, f.lines_added) for f in change.files] == [("IDEA.md", 0), ("a.bat", 1)]
    assert look(shop.path, contents, change=change)["a.bat"][1] == b"one\r\n2\r\n"


def test_submodules_stay_empty_and_cannot_be_written_into(shop: Any, new_repository: Callable[..., Any]) -> None:
    other = new_repository("other")
    other.write("x", "x")
    other.commit()
    shop.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other.path), "vendor")
    shop.commit()
    assert look(shop.path, lambda root: list((root / "vendor").iterdir())) == []
    assert written(shop.path, lambda _root: None).empty
    with pytest.raises(RepositoryError, match="`vendor` is a submodule"):
        written(shop.path, lambda root: (root / "vendor/compose.yml").touch())


def test_a_repository_made_inside_the_tree_is_refused_by_name(shop: Any) -> None:
    def initialise(root: Path) -> None:
        (root / "src/app").mkdir(parents=True)
        (root / "src/app/x").touch()
        subprocess.run(["git", "init", "--quiet", str(root / "src/app")], check=True)

    with pytest.raises(RepositoryError, match="src/app"):
        written(shop.path, initialise)


def test_a_repository_that_the_user_keeps_inside_theirs_is_no_matter(
    shop: Any, new_repository: Callable[..., Any]
) -> None:
    nested = new_repository("shop/nested")
    nested.write("x", "x")
    nested.commit()

    async def story() -> tuple[str, ...]:
        return (await WorktreeWorkspaces(shop.path).base("groundwork/x")).notes

    assert "`nested/`" in asyncio.run(story())[0]
    assert "nested/x" not in look(shop.path, contents)


def test_a_link_in_the_tree_is_not_written_through(shop: Any, tmp_path: Path) -> None:
    (tmp_path / "victim").mkdir()
    (shop.path / "src").symlink_to(tmp_path / "victim")
    shop.commit()
    patch = (
        "diff --git a/src/owned b/src/owned\nnew file mode 100644\nindex 0000000..587be6b\n"
        "--- /dev/null\n+++ b/src/owned\n@@ -0,0 +1 @@\n+x\n"
    )
    change = Change(
        base=shop.git("rev-parse", "HEAD"), patch=patch, files=(FileChange(path="src/owned", status="added"),)
    )
    with pytest.raises(RepositoryError):
        look(shop.path, contents, commit=change.base, change=change)
    assert list((tmp_path / "victim").iterdir()) == []


@pytest.mark.parametrize("path", ["../out", ".git/hooks/x", "/etc/x"])
def test_a_patch_that_leaves_the_tree_is_refused(shop: Any, path: str) -> None:
    patch = (
        f"diff --git a/{path} b/{path}\nnew file mode 100755\nindex 0000000..587be6b\n"
        f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+x\n"
    )
    head = shop.git("rev-parse", "HEAD")
    change = Change(base=head, patch=patch, files=(FileChange(path=path, status="added"),))
    with pytest.raises(RepositoryError, match="does not apply"):
        look(shop.path, contents, commit=head, change=change)


def test_a_borrowing_and_a_shallow_repository_are_read_like_any_other(shop: Any, new_repository: Any) -> None:
    shop.commit("Second")
    borrower = new_repository("borrower")
    borrower.git("fetch", "--quiet", str(shop.path), "main")
    shallow = new_repository("shallow")
    shallow.git("fetch", "--quiet", "--depth=1", f"file://{shop.path}", "main")
    shallow.git("reset", "--quiet", "--hard", "FETCH_HEAD")
    shallow_seen = look(shallow.path, contents)
    (borrower.path / ".git/objects/info/alternates").write_text("../../../shop/.git/objects\n", encoding="utf-8")
    for pack in (borrower.path / ".git/objects").glob("??"):
        for loose in pack.iterdir():
            loose.unlink()
    borrower.git("reset", "--quiet", "--hard", shop.git("rev-parse", "HEAD"))
    assert look(borrower.path, contents) == shallow_seen == look(shop.path, contents)


def test_two_trees_are_open_at_once(shop: Any) -> None:
    async def story() -> tuple[Change, Change]:
        workspaces = WorktreeWorkspaces(shop.path)

        async def one(name: str) -> Change:
            async with workspaces.tree(head(shop.path)) as root:
                (root / name).touch()
                return await workspaces.change(root)

        first, second = await asyncio.gather(one("a"), one("b"))
        return first, second

    first, second = asyncio.run(story())
    assert [f.path for f in (*first.files, *second.files)] == ["a", "b"]


def test_a_tree_of_somebody_else_is_refused(shop: Any, tmp_path: Path) -> None:
    def ask() -> Awaitable[Change]:
        return WorktreeWorkspaces(shop.path).change(tmp_path)

    with pytest.raises(RepositoryError, match="no open tree"):
        asyncio.run(ask())  # type: ignore[arg-type]


NAMES = st.sampled_from(["a", "b.txt", "src/c", "src/deep/d.sh", "grüße", " sp ace ", "-dash", "a\\b"])
CONTENTS = st.binary(max_size=60) | st.text(alphabet="ab\r\n\x0b\u2028é\x00", max_size=30).map(str.encode)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(NAMES, CONTENTS, max_size=4), st.sets(NAMES))
def test_any_bytes_survive_the_way_through_a_patch(shop: Any, files: dict[str, bytes], executable: set[str]) -> None:
    def write(root: Path) -> None:
        for name, content in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(content)
            (root / name).chmod(0o755 if name in executable else 0o644)

    seen: dict[str, Any] = {}
    change = written(shop.path, lambda root: (write(root), seen.update(contents(root))))
    assert look(shop.path, contents, change=from_json(Change, to_json(change))) == seen


def test_what_nobody_could_review_is_left_out_and_told(shop: Any) -> None:
    def write(root: Path) -> None:
        (root / "huge.sql").write_bytes(b"x" * (6 * 1024 * 1024))
        (root / "odd [*] name.bin").write_bytes(bytes(300 * 1024))
        (root / "logo.bin").write_bytes(bytes(range(256)) * 2000)
        (root / "icon.bin").write_bytes(bytes(100 * 1024))
        (root / "small.txt").write_text("small\n")

    change = written(shop.path, write)
    assert change.oversize == ("huge.sql", "logo.bin", "odd [*] name.bin")
    assert [file.path for file in change.files] == ["icon.bin", "small.txt"]


def test_a_flood_of_files_is_cut(shop: Any) -> None:
    def write(root: Path) -> None:
        for number in range(5_020):
            (root / f"f{number:05}").touch()

    change = written(shop.path, write)
    assert len(change.files) == 5_000
    assert len(change.oversize) == 20


def test_links_that_lead_out_are_left_out_and_told(shop: Any) -> None:
    def write(root: Path) -> None:
        (root / "within").mkdir()
        (root / "within/up").symlink_to("..")
        (root / "absolute").symlink_to(root / "within")
        (root / "climbing").symlink_to("../elsewhere")
        (root / "round").symlink_to("within/up/../elsewhere")

    change = written(shop.path, write)
    assert change.outward == ("absolute", "climbing", "round")
    assert [file.path for file in change.files] == ["within/up"]
