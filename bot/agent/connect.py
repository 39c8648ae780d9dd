"""From settings to the means of the claude engine: the provider's own client, and a sandbox where one can be had."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from bot.agent.allowlist import allowlist
from bot.agent.anthropic_model import AnthropicModel
from bot.agent.egress import let_out
from bot.agent.engine import Opened, Sandboxes
from bot.agent.mirrors import mirrors
from bot.agent.price import Price
from bot.agent.proxy import Proxy
from bot.agent.sandbox import Box, Sandbox
from bot.errors import GroundworkError, UsageError

if TYPE_CHECKING:
    from docker import APIClient

_KINDS: Final = ("input", "cache_write", "cache_read", "output")
_AMAZON: Final = (
    "give the server AWS credentials (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or the role of its "
    "machine) that may invoke the model, and GROUNDWORK_MODEL_REGION"
)
_GOOGLE: Final = (
    "give the server Google credentials (GOOGLE_APPLICATION_CREDENTIALS, or the account of its machine) that may use "
    "Vertex AI, ANTHROPIC_VERTEX_PROJECT_ID, and GROUNDWORK_MODEL_REGION"
)
Provider = Literal["anthropic", "bedrock", "vertex"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How the model is reached. Bedrock and Vertex find their credentials as their own clients do.

    Attributes:
        url: A gateway's address, "" for the provider's own.
        region: Where Bedrock or Vertex run it, "" as their own clients are set up.
    """

    provider: Provider = "anthropic"
    key: str = ""
    url: str = ""
    region: str = ""


def model(access: Access, price: Price) -> AnthropicModel:
    """Return the model behind `access`.

    Raises:
        UsageError: the key is missing.
        GroundworkError: the provider's client cannot be set up.
    """
    import anthropic

    given: dict[str, Any] = {"max_retries": 0} | ({"base_url": access.url} if access.url else {})
    if access.provider == "anthropic":
        if not access.key:
            raise UsageError(
                "The claude engine needs a model key.",
                hint="set ANTHROPIC_API_KEY, or use the blueprint engine, which needs none",
            )
        return AnthropicModel(anthropic.AsyncAnthropic(api_key=access.key, **given), price)
    try:
        if access.provider == "bedrock":
            where: dict[str, Any] = {"aws_region": access.region} if access.region else {}
            return AnthropicModel(anthropic.AsyncAnthropicBedrock(**where, **given), price, sign_in=_AMAZON)
        where = {"region": access.region} if access.region else {}
        return AnthropicModel(anthropic.AsyncAnthropicVertex(**where, **given), price, sign_in=_GOOGLE)
    except (anthropic.AnthropicError, ImportError, ValueError) as error:
        raise GroundworkError(
            f"The client for {access.provider} cannot be set up: {error}",
            hint=_AMAZON if access.provider == "bedrock" else _GOOGLE,
        ) from error


def price_from(text: str) -> Price | None:
    """Return the price that the settings give, None for "".

    Raises:
        UsageError: it is not four numbers.
    """
    if not text:
        return None
    try:
        numbers = [float(part) for part in text.split(",")]
        return Price(**dict(zip(_KINDS, numbers, strict=True)))
    except ValueError as error:
        raise UsageError(
            f"The price of the model is not understood: {text!r}.",
            hint=f"give dollars for a million tokens: {','.join(_KINDS)}, such as 3,3.75,0.3,15",
        ) from error


def sandboxes(box: Box, *, registries: bool) -> Sandboxes | None:
    """Return how sandboxes are opened; None where no engine answers or the image is not there."""
    from docker import APIClient
    from docker.errors import DockerException
    from docker.utils import kwargs_from_env

    try:
        client = APIClient(version="auto", **kwargs_from_env())
        client.inspect_image(box.image)  # type: ignore[no-untyped-call]
    except DockerException:
        return None

    return lambda root: _opened(client, box, root, registries=registries)


@asynccontextmanager
async def _opened(client: APIClient, box: Box, root: Path, *, registries: bool) -> AsyncIterator[Opened]:
    name = f"groundwork-{os.getpid()}-{secrets.token_hex(4)}"
    async with AsyncExitStack() as stack:
        if not registries:
            sandbox = Sandbox(client, box, root, name=name)
            stack.push_async_callback(sandbox.close)
            yield Opened(commands=sandbox)
            return
        found = mirrors(os.environ, home=Path.home())
        proxy = Proxy(allowlist(mirrors=found.targets))

        def announce(command: str) -> None:
            proxy.asking = command

        wide = await stack.enter_async_context(let_out(client, box, proxy, name=f"{name}-way"))
        sandbox = Sandbox(client, wide, root, name=name, announce=announce)
        stack.push_async_callback(sandbox.close)
        yield Opened(commands=sandbox, refused=lambda: proxy.refusals)
