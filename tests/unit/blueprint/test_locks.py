"""Lock files: cut and joined, never resolved."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.blueprint.library import shipped
from bot.blueprint.locks import npm_lock, pip_lock
from bot.errors import InvalidValueError

LOCK = {
    "name": "all",
    "version": "0",
    "lockfileVersion": 3,
    "requires": True,
    "packages": {
        "": {"name": "all", "version": "0", "dependencies": {"a": "1", "b": "1"}},
        "node_modules/a": {"version": "1.0.0", "dependencies": {"shared": "^2"}},
        "node_modules/a/node_modules/shared": {"version": "2.0.0"},
        "node_modules/b": {"version": "1.0.0", "dependencies": {"shared": "^1"}, "optionalDependencies": {"gone": "1"}},
        "node_modules/shared": {"version": "1.0.0"},
    },
}


def manifest(**dependencies: str) -> bytes:
    return json.dumps({"name": "app", "version": "1.2.3", "dependencies": dependencies}).encode()


def cut(**dependencies: str) -> dict[str, object]:
    return json.loads(npm_lock(json.dumps(LOCK).encode(), manifest(**dependencies)))


def test_a_package_keeps_the_version_that_node_would_find_for_it() -> None:
    assert list(cut(a="1")["packages"]) == ["", "node_modules/a", "node_modules/a/node_modules/shared"]
    assert list(cut(b="1")["packages"]) == ["", "node_modules/b", "node_modules/shared"]


def test_the_root_says_what_the_manifest_says() -> None:
    lock = cut(a="1")
    assert (lock["name"], lock["version"]) == ("app", "1.2.3")
    assert lock["packages"][""]["dependencies"] == {"a": "1"}


def test_a_dependency_that_was_never_resolved_is_an_error() -> None:
    with pytest.raises(InvalidValueError, match="left-pad"):
        cut(**{"left-pad": "1"})


EXPRESS = shipped().skills["express"].files["lock/package-lock.json"]
ROOTS = json.loads(EXPRESS)["packages"][""]["dependencies"]


@given(st.sets(st.sampled_from(sorted(ROOTS))))
def test_whatever_is_chosen_is_complete(names: set[str]) -> None:
    lock = json.loads(npm_lock(EXPRESS, manifest(**{name: ROOTS[name] for name in names})))
    packages = lock["packages"]
    for place, entry in packages.items():
        for needed in entry.get("dependencies", {}):
            folders = [place] + [
                place.rsplit("/node_modules/", n)[0] for n in range(1, place.count("/node_modules/") + 1)
            ]
            assert any(f"{folder}/node_modules/{needed}".lstrip("/") in packages for folder in [*folders, ""]), (
                place,
                needed,
            )


def test_no_lock_file_names_a_registry() -> None:
    for skill in shipped().skills.values():
        for path, content in skill.files.items():
            if path.startswith("lock/"):
                assert b"resolved" not in content, (skill.name, path)
                assert b"--index-url" not in content, (skill.name, path)
                if path.endswith(".json"):
                    hosts = {entry.get("resolved") for entry in json.loads(content)["packages"].values()}
                    assert hosts == {None}, (skill.name, path)


def test_lock_files_hold_the_packages_of_every_system_not_only_of_the_one_they_were_made_on() -> None:
    # Newer versions of npm refuse a lock file without them ("Missing: ... from lock file"), on each developer's machine.
    for skill in shipped().skills.values():
        for path, content in skill.files.items():
            if path.startswith("lock/") and path.endswith(".json"):
                packages = json.loads(content)["packages"]
                named = {name for entry in packages.values() for name in entry.get("optionalDependencies", {})}
                held = {place.rpartition("node_modules/")[2] for place in packages}
                assert sorted(named - held) == [], skill.name


def test_every_locked_package_is_checked_by_hash() -> None:
    for skill in shipped().skills.values():
        for path, content in skill.files.items():
            if path.startswith("lock/") and path.endswith(".json"):
                entries = json.loads(content)["packages"]
                # What is bundled in another package comes with that one's hash.
                own = {place: entry for place, entry in entries.items() if place and not entry.get("inBundle")}
                assert [place for place, entry in own.items() if "integrity" not in entry] == []
            if path.startswith("lock/") and path.endswith(".txt"):
                pinned = [line for line in content.decode().splitlines() if "==" in line]
                assert pinned, (skill.name, path)
                assert [line for line in pinned if not line.endswith("\\")] == [], (skill.name, path)


def test_requirements_are_joined_sorted_and_once() -> None:
    joined = pip_lock(
        ["b==1 \\\n    --hash=sha256:1\n", "a==2 \\\n    --hash=sha256:2\nb==1 \\\n    --hash=sha256:1\n"]
    )
    assert joined.decode() == "a==2 \\\n    --hash=sha256:2\nb==1 \\\n    --hash=sha256:1\n"


def test_two_versions_of_one_package_are_an_error() -> None:
    with pytest.raises(InvalidValueError, match="`a`"):
        pip_lock(["a==1\n", "a==2\n"])


def test_a_package_that_is_needed_under_two_conditions_is_needed_always() -> None:
    first = "a==1 ; python_version < '3.13' \\\n    --hash=sha256:1\n"
    assert pip_lock([first, "a==1 \\\n    --hash=sha256:1\n"]).decode() == "a==1 \\\n    --hash=sha256:1\n"
    other = "a==1 ; sys_platform == 'win32' \\\n    --hash=sha256:1\n"
    assert pip_lock([first, other]).decode() == "a==1 \\\n    --hash=sha256:1\n"
    assert pip_lock([first, first]).decode() == first
