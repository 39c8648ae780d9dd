"""A commit in parts holds all that a forge needs to make the same tree anew."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from bot.errors import RepositoryError
from bot.model.outgoing import Entry
from bot.workspace.taken_apart import taken_apart


def test_every_kind_of_path_is_told_with_what_is_new(shop: Any) -> None:
    shop.write("gone.md", "gone\n")
    shop.write("known.md", "known\n")
    parent = shop.commit()
    (shop.path / "gone.md").unlink()
    shop.write("run.sh", "#!/bin/sh -e\n").chmod(0o755)
    shop.write("picture.png", b"\x89PNG\0")
    shop.write("copy.md", "known\n")
    shop.write("ü b.md", "words\n")
    (shop.path / "link").symlink_to("run.sh")
    head = shop.commit("Grüße\n\nMore")
    outgoing = asyncio.run(taken_apart(shop.path, head))
    assert outgoing.parents == (parent,)
    assert outgoing.message == "Grüße\n\nMore\n"
    assert [outgoing.before, outgoing.tree] == shop.git("rev-parse", f"{parent}^{{tree}}", f"{head}^{{tree}}").split()
    entries = {entry.path: entry for entry in outgoing.entries}
    assert entries["gone.md"] == Entry(path="gone.md", mode="100644", object_id="")
    assert entries["copy.md"].content is None, "its content is known there"
    told = {name: (entry.mode, entry.content) for name, entry in entries.items() if entry.content is not None}
    assert told == {
        "run.sh": ("100755", b"#!/bin/sh -e\n"),
        "picture.png": ("100644", b"\x89PNG\0"),
        "ü b.md": ("100644", b"words\n"),
        "link": ("120000", b"run.sh"),
    }


def test_a_merge_tells_what_it_has_beyond_its_first_parent_and_sends_nothing_that_either_has(shop: Any) -> None:
    shop.git("switch", "--quiet", "--create", "ours")
    shop.write("ours.md", "ours\n")
    ours = shop.commit()
    shop.git("switch", "--quiet", "main")
    shop.write("theirs.md", "theirs\n")
    theirs = shop.commit()
    shop.git("switch", "--quiet", "ours")
    shop.git("merge", "--quiet", "--no-edit", "main")
    outgoing = asyncio.run(taken_apart(shop.path, shop.git("rev-parse", "HEAD")))
    assert outgoing.parents == (ours, theirs)
    assert [(entry.path, entry.content) for entry in outgoing.entries] == [("theirs.md", None)]


def test_a_path_that_no_json_holds_is_named(shop: Any) -> None:
    Path(os.fsdecode(os.fsencode(shop.path) + b"/\xff.md")).write_text("x\n")
    with pytest.raises(RepositoryError, match="is no UTF-8") as refused:
        asyncio.run(taken_apart(shop.path, shop.commit()))
    assert "commits: pushed" in refused.value.hint
