"""Durable runs on DBOS Transact; the only module that imports it.

A run is a workflow that holds no place in any queue while it waits; its drafts are child workflows that take one of
their organisation's places each. Every step's result is stored as JSON before the next begins.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import secrets
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from dbos import DBOS, DBOSConfig, Serializer, SetEnqueueOptions, SetWorkflowID
from dbos import error as dbos_error

from bot.errors import GroundworkError, NotNowError
from bot.model.codec import from_builtins, to_builtins
from bot.workflow.draft import Draft, Drafter, Order
from bot.workflow.history import StoredRun, StoredStep
from bot.workflow.liveness import Heartbeat
from bot.workflow.ports import Mail, Steps

T = TypeVar("T")

JOBS: Final = "jobs"
RUNS: Final = "runs"
DRAFTS: Final = "drafts"
# Change it only with `DBOS.patch_async` in the stories: unfinished runs of another version are not taken up.
APPLICATION_VERSION: Final = "1"
SQLITE: Final = "sqlite:///"
_NAPS: Final = 3
_LONGEST_NAP: Final = 2 * 3600.0  # seconds; GitHub's limits are renewed every hour
_UNFINISHED: Final = ["ENQUEUED", "PENDING", "DELAYED"]


class StoredError(GroundworkError):
    """An error that was read back from the database; its kind is in its words."""


class StoredNotNowError(NotNowError):
    """A postponement that was read back from the database."""


class Story(Protocol):
    """What the application runs durably. Both may run again from the start after a crash: only steps are kept."""

    async def run(self, job: Any, steps: Steps, drafter: Drafter, mail: Mail) -> Any:
        """Tell a run from its job to its end; job and result are JSON builtins."""
        ...

    async def draft(self, job: Any, order: Order, name: str, steps: Steps) -> Draft:
        """Write one draft, as a child of the run of `job`."""
        ...

    async def handle(self, job: Any, steps: Steps, runs: DurableRuns) -> Any:
        """Do one accepted job, which may start, wake or cancel runs."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DurableConfig:
    """How durable runs are stored and bounded.

    Attributes:
        url: `sqlite:///FILE` (one process) or `postgresql://...` (many).
        per_organisation: Drafts of one organisation at a time, over all processes.
        per_process: Drafts in this process at a time.
        jobs: Accepted jobs that this process handles at a time.
        poll: Seconds between looks into the queues.
        ttl: Seconds after which a silent process counts as dead.
    """

    url: str
    per_organisation: int = 2
    per_process: int = 4
    jobs: int = 16
    poll: float = 0.5
    ttl: float = 60.0


