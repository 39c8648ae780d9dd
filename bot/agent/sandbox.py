"""Where the model's commands run: a container that sees the workspace and nothing else of this machine."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bot.agent.output import Collector
from bot.errors import EngineUnavailableError

if TYPE_CHECKING:
    from docker import APIClient

WORKDIR: Final = "/workspace"
LABEL: Final = "groundwork.sandbox"
UID: Final = 1000
_MEBIBYTE: Final = 1024 * 1024
# After `timeout` sent TERM, so long until KILL; the container outlives no command by more than this.
_GRACE: Final = 5
# An address kept for documentation: nobody answers there.
_NO_RESOLVER: Final = "192.0.2.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """How much a sandbox may use.

    Attributes:
        image: What the commands run in.
        memory: MiB, swap included.
        cpus: Cores.
        pids: Processes and threads at a time.
        disk: MiB that one command may add to the workspace.
        file: MiB of one file.
        network: Name of an internal Docker network with the proxy on it, or "none".
        proxy: URL of the allowlisting proxy on that network, "" without.
        environment: Names and values for its commands, beside the box's own.
    """

    image: str
    memory: int = 2048
    cpus: float = 2.0
    pids: int = 256
    disk: int = 4096
    file: int = 1024
    network: str = "none"
    proxy: str = ""
    environment: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandResult:
    """What a command did; `output` is stdout and stderr as they came, bounded. `ended` says what stopped it, or ""."""

    exit_code: int
    output: str
    ended: str = ""


class Sandbox:
    """One container for one draft; made at the first command, made anew when a command took it down.

    `announce` is called with each command before it runs.
    """

    def __init__(
        self,
        client: APIClient,
        box: Box,
        workspace: Path,
        *,
        name: str,
        announce: Callable[[str], None] = lambda _command: None,
    ) -> None:
        self._client = client
        self._announce = announce
        self._box = box
        self._workspace = workspace
        self._name = name
        self._id = ""

    async def run(self, command: str, *, seconds: float) -> CommandResult:
        """Run `command` with bash in the workspace, for at most `seconds`.

        Raises:
            EngineUnavailableError: the engine does not answer, or the image is not there.
        """
        self._announce(command)
        return await asyncio.to_thread(self._run, command, seconds)

    async def close(self) -> None:
        """Remove the container, whatever still runs in it."""
        await asyncio.to_thread(self._remove)

    def _run(self, command: str, seconds: float) -> CommandResult:
        from docker.errors import APIError, DockerException

        self._hand_over()
        try:
            try:
                return self._exec(self._container(), command, seconds)
            except APIError as error:
                if error.status_code not in {404, 409}:  # gone, or stopped by what the last command did
                    raise
                self._remove()
                return self._exec(self._container(), command, seconds)
        except (DockerException, OSError) as error:
            raise EngineUnavailableError(
                f"The sandbox could not run a command: {error}.", hint=f"is the image {self._box.image} there?"
            ) from error

    def _exec(self, container: str, command: str, seconds: float) -> CommandResult:
        words = ["timeout", "-k", str(_GRACE), f"{seconds:.0f}", "bash", "-c", command]
        self._freeze(container, frozen=False)
        made: Any = self._client.exec_create(container, words, workdir=WORKDIR, user=self._user())
        collector = Collector()
        with self._disk_watch(container) as full:
            for chunk in self._stream(made["Id"]):
                collector.add(chunk)
        state: Any = self._client.exec_inspect(made["Id"])
        code = state["ExitCode"]
        ended = ""
        if full.is_set():
            ended = f"it wrote more than {self._box.disk} MiB"
        elif code == 124:
            ended = f"it took longer than {seconds:.0f} s"
        elif code is None or code == 137:
            ended = "it was killed: out of memory, or out of time twice"
        if code in {None, 137} or full.is_set():
            self._remove()  # what killed it may still be at work in there
        else:
            self._freeze(container, frozen=True)
        return CommandResult(exit_code=137 if code is None else code, output=collector.text(), ended=ended)

    def _stream(self, execution: str) -> Iterator[bytes]:
        """Yield the output of an execution as it comes; the hijacked connection is closed with it."""
        from docker.utils.socket import frames_iter

        connection: Any = self._client.exec_start(execution, socket=True)
        try:
            for _stream, chunk in frames_iter(connection, tty=False):  # type: ignore[no-untyped-call]
                yield chunk
        finally:
            connection._response.close()  # noqa: SLF001 -- the client parks the response there and closes it nowhere
            connection.close()

    def _container(self) -> str:
        if not self._id:
            self._id = self._create()
        return self._id

    def _create(self) -> str:
        from docker.types import LogConfig, Mount, Ulimit

        box = self._box
        environment = dict(box.environment) | {"HOME": "/tmp/home", "LANG": "C.UTF-8", "CI": "true"}  # noqa: S108 -- inside the container
        if box.proxy:
            environment |= {"http_proxy": box.proxy, "https_proxy": box.proxy, "no_proxy": "127.0.0.1,localhost"}
        host: Any = self._client.create_host_config(
            # What the engine cannot see fails as a mount; as a short-form bind it would be a folder made up.
            mounts=[Mount(WORKDIR, str(self._workspace), type="bind")],
            network_mode=box.network,
            # Names are the proxy's business; older engines ask the machine's resolver even on internal networks.
            dns=None if box.network == "none" else [_NO_RESOLVER],
            read_only=True,
            tmpfs={"/tmp": f"rw,exec,nosuid,nodev,size={box.memory // 4}m,mode=1777"},  # noqa: S108
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            mem_limit=box.memory * _MEBIBYTE,
            memswap_limit=box.memory * _MEBIBYTE,
            nano_cpus=int(box.cpus * 1e9),
            pids_limit=box.pids,
            init=True,  # without it orphans fill the pids limit
            ulimits=[Ulimit(name="fsize", soft=box.file * _MEBIBYTE, hard=box.file * _MEBIBYTE)],
            log_config=LogConfig(type="none"),
            restart_policy={"Name": "no"},
        )
        self._remove_named()
        made: Any = self._client.create_container(
            box.image,
            ["sleep", "infinity"],
            name=self._name,
            user=self._user(),
            working_dir=WORKDIR,
            environment=environment,
            labels={LABEL: str(os.getpid())},
            host_config=host,
            entrypoint=[],
            healthcheck={"test": ["NONE"]},
        )
        self._client.start(made["Id"])
        return str(made["Id"])

    def _user(self) -> str:
        uid = os.getuid() or UID
        return f"{uid}:{uid}"

    def _hand_over(self) -> None:
        """Where we run as root, give the tree to the sandbox's user; by directory handle, so that no link misleads."""
        if os.getuid() != 0:
            return
        for _folder, folders, files, handle in os.fwalk(self._workspace):
            for name in (".", *folders, *files):
                if os.stat(name, dir_fd=handle, follow_symlinks=False).st_uid == 0:
                    os.chown(name, UID, UID, dir_fd=handle, follow_symlinks=False)

    def _disk_watch(self, container: str) -> _DiskWatch:
        return _DiskWatch(self._workspace, self._box.disk * _MEBIBYTE, lambda: self._kill(container))

    def _freeze(self, container: str, *, frozen: bool) -> None:
        """Stop the clock of what a command left running: our own tools write in the tree now, and must be alone.

        Raises:
            APIError: the container is gone (404), or stopped (409).
        """
        state: Any = self._client.inspect_container(container)["State"]
        if state["Paused"] is not frozen and (state["Running"] or not frozen):
            change = self._client.pause if frozen else self._client.unpause
            change(container)

    def _kill(self, container: str) -> None:
        from docker.errors import APIError

        try:
            self._client.kill(container)
        except APIError:
            return  # it ended by itself meanwhile

    def _remove(self) -> None:
        from docker.errors import APIError, NotFound

        container, self._id = self._id, ""
        if container:
            try:
                self._client.remove_container(container, force=True, v=True)
            except (NotFound, APIError):
                return  # gone, or being removed

    def _remove_named(self) -> None:
        """Remove what a killed process left under this name."""
        from docker.errors import NotFound

        try:
            self._client.remove_container(self._name, force=True, v=True)
        except NotFound:
            return


class _DiskWatch:
    """Measures the workspace while a command runs: no event tells that a disk fills up, and no quota holds a bind."""

    def __init__(self, folder: Path, most: int, stop: Callable[[], None]) -> None:
        self._folder = folder
        self._most = most
        self._stop = stop
        self._full = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="sandbox-disk", daemon=True)

    def __enter__(self) -> threading.Event:
        self._thread.start()
        return self._full

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        """Look again after ten times as long as looking took, so that a large tree costs a tenth of a core at most."""
        before, pause = self._size(), 0.25
        while not self._ended.wait(pause):
            begun = time.monotonic()
            if self._size() - before > self._most:
                self._full.set()
                self._stop()
                return
            pause = max(0.25, 10 * (time.monotonic() - begun))

    def _size(self) -> int:
        """Return the bytes on disk; files that vanish meanwhile count as gone."""
        total = 0
        for _folder, _folders, files, handle in os.fwalk(self._folder):
            for name in files:
                with contextlib.suppress(OSError):
                    total += os.stat(name, dir_fd=handle, follow_symlinks=False).st_blocks * 512
        return total
