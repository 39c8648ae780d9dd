"""The labelled set stays understood: a change that loses ground here fails."""

from __future__ import annotations

import pytest

from tests.bench.brief_accuracy import SET, score


@pytest.mark.parametrize(("part", "least"), [("dev", 0.97), ("held", 0.90)])
def test_labelled_documents_are_understood(part: str, least: float) -> None:
    result = score(SET, part)
    assert result.documents >= 20
    assert result.f1 >= least, "\n".join(result.misses)
