"""The one way out of a sandbox: an internal Docker network with nothing on it but a relay to our proxy."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bot.agent import relay
from bot.agent.proxy import Proxy
from bot.agent.sandbox import LABEL, UID, Box
from bot.errors import EngineUnavailableError

if TYPE_CHECKING:
    from docker import APIClient

_ALIAS: Final = "egress"
_READY: Final = 30


@contextlib.asynccontextmanager
async def let_out(client: APIClient, box: Box, proxy: Proxy, *, name: str, relay_image: str = "") -> AsyncIterator[Box]:
    """Yield `box` with a way out through `proxy`; network, relay and socket are gone afterwards.

    The machine has no address on the network, and the engine routes nothing out of it: what is not asked of the proxy
    has nowhere to go. The proxy itself stays in this process, where names are resolved and the verdicts are made.

    Args:
        client: The engine.
        box: What the sandbox is made of.
        proxy: Not yet listening.
        name: Of the network, and the start of the relay's.
        relay_image: What the relay runs in, an image with `python3`; the sandbox's own where it is left out.

    Raises:
        EngineUnavailableError: the engine cannot make it, or the image has no `python3`.
    """
    from docker.errors import DockerException

    folder = Path(tempfile.mkdtemp(prefix="groundwork-egress-"))
    way = _Way(client, relay_image or box.image, folder, name)
    try:
        await proxy.listen(folder / Path(relay.SOCKET).name)
        way.hand_over()
        try:
            await asyncio.to_thread(way.make)
        except (DockerException, OSError) as error:
            raise EngineUnavailableError(f"The sandbox's way to registries could not be made: {error}.") from error
        yield replace(box, network=name, proxy=f"http://{_ALIAS}:{relay.PORT}")
    finally:
        await proxy.close()
        await asyncio.to_thread(way.remove)
        shutil.rmtree(folder, ignore_errors=True)


class _Way:
    """The network, and the relay on it."""

    def __init__(self, client: APIClient, image: str, folder: Path, name: str) -> None:
        self._client = client
        self._image = image
        self._folder = folder
        self._name = name
        self._relay = f"{name}-relay"

    def hand_over(self) -> None:
        """Let the relay's user, and no other, speak to the socket."""
        if os.getuid() == 0:
            for path in (self._folder, self._folder / Path(relay.SOCKET).name):
                os.chown(path, UID, UID)

    def make(self) -> None:
        self.remove()  # what a killed process left under this name
        self._client.create_network(
            self._name,
            driver="bridge",
            internal=True,
            enable_ipv6=False,
            check_duplicate=True,
            # Without an address of the machine on the bridge, its own services cannot be reached there either.
            options={"com.docker.network.bridge.inhibit_ipv4": "true"},
            labels={LABEL: str(os.getpid())},
        )
        here: Any = {self._name: self._client.create_endpoint_config(aliases=[_ALIAS])}
        made: Any = self._client.create_container(
            self._image,
            ["-c", Path(relay.__file__).read_text(encoding="utf-8")],
            name=self._relay,
            entrypoint=["python3"],
            user=f"{os.getuid() or UID}",
            labels={LABEL: str(os.getpid())},
            host_config=self._host(),
            networking_config=self._client.create_networking_config(here),
            healthcheck={"test": ["NONE"]},
        )
        self._client.start(made["Id"])
        self._wait(made["Id"])

    def _host(self) -> Any:
        from docker.types import LogConfig, Mount

        return self._client.create_host_config(
            mounts=[Mount(str(Path(relay.SOCKET).parent), str(self._folder), type="bind", read_only=True)],
            network_mode=self._name,
            read_only=True,
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            mem_limit=128 * 1024 * 1024,
            memswap_limit=128 * 1024 * 1024,
            pids_limit=32,
            init=True,
            log_config=LogConfig(type="json-file", config={"max-size": "1m", "max-file": "1"}),
            restart_policy={"Name": "on-failure", "MaximumRetryCount": 5},
        )

    def _wait(self, container: str) -> None:
        """Return when the relay listens."""
        said: Any = self._client.logs(container, stream=True, follow=True)
        first = next(iter(said), b"")
        said.close()
        said._response.close()  # noqa: SLF001 -- closing the stream alone shuts its socket down, and leaves it open
        if b"listening" not in first:
            words = first.decode("utf-8", "replace").strip()[:200] or "it ended without a word"
            raise EngineUnavailableError(
                f"The relay to the registries does not run: {words}.", hint=f"has {self._image} python3?"
            )

    def remove(self) -> None:
        from docker.errors import APIError, NotFound

        with contextlib.suppress(NotFound):
            self._client.remove_container(self._relay, force=True, v=True)
        with contextlib.suppress(NotFound, APIError):  # a sandbox still on it: its own end removes it, then ours again
            self._client.remove_network(self._name)
