"""Lines that containers wrote are masked, bounded and harmless."""

from __future__ import annotations

from bot.report import logs


def test_a_secret_in_a_log_is_masked() -> None:
    assert logs.last(["connecting to postgres://shop:hunter2hunter2@db/shop"], 5) == [
        "connecting to postgres://shop:***@db/shop"
    ]
    assert "AKIAIOSFODNN7EXAMPLE" not in logs.output("key AKIAIOSFODNN7EXAMPLE", limit=200)


def test_a_key_over_several_lines_is_masked_as_a_whole() -> None:
    key = ["-----BEGIN RSA PRIVATE KEY-----", "MIIEabcdef", "-----END RSA PRIVATE KEY-----", "after"]
    assert "MIIE" not in "\n".join(logs.last(key, 10))


def test_only_the_last_lines_are_kept_and_long_ones_are_cut() -> None:
    kept = logs.last([f"line {number} {'x' * 5000}" for number in range(100)], 3, length=20)
    assert [line[:8] for line in kept] == ["line 97 ", "line 98 ", "line 99 "]
    assert all(len(line) <= 20 for line in kept)


def test_no_log_is_no_lines() -> None:
    assert logs.last([], 5) == []
