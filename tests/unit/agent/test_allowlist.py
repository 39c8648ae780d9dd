"""What a sandbox may ask for, and what it may not."""

from __future__ import annotations

import pytest

from bot.agent.address import is_in_house, is_public
from bot.agent.allowlist import Allowlist, allowlist, registries
from bot.errors import UsageError


def test_the_registries_of_the_data_file_are_let_through_on_the_usual_ports() -> None:
    listed = allowlist()
    assert len(registries()) > 15
    for host in registries():
        assert listed.refuses(host, 443) == listed.refuses(host, 80) == ""


@pytest.mark.parametrize(
    ("host", "port", "why"),
    [
        ("example.com", 443, "not on the list"),
        ("evil.packages.example", 443, "not on the list"),
        ("packages.example.evil.test", 443, "not on the list"),
        ("packages.example", 22, "port 22"),
        ("1.1.1.1", 443, "addresses"),
        ("2130706433", 80, "addresses"),
        ("0x7f.1", 80, "addresses"),
        ("127.1", 80, "addresses"),
        ("localhost", 80, "not on the list"),
    ],
)
def test_everything_else_is_refused_with_the_reason(host: str, port: int, why: str) -> None:
    assert why in allowlist(["packages.example"]).refuses(host, port)


def test_an_operator_lists_hosts_with_or_without_a_port() -> None:
    listed = allowlist(["Packages.Example.", "npm.example:8443"], mirrors=[("mirror.example", 8080)])
    assert listed.refuses("packages.example", 443) == ""
    assert listed.refuses("npm.example", 8443) == ""
    assert listed.refuses("mirror.example", 8080) == ""
    assert listed.refuses("npm.example", 443)
    assert listed.refuses("mirror.example", 443)


@pytest.mark.parametrize(
    "text", ["*", "*.example.com", "https://example.com", "10.0.0.1", "::1", "a:0", "a:x", "", "a_b"]
)
def test_what_is_no_host_name_is_refused_when_it_is_listed(text: str) -> None:
    with pytest.raises(UsageError, match="no host"):
        allowlist([text])


def test_nothing_is_allowed_by_an_empty_list() -> None:
    assert Allowlist(frozenset()).refuses("packages.example", 443)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.8.8.8",
        "168.63.129.16",
        "169.254.169.254",
        "169.254.170.2",
        "172.16.0.1",
        "172.17.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.168.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:a00:1::",
        "2001:db8::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "nonsense",
    ],
)
def test_an_address_inside_is_not_public_in_whatever_form(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "151.101.0.223", "2606:4700::6810:84e5", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_an_address_of_the_open_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address", ["10.1.2.3", "172.16.0.9", "192.168.0.7", "100.64.0.1", "fd12::1", "203.0.113.80", "1.1.1.1"]
)
def test_a_host_that_the_operator_listed_may_be_in_his_own_network(address: str) -> None:
    assert is_in_house(address)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.1.2.3",
        "127.0.0.1",
        "169.254.169.254",
        "168.63.129.16",
        "192.0.0.192",
        "100.100.100.200",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "fe80::1",
        "fd00:ec2::254",
        "nonsense",
    ],
)
def test_but_never_this_machine_itself_nor_a_metadata_service(address: str) -> None:
    assert not is_in_house(address)
