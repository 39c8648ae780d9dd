"""Where this machine's own clients get packages is where a sandbox may get them too."""

from __future__ import annotations

from pathlib import Path

from bot.agent.mirrors import Mirrors, mirrors

HOME = Path("home/me")


def write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_pip_npm_and_apt_are_asked_and_clients_in_the_sandbox_are_told(tmp_path: Path) -> None:
    write(tmp_path, "home/me/.config/pip/pip.conf", "[global]\nindex-url = https://pip.example/simple\n")
    write(tmp_path, "home/me/.npmrc", "fund=false\nregistry=https://npm.example:8443/\n")
    write(tmp_path, "etc/apt/sources.list", "# deb http://old.example x y\ndeb [arch=amd64] http://apt.example/d x y\n")
    write(tmp_path, "etc/apt/sources.list.d/more.sources", "Types: deb\nURIs: http://a.example/d https://b.example/d\n")
    found = mirrors({}, home=HOME, root=tmp_path)
    assert set(found.targets) == {
        ("pip.example", 443),
        ("npm.example", 8443),
        ("apt.example", 80),
        ("a.example", 80),
        ("b.example", 443),
    }
    assert dict(found.environment) == {
        "PIP_INDEX_URL": "https://pip.example/simple",
        "NPM_CONFIG_REGISTRY": "https://npm.example:8443/",
    }


def test_the_environment_comes_before_the_files(tmp_path: Path) -> None:
    write(tmp_path, "home/me/.config/pip/pip.conf", "[global]\nindex-url = https://pip.example/simple\n")
    found = mirrors({"PIP_INDEX_URL": "https://other.example/simple"}, home=HOME, root=tmp_path)
    assert found.targets == (("other.example", 443),)


def test_a_mirror_with_a_password_is_neither_used_nor_told(tmp_path: Path) -> None:
    write(tmp_path, "home/me/.npmrc", "registry=https://me:hunter2@npm.example/\n")
    found = mirrors({"PIP_INDEX_URL": "https://token@pip.example/simple"}, home=HOME, root=tmp_path)
    assert found == Mirrors(targets=(), environment=())


def test_nothing_set_up_and_nonsense_are_no_mirrors(tmp_path: Path) -> None:
    assert mirrors({}, home=HOME, root=tmp_path) == Mirrors(targets=(), environment=())
    write(tmp_path, "etc/pip.conf", "index-url without a section")
    write(tmp_path, "home/me/.npmrc", "registry=file:///here\n")
    assert mirrors({"PIP_INDEX_URL": "http://[broken"}, home=HOME, root=tmp_path).targets == ()
