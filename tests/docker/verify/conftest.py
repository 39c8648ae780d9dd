"""Runs the selected stacks two at a time, so that the suite does not wait for one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.check.escape import escape_findings
from bot.model.health import HealthReport
from bot.verify.run import verify_tree
from tests.docker.verify.stacks import CASES

_AT_ONCE = 2


@pytest.fixture(scope="session")
def reports(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], HealthReport]]:
    """Return a case's report by name; all selected cases are under way."""
    names = [
        item.callspec.params["case"]
        for item in request.session.items
        if isinstance(item, pytest.Function) and "reports" in item.fixturenames and "case" in item.fixturenames
    ]
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        running: Mapping[str, Future[HealthReport]] = {
            name: pool.submit(_verify, name, tmp_path_factory.mktemp(name)) for name in dict.fromkeys(names)
        }
        yield lambda name: running[name].result()
        for future in running.values():
            future.cancel()


def _verify(name: str, folder: Path) -> HealthReport:
    case = CASES[name]
    return verify_tree(case.write(folder / "tree"), gate=escape_findings, window=case.window, timeout=case.timeout)