class DurableRuns:
    """Starts, wakes and cancels durable runs of one story; one for each process."""

    def __init__(self, config: DurableConfig, story: Story) -> None:
        self._config = config
        self._story = story
        self._executor_id = f"{os.uname().nodename[:32]}-{os.getpid()}-{secrets.token_hex(4)}"
        self._lock: int | None = None
        self._heartbeat: Heartbeat | None = None
        self._run: Callable[..., Any]
        self._handle: Callable[..., Any]

    async def open(self) -> None:
        """Connect, migrate, take up what a dead process left, and begin to work.

        Raises:
            GroundworkError: another process holds the SQLite file.
        """
        alone = self._config.url.startswith(SQLITE)
        if alone:
            self._lock = _take_sqlite(Path(self._config.url.removeprefix(SQLITE)))
        DBOS(
            config=DBOSConfig(
                name="groundwork",
                system_database_url=self._config.url,
                executor_id=self._executor_id,
                application_version=APPLICATION_VERSION,
                serializer=_JsonSerializer(),
                log_level="WARNING",
                notification_listener_polling_interval_sec=self._config.poll,
            )
        )
        self._register()
        self._heartbeat = Heartbeat(
            self._config.url, self._executor_id, owners=_owners, adopt=_adopt, ttl=self._config.ttl, alone=alone
        )
        await asyncio.to_thread(self._heartbeat.insert)
        DBOS.launch()
        await DBOS.register_queue_async(
            JOBS, worker_concurrency=self._config.jobs, polling_interval_sec=self._config.poll
        )
        await DBOS.register_queue_async(RUNS, polling_interval_sec=self._config.poll)
        await DBOS.register_queue_async(
            DRAFTS,
            partition_concurrency=self._config.per_organisation,
            worker_concurrency=self._config.per_process,
            polling_interval_sec=self._config.poll,
        )
        self._heartbeat.start()

    async def close(self) -> None:
        """Stop taking work; unfinished runs go on in the next process."""
        if self._heartbeat:
            await asyncio.to_thread(self._heartbeat.stop)
        await asyncio.to_thread(DBOS.destroy, destroy_registry=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    async def accept(self, job: Any, *, key: str) -> bool:
        """Store `job` for the story to handle, unless one with this `key` was stored before; return whether it was new.

        When this returns, the job survives whatever happens to this process.
        """
        if await self.state(key) is not None:
            return False
        with SetWorkflowID(key):
            await DBOS.enqueue_workflow_async(JOBS, self._handle, job)
        return True

    async def start(self, job: Any, *, run_id: str, subject: str, organisation: str) -> str:
        """Start a run, once: the same `run_id`, or a `subject` that has an unfinished run, gives the run there is.

        Args:
            job: JSON builtins handed to the story.
            run_id: Deterministic, from the delivery that asked for it.
            subject: What only one run may work on at a time, such as `owner/repo#12`.
            organisation: Whose places the run's drafts take.

        Returns:
            The id of the run that is now, or was already, under way.
        """
        options = SetEnqueueOptions(deduplication_id=subject, duplication_policy="return-existing")
        with SetWorkflowID(run_id), options:
            handle = await DBOS.enqueue_workflow_async(RUNS, self._run, job, organisation)
        return str(handle.workflow_id)

    async def tell(self, run_id: str, topic: str, message: Any, *, key: str) -> None:
        """Send a run a message of `topic`; the same `key` is delivered once."""
        await DBOS.send_async(run_id, message, topic, idempotency_key=key)

    async def cancel(self, run_id: str, *, topics: tuple[str, ...], key: str) -> None:
        """Cancel a run and its drafts. A parked wait does not notice, so every topic it may wait on is woken too."""
        await DBOS.cancel_workflow_async(run_id, cancel_children=True)
        for topic in topics:
            await DBOS.send_async(run_id, {"kind": "cancelled"}, topic, idempotency_key=f"{key}:{topic}")

    async def state(self, run_id: str) -> str | None:
        """Return PENDING, ENQUEUED, SUCCESS, ERROR, CANCELLED ... or None for an unknown run."""
        status = await DBOS.get_workflow_status_async(run_id)
        return str(status.status) if status else None

    async def unfinished(self, prefix: str) -> list[str]:
        """Return the ids of the unfinished runs whose ids start with `prefix`, oldest first; drafts are no runs."""
        found = await DBOS.list_workflows_async(
            workflow_id_prefix=prefix, name="run", status=_UNFINISHED, load_input=False, load_output=False
        )
        return [str(one.workflow_id) for one in found]

    async def last(self, prefix: str) -> dict[str, Any]:
        """Return what the newest run whose id starts with `prefix` was started with; empty where there is none."""
        found = await DBOS.list_workflows_async(
            workflow_id_prefix=prefix, name="run", sort_desc=True, limit=1, load_output=False
        )
        return dict(found[0].input["args"][0]) if found and found[0].input else {}

    async def history(self, run_id: str) -> StoredRun | None:
        """Return what is stored of a run, None for an unknown one (and for what is stored here, but is no run)."""
        status: Any = await DBOS.get_workflow_status_async(run_id)
        if status is None or status.name != "run":
            return None
        return StoredRun(
            run_id=run_id,
            state=str(status.status),
            began=status.created_at / 1000,
            updated=status.updated_at / 1000,
            order=status.input["args"][0],
            output=status.output,
            steps=tuple(
                StoredStep(
                    name=step["function_name"],
                    began=(step["started_at_epoch_ms"] or 0) / 1000,
                    ended=(step["completed_at_epoch_ms"] or 0) / 1000,
                    output=step["output"],
                    error=str(step["error"] or ""),
                )
                for step in await DBOS.list_workflow_steps_async(run_id)
            ),
        )

    async def result(self, run_id: str) -> Any:
        """Wait for a run to end and return what its story returned.

        Raises:
            Exception: what the story raised, or that it was cancelled.
        """
        handle: Any = await DBOS.retrieve_workflow_async(run_id)
        return await handle.get_result(polling_interval_sec=self._config.poll)

    def _register(self) -> None:
        """Register both workflows; names and arguments are stored, so they never change within a version."""
        story, steps = self._story, DurableSteps()

        @DBOS.workflow(name="draft", max_recovery_attempts=4)
        async def draft(job: Any, order: Any, name: str) -> Any:
            return to_builtins(await story.draft(job, from_builtins(Order, order), name, steps))

        @DBOS.workflow(name="run", max_recovery_attempts=20)
        async def run(job: Any, organisation: str) -> Any:
            drafter = _ChildDrafter(job, organisation, draft, poll=self._config.poll)
            return to_builtins(await story.run(job, steps, drafter, _Mailbox()))

        @DBOS.workflow(name="handle", max_recovery_attempts=20)
        async def handle(job: Any) -> Any:
            return to_builtins(await story.handle(job, steps, self))

        self._run, self._handle = run, handle


class DurableSteps:
    """Stores each step's result; a replay returns what was stored."""

    async def run(self, name: str, kind: type[T], work: Callable[[], Awaitable[T]]) -> T:
        """Run `work` as a step: at least once, so its effects must be idempotent; retried thrice on passing faults."""

        async def stored() -> Any:
            return to_builtins(await work())

        for nap in range(_NAPS + 1):
            try:
                return from_builtins(kind, await self._step(name, stored))
            except NotNowError as error:
                if nap == _NAPS or error.seconds > _LONGEST_NAP:
                    raise
                await DBOS.sleep_async(error.seconds + 1)  # stored, too: a restart does not begin it anew
        raise AssertionError("the last nap ends in a result or an error")

    async def _step(self, name: str, work: Callable[[], Awaitable[Any]]) -> Any:
        try:
            return await DBOS.run_step_async(
                {
                    "name": name,
                    "retries_allowed": True,
                    "max_attempts": 3,
                    # Our own errors are conclusions, not faults: asking again gives the same answer.
                    "should_retry": lambda error: not isinstance(error, GroundworkError),
                    "preemptible": True,
                },
                work,
            )
        except dbos_error.DBOSMaxStepRetriesExceeded as error:
            raise _gave_up(error) from error


class _ChildDrafter:
    """Gets drafts written by child workflows, in the organisation's turn."""

    def __init__(self, job: Any, organisation: str, workflow: Callable[..., Any], *, poll: float) -> None:
        self._job = job
        self._organisation = organisation
        self._workflow = workflow
        self._poll = poll

    async def draft(self, name: str, order: Order) -> Draft:
        with SetEnqueueOptions(queue_partition_key=self._organisation):
            handle = await DBOS.enqueue_workflow_async(DRAFTS, self._workflow, self._job, to_builtins(order), name)
        return from_builtins(Draft, await handle.get_result(polling_interval_sec=self._poll))


class _Mailbox:
    """Messages of the workflow it is called from."""

    async def wait(self, topic: str, seconds: float) -> Any | None:
        return await DBOS.recv_async(topic, timeout_seconds=seconds)


class _JsonSerializer(Serializer):
    """JSON instead of the default pickle: readable, and nothing in the database can run code."""

    def name(self) -> str:
        return "groundwork_json"

    def serialize(self, data: Any) -> str:
        if isinstance(data, dbos_error.DBOSMaxStepRetriesExceeded):
            data = _gave_up(data)
        if isinstance(data, BaseException):
            what = getattr(data, "what", str(data))
            seconds = data.seconds if isinstance(data, NotNowError) else 0.0
            data = {"__error__": [type(data).__name__, what, getattr(data, "hint", ""), seconds]}
        return json.dumps(data)

    def deserialize(self, serialized_data: str) -> Any:
        data = json.loads(serialized_data)
        if isinstance(data, dict) and "__error__" in data:
            kind, what, hint, seconds = data["__error__"]
            if seconds:
                return StoredNotNowError(what, seconds=seconds, hint=hint)
            return StoredError(what or kind, hint=hint)
        return data


def _gave_up(error: dbos_error.DBOSMaxStepRetriesExceeded) -> GroundworkError:
    last = f" The last answer: {error.errors[-1]}." if error.errors else ""
    return GroundworkError(
        f"The step `{error.step_name}` failed {error.max_retries} times.{last}",
        hint="nothing is lost; write `/infra run` to try again",
    )


def _owners() -> set[str]:
    pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
    return {status.executor_id for status in pending if status.executor_id}


def _adopt(dead: list[str]) -> None:
    DBOS._recover_pending_workflows(dead)  # noqa: SLF001 -- no public call exists; the version is pinned, a test holds it


def _take_sqlite(path: Path) -> int:
    """Lock the database file for this process and switch it to write-ahead logging; return the lock's descriptor."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(path.with_suffix(f"{path.suffix}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise GroundworkError(
            f"Another process works with {path}.",
            hint="stop it first, or give several processes a Postgres database of their own (GROUNDWORK_DATABASE_URL)",
        ) from None
    with sqlite3.connect(path, timeout=30) as connection:
        connection.execute("pragma journal_mode=wal")
    connection.close()
    return lock
