"""A verification from beginning to end: plan, build, start, watch, look from outside, take down, judge."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bot.errors import EngineUnavailableError
from bot.model.finding import Finding
from bot.model.health import HealthReport
from bot.model.measured import Answer, Ended, Record
from bot.model.redact import Redactor
from bot.verify import engine, images, teardown
from bot.verify.arrival import arrive, compose_version
from bot.verify.building import Building
from bot.verify.causes.all import will_not_recover
from bot.verify.compose import Compose, Ran
from bot.verify.environment import clean_environment
from bot.verify.events import EventStream
from bot.verify.evidence import gather
from bot.verify.gate import EscapeGate, Locate
from bot.verify.hasten import hastened
from bot.verify.identity import identity_for, this_owner
from bot.verify.judge import judge
from bot.verify.outside import ask_all, moved_ports
from bot.verify.places import compose_places
from bot.verify.plan import Plan, make_plan, startable
from bot.verify.preflight import make_bind_folders, write_dotenv
from bot.verify.progress import Phase, PhaseEnded, PhaseStarted, PortAnswered, Progress, Silence, Watched
from bot.verify.recorder import Recorder
from bot.verify.resolve import remote_parts, resolve
from bot.verify.stats import Stats
from bot.verify.stop import Stop
from bot.verify.tree import PrivateTree, Source, read_source
from bot.verify.uncreated import uncreated
from bot.verify.watch import Watch

if TYPE_CHECKING:
    from docker import APIClient

_ENGINE_COMES_BACK: Final = 90.0
_REMOTE: Final = "escape-remote-source"


def verify_tree(
    root: Path,
    *,
    gate: EscapeGate,
    commit: str = "",
    timeout: float = 600,
    window: float = 15,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
    locate: Locate | None = None,
    cache: Path | None = None,
) -> HealthReport:
    """Verify the stack of a tree; synchronous, safe in a worker thread, always takes down what it started.

    Args:
        root: A repository (compose file in `src/`), or the folder with the compose file. Never written to.
        gate: Refuses a stack that could leave its box.
        commit: What the tree holds; asked of git where empty.
        timeout: Seconds for everything but taking down.
        window: Seconds for which a stack that is up must stay as it is.
        progress: Who is told what happens.
        cancel: Set it to end early; the stack is taken down first.
        locate: Where services stand in the compose file; read from the file where none is given.
        cache: Folder with the layers of earlier builds, read and written; needed where the engine keeps none itself.

    Raises:
        UsageError: `root` is no folder with a compose file. Whatever the stack does is in the report.
    """
    source = read_source(root, commit)
    return Verification(
        source,
        gate=gate,
        stop=Stop(timeout, cancel),
        progress=progress or Silence(),
        locate=locate,
        cache=cache,
        record=Record(
            ended="settled",
            commit=source.commit,
            dirty=source.dirty,
            path=source.compose,
            timeout=timeout,
            window=window,
            started=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        ),
    ).run()


class Verification:
    """One verification; its record grows phase by phase."""

    def __init__(
        self,
        source: Source,
        *,
        gate: EscapeGate,
        stop: Stop,
        progress: Progress,
        locate: Locate | None,
        cache: Path | None,
        record: Record,
    ) -> None:
        self._source = source
        self._gate = gate
        self._stop = stop
        self._progress = progress
        self._locate = locate
        self._cache = cache
        self._record = record
        self._seconds: dict[str, float] = {}
        self._owner = this_owner(record.timeout)
        self._identity = identity_for(source.root)
        self._redact = Redactor()

    def run(self) -> HealthReport:
        """Do it, take down, and judge."""
        tree = PrivateTree(self._source, self._identity, self._owner)
        client: APIClient | None = None
        try:
            with self._phase("plan"), ThreadPoolExecutor(max_workers=2, thread_name_prefix="plan") as pool:
                connecting = pool.submit(arrive)
                compose = Compose((tree.root / self._source.compose).parent, clean_environment())
                version = pool.submit(compose_version, compose)
                plan = self._plan(compose, tree)
                client = connecting.result()
                self._note(engine=engine.describe(client, version.result()))
            if plan is not None:
                self._prove(client, plan, tree)
        except EngineUnavailableError as error:
            if self._record.ended == "settled":  # refused or invalid it is with and without an engine
                self._note(ended="no-engine", words=(str(error),), notes=(f"Nothing was started. {error.what}",))
        finally:
            with self._phase("teardown"):
                self._take_down(client, tree)
        self._note(seconds={name: round(spent, 3) for name, spent in self._seconds.items()})
        return judge(self._record)

    def _plan(self, compose: Compose, tree: PrivateTree) -> Plan | None:
        """Resolve and plan; None where the stack is refused or invalid, with the record saying so."""
        file = tree.root / self._source.compose
        write_dotenv(file.parent, self._source.root / Path(self._source.compose).parent, self._identity)
        remote = [found for found in self._gate(remote_parts(file), tree.root) if found.rule == _REMOTE]
        if remote:
            self._refused(tuple(remote))
            return None
        resolved = resolve(compose, file)
        if resolved.config is None:
            said = self._redact.lines(line.replace(f"{tree.root}/", "") for line in resolved.error.splitlines())
            self._note(ended="invalid", words=said[:20])
            return None
        if findings := self._gate(resolved.config, tree.root):
            self._refused(findings)
            return None
        locate = self._locate or compose_places(file.read_text("utf-8", "replace"), self._source.compose)
        plan = make_plan(
            resolved.config, project=f"groundwork-{self._owner.token}", owner=str(self._owner), locate=locate
        )
        self._redact = Redactor(plan.secrets)
        notes = [f"`{name}` belongs to a profile that is not active." for name in resolved.left_out]
        udp = [port for port in plan.ports if port.protocol != "tcp"]
        notes += [f"Port {port.published or port.target}/udp of `{port.service}` was not asked." for port in udp]
        self._note(
            project=plan.project,
            services=plan.services,
            notes=(*plan.notes, *notes),
            remarks=make_bind_folders(plan.binds, tree.root, self._identity),
        )
        return plan

    def _refused(self, findings: tuple[Finding, ...]) -> None:
        unique = {(found.rule, found.path, found.line, found.message): found for found in findings}
        self._note(ended="refused", findings=tuple(unique.values()))

    def _prove(self, client: APIClient, plan: Plan, tree: PrivateTree) -> None:
        """Build, start, watch and gather evidence."""
        folder = (tree.root / self._source.compose).parent

        def compose_for(name: str, model: Mapping[str, Any]) -> Compose:
            file = tree.folder / name
            file.write_text(json.dumps(model))
            own = ("-f", str(file), "-p", plan.project, "--project-directory", str(folder))
            return Compose(folder, clean_environment(), own)

        building = Building(client, plan, compose_for, cache=self._cache, stop=self._stop)
        try:
            with self._phase("build"):
                builds, plan = building.run(root=str(tree.root), progress=self._progress, redact=self._redact)
            self._note(builds=builds)
            if self._stop:
                self._note(ended="interrupted" if self._stop.cancelled else "timeout")
            elif not all(build.ok for build in builds):
                self._note(ended="build-failed")
            else:
                named = {name: str(service["image"]) for name, service in plan.model["services"].items()}
                checks = images.health_checks(client, named)
                model = hastened(plan.model, checks, api=self._record.engine.api if self._record.engine else "")
                changed = (name for name in named if model["services"][name] is not plan.model["services"][name])
                self._note(hastened=tuple(changed))
                self._run(client, plan, compose_for("stack.json", model), tree)
            if building.is_worth_keeping and not self._stop.cancelled:
                with self._phase("cache"):
                    error = building.keep()
                if error:
                    told = f"The built layers were not kept: {self._redact(error)}."
                    self._note(remarks=(*self._record.remarks, told))
        finally:
            building.close()

    def _run(self, client: APIClient, plan: Plan, compose: Compose, tree: PrivateTree) -> None:
        """Start what was built, as far as its images are there."""
        named = [image for service, image in plan.images.items() if service in startable(plan)]
        named += [base for build in self._record.builds for base in build.bases]
        self._note(services=plan.services, stand_ins=images.stand_ins(client, named))
        if startable(plan):
            self._start(client, plan, compose, tree)

    def _start(self, client: APIClient, plan: Plan, compose: Compose, tree: PrivateTree) -> None:
        """Start the stack and watch it; the record then holds everything but the teardown."""
        stats = Stats(client)
        stream = EventStream(client, plan.project)
        began = time.time()
        recorder = Recorder(plan.services, began, self._redact)
        asking: list[Future[tuple[Answer, ...]]] = []
        pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ports")

        def ask() -> tuple[Answer, ...]:
            services = recorder.services()
            moved = moved_ports(client, {service.name: recorder.container(service.name) for service in services})
            return ask_all(plan.ports, moved, services)

        watch = Watch(
            client=client,
            project=plan.project,
            stream=stream,
            recorder=recorder,
            began=began,
            window=self._record.window,
            progress=self._progress,
            certain=will_not_recover,
            started=stats.listen,
            steady=lambda: asking.append(pool.submit(ask)),
        )
        self._progress.happened(PhaseStarted(phase="start"))
        chosen = () if len(startable(plan)) == len(plan.services) else startable(plan)
        up = compose.start("up", "--detach", "--no-build", "--pull", "never", "--no-color", *chosen)
        try:
            seen = watch.follow(up, self._stop)
            answers = asking[-1].result() if asking and seen.window_began is not None else ()
            if seen.ended == "settled" and any(not answer.ok for answer in answers):
                answers = ask()  # once more: the port may have opened late
        finally:
            ran = up.end()
            stream.close()
            pool.shutdown(wait=False, cancel_futures=True)
        if seen.ended == "settled" and ran.status not in {0, None} and (told := uncreated(ran.lines, plan.project)):
            recorder.refused(*told)
        now = time.time() - began
        self._seconds["start"] = seen.window_began if seen.window_began is not None else now
        self._seconds["window"] = now - seen.window_began if seen.window_began is not None else 0.0
        self._progress.happened(PhaseEnded(phase="start", seconds=self._seconds["start"]))
        self._progress.happened(Watched(ended=seen.ended))
        for answer in answers:
            port = answer.published or answer.target
            self._progress.happened(PortAnswered(service=answer.service, port=port, ok=answer.ok))
        self._note(
            ended=_start_failed(seen.ended, ran),
            words=self._redact.lines(_telling(ran.lines))[-12:] if ran.status not in {0, None} else (),
            window_began=seen.window_began,
            samples=seen.samples,
            answers=answers,
            services=recorder.services(),
        )
        if seen.ended != "engine-lost":
            with self._phase("probe"):
                self._note(
                    services=gather(
                        client,
                        recorder,
                        plan=plan,
                        stats=stats,
                        root=tree.root,
                        identity=self._identity,
                        redact=self._redact,
                    )
                )
        stats.close()

    def _take_down(self, client: APIClient | None, tree: PrivateTree) -> None:
        """Remove everything, engine restarted or not; what would not go is in the record."""
        left: tuple[str, ...] = ()
        if client is not None and self._record.project:
            left = self._taken_down(client)
        named = [service.image for service in self._record.services if service.image and not service.built]
        if not teardown.remove_tree(tree.folder, client, named):
            left = (*left, f"folder {tree.folder}")
        self._note(left_behind=left)

    def _taken_down(self, client: APIClient | None) -> tuple[str, ...]:
        """Remove what is on the engine; where it went away, when it is back."""
        from docker.errors import DockerException
        from requests.exceptions import RequestException

        deadline = time.monotonic() + _ENGINE_COMES_BACK
        while client is not None:
            try:
                return teardown.take_down(client, teardown.owner_label(str(self._owner)))
            except (DockerException, RequestException, OSError):
                if self._record.ended != "engine-lost":
                    self._note(ended="engine-lost")
                client = engine.connect_again(deadline - time.monotonic())
        return (f"everything of project {self._record.project}: the engine did not come back",)

    def _note(self, **changes: object) -> None:
        self._record = replace(self._record, **changes)  # type: ignore[arg-type]

    @contextmanager
    def _phase(self, phase: Phase) -> Iterator[None]:
        self._progress.happened(PhaseStarted(phase=phase))
        begun = time.monotonic()
        try:
            yield
        finally:
            self._seconds[phase] = time.monotonic() - begun
            self._progress.happened(PhaseEnded(phase=phase, seconds=self._seconds[phase]))


def _telling(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Return what Compose said without its progress, which the record holds better."""
    return tuple(
        line for line in lines if line.strip() and not line.startswith((" Container ", " Network ", " Volume "))
    )


def _start_failed(ended: Ended, ran: Ran) -> Ended:
    return "start-failed" if ended == "settled" and ran.status not in {0, None} else ended
