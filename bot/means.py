"""From the settings to the claude engine and what it works with, for the server and for `groundwork run` alike."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from bot.agent.anthropic_model import AnthropicModel
from bot.agent.connect import Access, model, price_from, sandboxes
from bot.agent.engine import ClaudeEngine, Means
from bot.agent.ledger import MemoryLedger
from bot.agent.limit import Limits
from bot.agent.price import price_of
from bot.agent.sandbox import Box
from bot.agent.tools.artifacts import ArtifactFolder
from bot.agent.transcript_file import TranscriptFile
from bot.model.redact import Redactor
from bot.settings.model import ModelSettings
from bot.workflow.agent_drafter import AgentDrafter, Finish, Prove
from bot.workflow.ports import Checker, Steps, Workspaces

TRANSCRIPT: Final = "transcript.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claude:
    """What all conversations of a process share: the client, its books, and how sandboxes are opened."""

    means: Means
    redact: Redactor
    client: AnthropicModel

    async def close(self) -> None:
        """Close the client's connections."""
        await self.client.close()

    def drafter(
        self,
        workspaces: Workspaces,
        checker: Checker,
        steps: Steps,
        folder: Path,
        *,
        prove: Prove | None,
        finish: Finish | None = None,
    ) -> AgentDrafter:
        """Return what writes drafts with it; transcript, artifacts and states of trees are kept in `folder`.

        Raises:
            InvalidValueError: what lies there as a transcript is none.
        """
        means = replace(
            self.means,
            recorder=TranscriptFile(folder / TRANSCRIPT, self.redact),
            artifacts=ArtifactFolder(folder / "artifacts"),
        )
        return AgentDrafter(
            workspaces=workspaces,
            engine=ClaudeEngine(means=means),
            checker=checker,
            steps=steps,
            states=folder / "states",
            prove=prove,
            finish=finish,
        )


def claude(settings: ModelSettings, *, commands: bool = True) -> Claude:
    """Return the claude engine that `settings` describe, made once for a process, since its books are shared.

    Raises:
        GroundworkError: the key or the model's price is missing, or the provider's client cannot be set up.
    """
    key = settings.model_key.get_secret_value()
    price = price_of(settings.model, price_from(settings.model_price))
    access = Access(provider=settings.model_provider, key=key, url=settings.model_url, region=settings.model_region)
    box = Box(image=settings.sandbox_image)
    client = model(access, price)
    means = Means(
        model=client,
        model_name=settings.model,
        price=price,
        ledger=MemoryLedger(settings.model_dollars_in_all),
        limits=Limits(turns=settings.model_turns, dollars=settings.model_dollars),
        sandbox=sandboxes(box, registries=settings.sandbox_network == "registries") if commands else None,
    )
    return Claude(means=means, redact=Redactor((key,)), client=client)


def transcript(folder: Path) -> str:
    """Return the page of what was said, as far as it is written down in `folder`; "" where nothing is.

    Raises:
        InvalidValueError: what lies there as a transcript is none.
    """
    from bot.agent.transcript import read_transcript
    from bot.agent.transcript_page import transcript_page

    place = folder / TRANSCRIPT
    return transcript_page(read_transcript(place.read_bytes())) if place.is_file() else ""
