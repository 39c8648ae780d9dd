"""The model behind Anthropic's Messages API: streamed, retried within bounds, its usage in our terms."""

from __future__ import annotations

import asyncio
import logging
import random
import time
import warnings
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from bot.agent.loop import ContextExceededError, ModelError
from bot.agent.message import Block, Reply, Request
from bot.agent.price import Price

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic, AsyncAnthropicBedrock, AsyncAnthropicVertex

    Client = AsyncAnthropic | AsyncAnthropicBedrock | AsyncAnthropicVertex

_log = logging.getLogger(__name__)
_MOST_TRIES: Final = 6
_LONGEST_WAIT: Final = 60.0
_PASSING: Final = frozenset({408, 409, 429, 500, 502, 503, 504, 529})
# An error inside a stream comes with status 200; its kind tells.
_PASSING_KINDS: Final = frozenset({"overloaded_error", "rate_limit_error", "api_error", "timeout_error"})

Sleep = Callable[[float], Awaitable[None]]


class AnthropicModel:
    """Calls a model through the SDK's client for Anthropic, Bedrock or Vertex.

    Args:
        client: Made with `max_retries=0`: retries happen here, where the books are kept.
        price: Of the model that is called.
        sign_in: For Bedrock and Vertex, which look for credentials when they are first needed: where people put them.
        sleep: Waits for seconds; tests pass their own.
    """

    def __init__(self, client: Client, price: Price, *, sign_in: str = "", sleep: Sleep = asyncio.sleep) -> None:
        self._client = client
        self._sign_in = sign_in
        self._price = price
        self._sleep = sleep
        self._told: set[str] = set()

    async def close(self) -> None:
        """Close the client's connections."""
        await self._client.close()

    async def reply(self, request: Request) -> Reply:
        """Return the model's answer, after at most six tries.

        Raises:
            ContextExceededError: the request does not fit the model's window.
            ModelError: wrong key, unknown model, or no answer after all tries; the words say what to do.
        """
        import anthropic
        import httpx

        for attempt in range(1, _MOST_TRIES + 1):
            try:
                return await self._once(request)
            except anthropic.APIStatusError as error:
                if error.status_code not in _PASSING and _kind(error) not in _PASSING_KINDS:
                    raise _told(error.status_code, _message(error), request.model) from error
                wait, last = _retry_after(error.response.headers.get("retry-after")), _message(error)
            except anthropic.APIConnectionError as error:  # includes time-outs
                wait, last = None, type(error).__name__
            except (httpx.TransportError, OSError) as error:  # raised raw where the stream breaks off half-way
                wait, last = None, type(error).__name__
            except Exception as error:
                # The libraries that find credentials raise errors of their own, and have no common kind.
                if not self._sign_in or isinstance(error, ModelError):
                    raise
                raise ModelError(f"The sign-in at the model's provider failed: {error}", hint=self._sign_in) from error
            if attempt < _MOST_TRIES:
                await self._sleep(wait if wait is not None else _backoff(attempt))
        raise ModelError(
            f"The model {request.model} did not answer after {_MOST_TRIES} tries; the last said: {last}.",
            hint="this passes by itself most of the time: start the run again with `/infra retry`",
        )

    def _tell(self, warned: Sequence[warnings.WarningMessage]) -> None:
        """Log what the client warns of, once."""
        for warning in warned:
            said = " ".join(str(warning.message).split())
            if said not in self._told:
                self._told.add(said)
                _log.warning("%s Set GROUNDWORK_MODEL to another one.", said)

    async def _once(self, request: Request) -> Reply:
        begun = time.monotonic()
        system: list[Any] = [{"type": "text", "text": request.system, "cache_control": {"type": "ephemeral"}}]
        messages: Any = list(request.messages)
        tools: Any = list(request.tools)
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always", DeprecationWarning)  # of the client: that the model is near its end
            streaming = self._client.messages.stream(
                model=request.model,
                max_tokens=request.max_tokens,
                system=system,
                messages=messages,
                tools=tools,
            )
        self._tell(warned)
        async with streaming as stream:
            answer = await stream.get_final_message()
        if answer.stop_reason is None:  # the connection was closed in good order, and too early
            raise ConnectionResetError("the stream ended before the answer did")
        usage = answer.usage
        spent = self._price.spent(
            fresh=usage.input_tokens,
            written=usage.cache_creation_input_tokens or 0,
            read=usage.cache_read_input_tokens or 0,
            output=usage.output_tokens,
            seconds=time.monotonic() - begun,
        )
        content: tuple[Block, ...] = tuple(block.model_dump(exclude_none=True) for block in answer.content)
        return Reply(content=content, stop_reason=str(answer.stop_reason), spent=spent, model=answer.model)


def _retry_after(header: str | None) -> float | None:
    """Return the seconds the server asks for, bounded; None where it asks for nothing we understand."""
    try:
        return min(max(float(header or ""), 0.0), _LONGEST_WAIT)
    except ValueError:
        return None


def _backoff(attempt: int) -> float:
    return float(min(2**attempt, _LONGEST_WAIT) * random.uniform(0.5, 1.0))  # noqa: S311 -- spreads retries, hides nothing


def _message(error: Any) -> str:
    return str(_inner(error).get("message") or error.message)[:300]


def _kind(error: Any) -> str:
    return str(_inner(error).get("type", ""))


def _inner(error: Any) -> dict[str, Any]:
    body = error.body if isinstance(error.body, dict) else {}
    inner = body.get("error")
    return inner if isinstance(inner, dict) else {}


def _told(status: int, message: str, model: str) -> ModelError:
    """Return the error in words, with its next step."""
    if status == 400 and ("too long" in message or "context" in message):
        return ContextExceededError(f"The conversation does not fit the window of {model}.")
    if status == 401:
        return ModelError(
            "The model key is not valid.", hint="set ANTHROPIC_API_KEY to a key from the provider's console"
        )
    if status in {402, 403}:
        return ModelError(
            f"The model provider refused the request: {message}", hint="check the key's workspace, limits and credit"
        )
    if status == 404:
        return ModelError(f"The model {model} is not known to the provider.", hint="check GROUNDWORK_MODEL")
    return ModelError(f"The model provider answered {status}: {message}", hint="report this with the run's id")
