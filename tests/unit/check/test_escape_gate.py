"""The gate before an untrusted stack runs: on the mapping that `docker compose config --format json` gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.check.escape import escape_findings
from tests.data.check.trees import lay


def _rules(root: Path, service: dict[str, Any], **rest: Any) -> set[str]:
    lay(root, {"src/docker-compose.yml": "services: {a: {image: x:1}}\n", "src/data/": ""})
    config = {"name": "p", "services": {"a": {"image": "x:1", "command": None, **service}}, **rest}
    return {finding.rule for finding in escape_findings(config, root)}


def _bind(source: object) -> dict[str, Any]:
    return {"volumes": [{"type": "bind", "source": str(source), "target": "/x", "bind": {"create_host_path": True}}]}


def test_a_stack_that_stays_in_its_box_passes(tmp_path: Path) -> None:
    service = {
        **_bind(tmp_path / "src/data"),
        "build": {
            "context": str(tmp_path / "src"),
            "dockerfile": "Dockerfile",
            "additional_contexts": {"o": "docker-image://x"},
        },
        "cap_add": ["NET_BIND_SERVICE"],
        "cap_drop": ["ALL"],
        "network_mode": "service:b",
        "security_opt": ["no-new-privileges:true"],
        "networks": {"default": None},
        "secrets": [{"source": "s", "target": "/run/secrets/s"}],
    }
    rest = {
        "networks": {"default": {"name": "p_default", "ipam": {}}},
        "volumes": {"v": {"name": "p_v"}},
        "secrets": {"s": {"name": "p_s", "file": str(tmp_path / "src/data/s")}},
    }
    assert _rules(tmp_path, service, **rest) == set()


@pytest.mark.parametrize(
    ("service", "rule"),
    [
        ({"privileged": True}, "escape-privileged"),
        ({"provider": {"type": "sh"}}, "escape-privileged"),
        ({"build": {"context": ".", "privileged": True}}, "escape-privileged"),
        (_bind("/var/run/docker.sock"), "escape-docker-socket"),
        (_bind("/run"), "escape-docker-socket"),
        (_bind("/"), "escape-docker-socket"),
        (_bind("/run/../var/run/"), "escape-docker-socket"),
        ({"network_mode": "host"}, "escape-host-namespace"),
        ({"pid": "container:abc"}, "escape-host-namespace"),
        ({"build": {"context": ".", "network": "host"}}, "escape-host-namespace"),
        ({"build": {"context": ".", "entitlements": ["network.host"]}}, "escape-host-namespace"),
        ({"cgroup_parent": "/"}, "escape-host-namespace"),
        ({"cap_add": ["SYS_ADMIN"]}, "escape-capability"),
        ({"devices": [{"source": "/dev/sda", "target": "/dev/sda", "permissions": "rwm"}]}, "escape-device"),
        (_bind("/dev/sda"), "escape-device"),
        (_bind("/etc"), "escape-bind-outside-tree"),
        (_bind("/proc"), "escape-bind-outside-tree"),
        ({"volumes_from": ["container:other"]}, "escape-bind-outside-tree"),
        ({"credential_spec": {"file": "/etc/x"}}, "escape-bind-outside-tree"),
        ({"build": {"context": ".", "cache_to": ["type=local,dest=/etc/cron.d"]}}, "escape-bind-outside-tree"),
        ({"security_opt": ["seccomp:unconfined"]}, "escape-unconfined"),
        ({"security_opt": ["apparmor=unconfined"]}, "escape-unconfined"),
        ({"security_opt": ["label=type:spc_t"]}, "escape-unconfined"),
        ({"build": {"context": "https://example.org/x.git"}}, "escape-remote-source"),
        ({"build": {"context": "/"}}, "escape-remote-source"),
        ({"build": {"context": ".", "dockerfile": "/etc/Dockerfile"}}, "escape-remote-source"),
        ({"env_file": [{"path": "/etc/environment", "required": True}]}, "escape-remote-source"),
        ({"extends": {"file": "https://example.org/x.yml", "service": "a"}}, "escape-remote-source"),
    ],
)
def test_every_way_out_is_refused(tmp_path: Path, service: dict[str, Any], rule: str) -> None:
    assert _rules(tmp_path, service) == {rule}


@pytest.mark.parametrize(
    ("rest", "rule"),
    [
        (
            {"volumes": {"v": {"driver_opts": {"type": "none", "o": "bind", "device": "/etc"}}}},
            "escape-bind-outside-tree",
        ),
        (
            {"volumes": {"v": {"driver_opts": {"type": "none", "o": "bind", "device": "/var/run"}}}},
            "escape-docker-socket",
        ),
        ({"volumes": {"v": {"driver_opts": {"type": "ext4", "device": "/dev/sda1"}}}}, "escape-device"),
        (
            {"volumes": {"v": {"driver_opts": {"type": "nfs", "o": "addr=10.0.0.1", "device": ":/x"}}}},
            "escape-bind-outside-tree",
        ),
        ({"volumes": {"v": {"external": True, "name": "other"}}}, "escape-bind-outside-tree"),
        ({"volumes": {"v": {"driver": "vieux/sshfs"}}}, "escape-bind-outside-tree"),
        ({"secrets": {"s": {"file": "/etc/shadow"}}}, "escape-bind-outside-tree"),
        ({"configs": {"s": {"file": "/etc/passwd"}}}, "escape-bind-outside-tree"),
        ({"networks": {"n": {"driver": "macvlan"}}}, "escape-host-namespace"),
        ({"networks": {"n": {"external": True, "name": "host"}}}, "escape-host-namespace"),
        ({"include": ["https://example.org/x.git"]}, "escape-remote-source"),
        ({"include": [{"path": ["../../x.yml"]}]}, "escape-remote-source"),
    ],
)
def test_every_way_out_beside_the_services_is_refused(tmp_path: Path, rest: dict[str, Any], rule: str) -> None:
    assert _rules(tmp_path, {}, **rest) == {rule}


def test_symlinks_are_followed(tmp_path: Path) -> None:
    lay(tmp_path, {"src/data/": ""})
    (tmp_path / "src/innocent").symlink_to("/etc")
    (tmp_path / "src/socket").symlink_to("/var/run/docker.sock")
    assert _rules(tmp_path, _bind(tmp_path / "src/innocent/x")) == {"escape-bind-outside-tree"}
    assert _rules(tmp_path, _bind(tmp_path / "src/socket")) == {"escape-docker-socket"}


def test_what_resolving_swallows_is_read_from_the_files(tmp_path: Path) -> None:
    text = "include: ['oci://example.org/x']\nservices:\n  a:\n    image: x\n    env_file: ../../.env\n"
    lay(tmp_path, {"src/docker-compose.yml": text})
    found = escape_findings({"services": {"a": {"image": "x"}}}, tmp_path)
    assert [(f.rule, f.path, f.line) for f in found] == [
        ("escape-remote-source", "src/docker-compose.yml", 1),
        ("escape-remote-source", "src/docker-compose.yml", 5),
    ]


def test_no_comment_and_no_configuration_opens_it(tmp_path: Path) -> None:
    text = "services:\n  a:\n    image: x\n    privileged: true  # groundwork: ignore[escape-privileged] please\n"
    lay(tmp_path, {"src/docker-compose.yml": text, ".github/groundwork.yml": "check: {ignore: [escape-privileged]}\n"})
    (finding,) = escape_findings({"services": {"a": {"image": "x", "privileged": True}}}, tmp_path)
    assert (finding.rule, finding.path, finding.line) == ("escape-privileged", "src/docker-compose.yml", 4)


def test_messages_name_no_folder_of_this_machine(tmp_path: Path) -> None:
    lay(tmp_path, {"src/docker-compose.yml": "services: {a: {image: x, env_file: ../../x.env}}\n"})
    for finding in escape_findings({}, tmp_path):
        assert str(tmp_path) not in finding.message
