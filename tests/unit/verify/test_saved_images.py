"""What is taken for our own file of `docker save`: another could replace somebody's image."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.verify.saved_images import next_number, saved_names

BLOB = f"blobs/sha256/{'a' * 64}"
OURS = ["groundwork-cache/app:1", "groundwork-cache/app-build:12"]


def archive(path: Path, tags: object, *more: tarfile.TarInfo, doubled: bool = False) -> Path:
    """A file as `docker save` writes it, with `more` in it."""
    manifest = json.dumps([{"RepoTags": [tag]} for tag in tags] if isinstance(tags, list) else tags).encode()
    with tarfile.open(path, "w") as file:
        for name, data in ((BLOB, b"layer"), *([("manifest.json", manifest)] * (2 if doubled else 1))):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            file.addfile(member, io.BytesIO(data))
        for member in more:
            file.addfile(member)
    return path


def link(name: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, "/etc/passwd"
    return member


def test_our_own_are_named(tmp_path: Path) -> None:
    assert saved_names(archive(tmp_path / "x.tar", OURS)) == tuple(OURS)
    assert next_number(tuple(OURS)) == 13
    assert next_number(()) == 1
    assert saved_names(tmp_path / "none") == ()


@pytest.mark.parametrize(
    "tags",
    [
        ["postgres:16-alpine"],
        [*OURS, "node:22-alpine"],
        ["groundwork-cache/app"],
        ["groundwork-cache/app:latest"],
        ["registry.example/groundwork-cache/app:1"],
        ["groundwork-cache/../node:1"],
        [7],
        {"RepoTags": OURS},
        "words",
        None,
    ],
    ids=str,
)
def test_other_names_are_none(tmp_path: Path, tags: object) -> None:
    assert saved_names(archive(tmp_path / "x.tar", tags)) == ()


@pytest.mark.parametrize(
    "member",
    [tarfile.TarInfo("./manifest.json"), tarfile.TarInfo("../x"), link("index.json"), link(BLOB[:-1] + "b"), link("x")],
    ids=lambda it: f"{it.name} {it.type!r}",
)
def test_what_an_engine_could_read_in_another_way_is_none(tmp_path: Path, member: tarfile.TarInfo) -> None:
    assert saved_names(archive(tmp_path / "x.tar", OURS, member)) == ()


def test_a_second_list_is_none(tmp_path: Path) -> None:
    assert saved_names(archive(tmp_path / "x.tar", OURS, doubled=True)) == ()


@given(noise=st.binary(max_size=2000), at=st.integers(0, 4000))
def test_a_broken_file_is_none_or_ours(tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int) -> None:
    file = archive(tmp_path_factory.mktemp("saved") / "x.tar", OURS)
    data = file.read_bytes()
    file.write_bytes(data[:at] + noise + data[at + len(noise) :])
    assert all(name.startswith("groundwork-cache/") for name in saved_names(file))
