"""The same model at Amazon and at Google, by their own clients: signed in, streamed, and told in words where they fail."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.agent.connect import Access, Provider, model
from bot.agent.loop import ModelError
from bot.agent.message import Reply, Request
from bot.agent.price import price_of
from tests.fakes.messages_server import TOKENS, Answer, Trouble, messages_server

NAMES: dict[Provider, str] = {
    "bedrock": "anthropic.claude-sonnet-4-5-20250929-v1:0",
    "vertex": "claude-sonnet-4-5@20250929",
}


def ask(provider: Provider, url: str, region: str = "eu-central-1") -> Reply:
    async def nap(seconds: float) -> None:
        del seconds

    async def story() -> Reply:
        client = model(Access(provider=provider, url=url, region=region), price_of(NAMES[provider]))
        client._sleep = nap
        try:
            messages = ({"role": "user", "content": "m"},)
            return await client.reply(Request(model=NAMES[provider], system="s", tools=(), messages=messages))
        finally:
            await client.close()

    return asyncio.run(story())


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine on which nothing is signed in, and that asks no metadata service."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "GOOGLE_APPLICATION_CREDENTIALS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("ANTHROPIC_VERTEX_PROJECT_ID", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("NO_GCE_CHECK", "true")


@pytest.fixture
def amazon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


def sign_in_at_google(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    account = {
        "type": "service_account",
        "project_id": "shop",
        "private_key_id": "1",
        "private_key": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "client_email": "groundwork@shop.example",
        "token_uri": f"{url}{TOKENS}",
    }
    path = tmp_path / "account.json"
    path.write_text(json.dumps(account))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    monkeypatch.setenv("ANTHROPIC_VERTEX_PROJECT_ID", "shop")


@pytest.mark.usefixtures("nobody", "amazon")
def test_bedrock_is_asked_with_a_signature_and_its_binary_stream_is_read() -> None:
    answer = Answer(text="I look.", calls=(("Read", {"file_path": "a"}),), usage=(1000, 0, 0, 400))
    with messages_server(answer) as server:
        reply = ask("bedrock", server.url)
    assert (reply.text, reply.calls[0]["input"], reply.stop_reason) == ("I look.", {"file_path": "a"}, "tool_use")
    assert reply.spent.dollars == pytest.approx((1000 * 3 + 400 * 15) / 1e6)
    assert server.headers[0]["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIATEST/")
    assert "/eu-central-1/bedrock/" in server.headers[0]["Authorization"]
    assert server.paths[0].endswith("/invoke-with-response-stream")


@pytest.mark.usefixtures("nobody")
def test_vertex_is_asked_with_a_token_of_its_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with messages_server(Answer(text="I look.")) as server:
        sign_in_at_google(monkeypatch, tmp_path, server.url)
        reply = ask("vertex", server.url)
    assert reply.text == "I look."
    assert {name.lower(): value for name, value in server.headers[0].items()}["authorization"] == "Bearer ya29.test"
    assert "/projects/shop/locations/eu-central-1/" in server.paths[0]


@pytest.mark.usefixtures("nobody", "amazon")
def test_what_passes_at_amazon_is_tried_again_and_what_does_not_is_told() -> None:
    with messages_server(Trouble(429, "rate_limit_error"), Answer(text="now")) as server:
        assert ask("bedrock", server.url).text == "now"
    with (
        messages_server(Trouble(403, "permission_error", "no access to it")) as server,
        pytest.raises(ModelError, match="no access to it"),
    ):
        ask("bedrock", server.url)


@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize(("provider", "where"), [("bedrock", "AWS_ACCESS_KEY_ID"), ("vertex", "GOOGLE_APPLICATION_")])
def test_whoever_is_not_signed_in_is_told_where_to_put_it(provider: Provider, where: str) -> None:
    with messages_server(Answer(text="never")) as server, pytest.raises(ModelError, match="sign-in") as told:
        ask(provider, server.url, "eu-north-1")  # the client keeps what it found for a region
    assert where in told.value.hint
    assert server.requests == []
