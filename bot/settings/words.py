"""The words about settings: where to find the value of each, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bot.errors import GroundworkError

PREFIX: Final = "GROUNDWORK_"
_APP: Final = "your App's page on GitHub (Settings, Developer settings, GitHub Apps)"
# Setting -> where to find its value.
WHERE: Final = {
    "app_id": f"`App ID` at the top of {_APP}",
    "private_key": f"`Private keys` on {_APP}; give the PEM itself, or its file with {PREFIX}PRIVATE_KEY_FILE",
    "private_key_file": f"the file that GitHub gave you under `Private keys` on {_APP}",
    "webhook_secret": f"`Webhook secret` on {_APP}; make a new one with: openssl rand -hex 32",
    "webhook_secret_old": "the secret before the present one, while it is being changed; leave it out otherwise",
    "data": "a folder that this process may write; it keeps the database and clones",
    "database_url": "postgresql://USER@HOST/NAME for several processes; leave it out for SQLite in the data folder",
    "github_url": "https://github.com, or the address of your GitHub Enterprise Server",
    "public_url": "where browsers reach this server (https://groundwork.example.org); without it, runs have no page",
    "host": "the address to listen on, such as 127.0.0.1 behind a proxy or 0.0.0.0 in a container",
    "port": "a free port, such as 8000",
    "label": "the name of the label that starts a run; `infra` where it is left out",
    "verification": "`actions`, `docker` for the engine of this machine, or `none`; left out, it is `actions` once "
    f"{PREFIX}VERIFY_ACTION is set, `docker` otherwise",
    "verify_action": "OWNER/groundwork/deploy/actions/verify@COMMIT, where OWNER/groundwork is your copy, readable for "
    "the repositories that use it, and COMMIT has 40 digits",
    "checkout_action": "actions/checkout@COMMIT, for a server with a mirror of its own; leave it out otherwise",
    "runner": "the labels of the runners that verify, with commas between them; `ubuntu-latest` where it is left out",
    "window": "seconds that a healthy stack is watched",
    "timeout": "seconds for one verification",
    "attempts": "how often a run verifies, 1 to 10",
    "quiet": "seconds without another review after which a revision begins",
    "rounds": "how often a pull request is revised, 1 to 100",
    "engine": "`blueprint`, which needs no key, or `claude`",
    "model": "the model's name at its provider",
    "model_provider": "`anthropic`, or `bedrock` or `vertex` with the credentials that their own clients find",
    "model_key": "a key from the provider's console; ANTHROPIC_API_KEY counts too",
    "model_url": "the address of a gateway that speaks the same language; leave it out otherwise",
    "model_region": "where Bedrock or Vertex run the model; leave it out where their clients are set up",
    "model_price": "dollars for a million tokens: input,cache_write,cache_read,output; for a model the table lacks",
    "model_turns": "calls to the model for one draft",
    "model_dollars": "dollars that one draft may cost",
    "model_dollars_in_all": "dollars that all drafts of this process may cost until it ends",
    "sandbox_image": "an image with bash in which the model's commands run",
    "sandbox_network": "`none`, or `registries` for package registries alone",
}


class SettingsError(GroundworkError):
    """A setting is missing or wrong; one line for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with one setting: `said` follows its name in a sentence, `mend` is what to do about it."""

    setting: str
    said: str
    mend: str = ""

    @property
    def name(self) -> str:
        """The setting as the environment names it."""
        return f"{PREFIX}{self.setting.upper()}"

    def __str__(self) -> str:
        """Return one line: what is wrong, and the next step."""
        return f"{self.name} {self.said}. {self.mend or f'Its value: {WHERE[self.setting]}'}"


def in_words(problems: Iterable[Problem], what: str = "The server cannot start") -> SettingsError:
    """Return the error that names all `problems`; `what` is what cannot be done with them."""
    return SettingsError(
        f"{what} with these settings:\n" + "\n".join(f"  {problem}" for problem in problems),
        hint="set them in the environment or in a file named .env, then run `groundwork doctor`",
    )
