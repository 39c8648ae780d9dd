"""GitHub, and the App on it: signed bytes go in at the real application, what people read comes out."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.fakes.verifier import FakeVerifier
from tests.story.emulator.github import GitHub, Repository, missing, running
from tests.story.postgres import database, postgres
from tests.story.server import Server, serving

__all__ = ["database", "postgres"]  # fixtures


@pytest.fixture(scope="session")
def key() -> str:
    """The App's private key, made for this run."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return made.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


@pytest.fixture(scope="session")
def emulated(tmp_path_factory: pytest.TempPathFactory, key: str) -> Iterator[GitHub]:
    """GitHub for all stories of this process; each works in a repository of its own."""
    if reason := missing():
        if os.environ.get("GROUNDWORK_REQUIRE_DOCKER") == "1":
            pytest.fail(f"GROUNDWORK_REQUIRE_DOCKER=1, but {reason}", pytrace=False)
        pytest.skip(reason)
    with running(tmp_path_factory.mktemp("github"), key) as github:
        yield github


@pytest.fixture
def github(emulated: GitHub) -> Iterator[GitHub]:
    """GitHub; at the end, all that the App asked must have been legal by GitHub's own description."""
    front = emulated.front
    front.faults.clear()
    front.calls.clear()
    front.wrong.clear()
    front.reactions.clear()
    front.resolved.clear()
    front.actions.reset()
    front.withheld.clear()
    yield emulated
    front.faults.clear()
    assert front.wrong == [], "GitHub does not read such requests"


@pytest.fixture
def verifier() -> FakeVerifier:
    """What the App verifies with: it says what the story wants."""
    return FakeVerifier()


@pytest.fixture
def server(github: GitHub, key: str, tmp_path: Path, verifier: FakeVerifier) -> Iterator[Server]:
    """The App, listening."""
    with serving(github, key, tmp_path / "data", verifier=verifier) as server:
        yield server


@pytest.fixture
def shop(github: GitHub, request: pytest.FixtureRequest) -> Repository:
    """A repository of the story's own, with documents that say what has to run."""
    return github.repository(re.sub(r"\W+|_+", "-", request.node.name)[:80].strip("-"), SHOP)


SHOP = {
    "README.md": "# Shop\n\nA web shop: Express backend, PostgreSQL database, Redis cache.\n",
    "docs/ARCHITECTURE.md": "# Shop\n\n- Backend: Express\n- Database: PostgreSQL 16\n- Cache: Redis\n",
}
ASKS = "Run the shop with Docker Compose.\n\n- the API answers on port 8000\n"


def plain(github: GitHub, text: str) -> str:
    """`text` without what differs from run to run: ports, commits, times."""
    text = text.replace(github.url, "https://github.test")
    text = re.sub(r"https://github.test/acme/[\w.-]+", "https://github.test/acme/shop", text)
    text = re.sub(r"(groundwork:answer [\w-]+)/\d+/\d+/([a-z-]+?)-?\d* -->", r"\1/<repository>/<issue>/\2 -->", text)
    text = re.sub(r"(groundwork:answer (?:thread|review|comment)-)\d+", r"\1<id>", text)
    text = re.sub(r"\b[0-9a-f]{40}\b", "<commit>", text)
    return re.sub(r"(?<![\w/.])[0-9a-f]{7}(?![\w/.])", "<abbr>", text)
