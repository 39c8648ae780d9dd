"""Events as they come from GitHub, made of as little as a test says."""

from __future__ import annotations

import pytest

from bot.job.kinds import Context


@pytest.fixture
def context() -> Context:
    return Context(app_id=42, bot="groundwork[bot]")
