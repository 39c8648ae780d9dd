"""What is read when the watch is over and before the stack is taken down: logs, sockets, files, peaks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.model.measured import ServiceRecord
from bot.model.redact import Redactor
from bot.verify.build import image_check_place
from bot.verify.identity import Identity
from bot.verify.logs import read_log
from bot.verify.ownership import root_owned
from bot.verify.plan import Plan
from bot.verify.recorder import Recorder
from bot.verify.sockets import listening
from bot.verify.stats import Stats

if TYPE_CHECKING:
    from docker import APIClient

_AT_ONCE: Final = 4


def gather(
    client: APIClient,
    recorder: Recorder,
    *,
    plan: Plan,
    stats: Stats,
    root: Path,
    identity: Identity,
    redact: Redactor,
) -> tuple[ServiceRecord, ...]:
    """Return the services with what could be read of them."""
    for service, usage in stats.peaks().items():
        recorder.used(service, usage)
    owned = root_owned(root, plan.binds, identity)

    def read(service: ServiceRecord) -> ServiceRecord:
        container = recorder.container(service.name)
        if not container:
            return service
        log, errors = read_log(client, container, redact)
        check = service.check
        if check is not None and check.place is None and check.defined_in == "image":
            check = replace(check, place=image_check_place(plan, service.name, str(root)))
        unwell = service.running and service.check is not None and service.status != "healthy"
        return replace(
            service,
            check=check,
            log=log,
            log_errors=errors,
            root_owned=owned.get(service.name, ()),
            listening=listening(client, container) if unwell else (),
        )

    with ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="evidence") as pool:
        return tuple(pool.map(read, recorder.services()))
