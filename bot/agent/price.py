"""What a call costs: a price table as data, and the arithmetic."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from bot.agent.limit import Spent
from bot.errors import GroundworkError

_TABLE: Final = Path(__file__).with_name("prices.toml")
_MILLION: Final = 1_000_000
# Code and English measure about 3.5 characters a token: 3 reserves a little too much, never too little.
_CHARACTERS_A_TOKEN: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """US dollars for a million tokens of each kind."""

    input: float
    cache_write: float
    cache_read: float
    output: float

    def of(self, *, fresh: int, written: int, read: int, output: int) -> float:
        """Return the dollars for token counts as the provider reports them."""
        paid = fresh * self.input + written * self.cache_write + read * self.cache_read + output * self.output
        return paid / _MILLION

    def spent(self, *, fresh: int, written: int, read: int, output: int, seconds: float) -> Spent:
        """Return one answered call as what it spent."""
        dollars = self.of(fresh=fresh, written=written, read=read, output=output)
        return Spent(turns=1, fresh=fresh, written=written, read=read, output=output, dollars=dollars, seconds=seconds)

    def at_most(self, *, characters: int, max_output: int) -> float:
        """Return an upper bound for a call that has not been made: nothing cached, every output token used."""
        return (characters / _CHARACTERS_A_TOKEN * self.cache_write + max_output * self.output) / _MILLION


@cache
def _table() -> dict[str, Price]:
    models = tomllib.loads(_TABLE.read_text())["models"]
    return {name: Price(**row) for name, row in models.items()}


def price_of(model: str, given: Price | None = None) -> Price:
    """Return the price of `model`: the one given in the settings, or the table's.

    Provider prefixes and suffixes (`us.anthropic.claude-...-v1:0`, `claude-...@20250929`) are understood.

    Raises:
        GroundworkError: the table does not know the model and the settings give no price.
    """
    if given:
        return given
    plain = model.replace("@", "-")
    for name, price in _table().items():
        if name in plain:
            return price
    raise GroundworkError(
        f"No price is known for the model {model}, so no budget could hold.",
        hint="set GROUNDWORK_MODEL_PRICE to its dollars for a million tokens: input,cache_write,cache_read,output",
    )
