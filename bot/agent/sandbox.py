"""Where the model's commands run: a container that sees the workspace and nothing else of this machine."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bot.agent.output import Collector
from bot.agent.watch import Bounds, Watch
from bot.errors import EngineUnavailableError

if TYPE_CHECKING:
    from docker import APIClient

WORKDIR: Final = "/workspace"
LABEL: Final = "groundwork.sandbox"
UID: Final = 1000
_MEBIBYTE: Final = 1024 * 1024
# After `timeout` sent TERM, so long until KILL; the container outlives no command by more than this.
_GRACE: Final = 5
# Of the limit on processes: a box that holds so many after a command can hardly begin the next one.
_CROWDED: Final = 0.9
# What `timeout` says where processes that an earlier command left took every place before it.
_NOT_BEGUN: Final = "fork system call failed"
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
        entries: Files and folders that one command may add to the workspace.
        spare: MiB that have to stay free on this machine's disk.
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
    entries: int = 300_000
    spare: int = 1024
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
        self._closed = threading.Event()

    async def run(self, command: str, *, seconds: float) -> CommandResult:
        """Run `command` with bash in the workspace, for at most `seconds`.

        Raises:
            EngineUnavailableError: the engine does not answer, or the image is not there.
        """
        self._announce(command)
        return await asyncio.to_thread(self._run, command, seconds)

    async def close(self) -> None:
        """Remove the container, whatever still runs in it; nothing makes another one."""
        self._closed.set()
        await asyncio.to_thread(self._remove)

    def _run(self, command: str, seconds: float) -> CommandResult:
        from docker.errors import APIError, DockerException

        self._hand_over()
        try:
            try:
                result = self._exec(self._container(), command, seconds)
            except APIError as error:
                if error.status_code not in {404, 409}:  # gone, or stopped by what the last command did
                    raise
            else:
                if not (result.exit_code == 125 and _NOT_BEGUN in result.output):
                    return result
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
        with self._watch(container, seconds) as watch:
            for chunk in self._stream(made["Id"]):
                collector.add(chunk)
        code = self._exit_code(made["Id"])
        ended = watch.why
        if not ended and code == 124:
            ended = f"it took longer than {seconds:.0f} s"
        elif not ended and code == 137:
            ended = "it was killed: out of memory, or out of time twice"
        crowded = self._crowded(container)
        if crowded:
            ended = ended or f"its processes filled the limit of {self._box.pids}"
        if code == 137 or watch.why or crowded:
            self._remove()  # what killed it may still be at work in there
        else:
            self._freeze(container, frozen=True)
        return CommandResult(exit_code=code, output=collector.text(), ended=ended)

    def _exit_code(self, execution: str) -> int:
        """Return how the execution ended; a container that went with it killed it."""
        from docker.errors import APIError

        try:
            state: Any = self._client.exec_inspect(execution)
        except APIError:
            return 137
        code = state["ExitCode"]
        return 137 if code is None else int(code)

    def _crowded(self, container: str) -> bool:
        """Whether what runs on in the box leaves no room for a next command."""
        from docker.errors import APIError

        try:
            listed: Any = self._client.top(container, ps_args="-eLo pid,lwp")  # a line for each thread: all are counted
        except APIError as error:
            return error.status_code in {404, 409}  # nothing runs in what is gone; the next command makes it anew
        # One that is just going is listed without processes.
        return len(listed["Processes"] or ()) >= _CROWDED * self._box.pids

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
        if self._closed.is_set():
            raise EngineUnavailableError("The sandbox is closed.")
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
            # Names are the proxy's business: nobody is asked, and the machine's own resolver is not told.
            dns=[_NO_RESOLVER],
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

    def _watch(self, container: str, seconds: float) -> Watch:
        box = self._box
        # Later than `timeout` and its KILL: those leave the container as it is, and this does not.
        bounds = Bounds(seconds=seconds + 2 * _GRACE, disk=box.disk, entries=box.entries, spare=box.spare)
        return Watch(self._workspace, bounds, lambda: self._kill(container))

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
