"""Limits, prices and the ledger: the budget holds."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.agent.ledger import MemoryLedger
from bot.agent.limit import Limits, Spent
from bot.agent.price import Price, price_of
from bot.errors import GroundworkError

SONNET = "claude-sonnet-4-5-20250929"
tokens = st.integers(min_value=0, max_value=200_000)


def test_the_default_model_has_a_price_under_each_providers_name() -> None:
    assert price_of(SONNET).output == 15.0
    assert price_of(f"us.anthropic.{SONNET}-v1:0") == price_of("claude-sonnet-4-5@20250929") == price_of(SONNET)


def test_a_model_without_a_price_is_refused_with_the_setting_to_make() -> None:
    with pytest.raises(GroundworkError, match="cosmos-1") as caught:
        price_of("cosmos-1")
    assert "GROUNDWORK_MODEL_PRICE" in caught.value.hint
    mine = Price(input=1, cache_write=1, cache_read=1, output=1)
    assert price_of("cosmos-1", mine) is mine


def test_a_cached_call_is_billed_by_kind() -> None:
    spent = price_of(SONNET).spent(fresh=1000, written=2000, read=100_000, output=500, seconds=2.0)
    assert spent.dollars == pytest.approx(0.003 + 0.0075 + 0.03 + 0.0075)
    assert spent.tokens == 103_500


@given(characters=st.integers(0, 2_000_000), output=st.integers(1, 64_000))
def test_a_reservation_is_never_below_the_dearest_bill(characters: int, output: int) -> None:
    price = price_of(SONNET)
    dearest = price.of(fresh=0, written=characters // 3, read=0, output=output)
    assert price.at_most(characters=characters, max_output=output) >= dearest - 1e-9


@pytest.mark.parametrize(
    ("spent", "word"),
    [
        (Spent(turns=3), "3 turns"),
        (Spent(output=100), "100 tokens"),
        (Spent(dollars=1.0), "$1.00"),
        (Spent(seconds=60.0), "1 minutes"),
        (Spent(turns=2, output=99, dollars=0.99, seconds=59.0), ""),
    ],
)
def test_the_limit_that_is_reached_is_named(spent: Spent, word: str) -> None:
    over = spent.over(Limits(turns=3, tokens=100, dollars=1.0, seconds=60.0))
    assert (word in over) if word else over == ""


def test_the_cap_holds_under_parallel_calls() -> None:
    ledger = MemoryLedger(cap=1.0)
    granted: list[str] = []

    def call(name: str) -> None:
        reservation = ledger.reserve(name, 0.3)
        if reservation:
            granted.append(name)

    threads = [threading.Thread(target=call, args=(str(n),)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(granted) == 3


@given(st.lists(st.tuples(st.integers(0, 5), st.floats(0, 0.5), st.floats(0, 0.5)), max_size=30))
def test_reserved_and_spent_never_pass_the_cap_when_calls_cost_no_more_than_reserved(
    calls: list[tuple[int, float, float]],
) -> None:
    ledger = MemoryLedger(cap=1.0)
    for key, dollars, cost in calls:
        reservation = ledger.reserve(str(key), dollars)
        if reservation:
            ledger.settle(reservation, min(cost, reservation.dollars))
        assert ledger.spent + ledger.reserved <= 1.0 + 1e-9


def test_a_call_is_booked_once_however_often_it_is_settled() -> None:
    ledger = MemoryLedger(cap=1.0)
    reservation = ledger.reserve("turn-1", 0.5)
    assert reservation
    ledger.settle(reservation, 0.2)
    ledger.settle(reservation, 0.2)
    again = ledger.reserve("turn-1", 0.5)
    assert again
    ledger.settle(again, 0.2)
    assert ledger.spent == pytest.approx(0.2)
