"""A job that was promised survives a kill the moment after, is handed on once, and never holds up an answer."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from bot.job.kinds import Job, JobKind
from bot.model.codec import to_json
from bot.web.inbox import Accepted, InboxUnavailableError
from bot.web.journal import Journal
from bot.web.journal_inbox import JournalInbox

T = TypeVar("T")


class FakeInbox:
    """What is behind: takes jobs while it is up."""

    def __init__(self) -> None:
        self.jobs: list[str] = []
        self.down = asyncio.Event()
        self.bug = asyncio.Event()

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def settled(self) -> None: ...

    async def accept(self, job: Job) -> Accepted:
        if self.bug.is_set():
            raise ZeroDivisionError("a fault of ours")
        if self.down.is_set():
            raise InboxUnavailableError("down")
        if job.key in self.jobs:
            return "duplicate"
        self.jobs.append(job.key)
        return "stored"

    async def unready(self) -> str:
        return "down" if self.down.is_set() else ""


class FullJournal(Journal):
    """A disk that takes nothing more once it is full."""

    full = False
    syncs = 0

    def sync(self) -> None:
        self.syncs += 1
        if self.full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        super().sync()


class Nameless(Journal):
    """A disk that keeps files, and their names not while it is broken."""

    broken = False

    def _sync_name(self) -> None:
        if self.broken:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        super()._sync_name()


def job(number: int) -> Job:
    return Job(key=f"start/{number}", kind=JobKind.START, delivery=f"d-{number}", installation=1, actor="mona")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data/x.inbox"


def opened(journal: Journal, work: Callable[[JournalInbox, FakeInbox], Awaitable[T]], *, instant: float = 0.001) -> T:
    async def whole() -> T:
        behind = FakeInbox()
        inbox = JournalInbox(journal, behind, instant=instant)
        await inbox.open()
        try:
            return await work(inbox, behind)
        finally:
            await inbox.close()

    return asyncio.run(whole())


async def outcome(accepting: Awaitable[Accepted]) -> str:
    try:
        return await accepting
    except InboxUnavailableError:
        return "unavailable"


async def taken_up(inbox: JournalInbox, behind: FakeInbox) -> list[str]:
    await inbox.settled()
    return behind.jobs


def test_what_was_promised_is_taken_up_by_the_next_process_in_order(file: Path) -> None:
    async def promised(inbox: JournalInbox, behind: FakeInbox) -> None:
        behind.down.set()
        assert [await inbox.accept(job(number)) for number in (1, 2, 3)] == ["stored"] * 3
        assert await inbox.unready() == "down"

    async def asked_again(inbox: JournalInbox, behind: FakeInbox) -> list[str]:
        assert await inbox.accept(job(2)) == "duplicate"
        return await taken_up(inbox, behind)

    opened(Journal(file), promised)
    with file.open("ab") as torn:
        torn.write(b'{"key":"start/4","job":{"ke')  # killed while it wrote: nobody was told
    assert opened(Journal(file), asked_again) == ["start/1", "start/2", "start/3"]
    assert file.stat().st_mode & 0o077 == 0

    assert opened(Journal(file), taken_up) == []
    assert file.read_bytes() == b""


def test_a_duplicate_is_promised_only_when_the_first_is_on_the_disk_and_one_sync_serves_all(file: Path) -> None:
    journal = FullJournal(file)

    async def work(inbox: JournalInbox, behind: FakeInbox) -> None:
        answers = await asyncio.gather(*(inbox.accept(job(number % 10)) for number in range(30)))
        assert sorted(answers) == ["duplicate"] * 20 + ["stored"] * 10
        assert journal.syncs == 1
        await inbox.settled()
        assert len(behind.jobs) == 10

    opened(journal, work, instant=0)


def test_on_a_fast_disk_no_job_waits_for_others(file: Path) -> None:
    journal = FullJournal(file)

    async def work(inbox: JournalInbox, _behind: FakeInbox) -> None:
        for number in range(3):
            with pytest.raises(StopIteration) as answered:  # it does not wait for anything at all
                inbox.accept(job(number)).send(None)
            assert (answered.value.value, journal.syncs) == ("stored", number + 1)

    opened(journal, work, instant=60)


@pytest.mark.parametrize("instant", [0, 60])
def test_a_disk_that_is_full_promises_nothing_and_recovers(file: Path, instant: float) -> None:
    journal = FullJournal(file)

    async def work(inbox: JournalInbox, _behind: FakeInbox) -> None:
        journal.full = True
        answers = await asyncio.gather(inbox.accept(job(1)), inbox.accept(job(1)), return_exceptions=True)
        for answer in answers:
            assert isinstance(answer, InboxUnavailableError)
            assert "no space left" in str(answer)
        journal.full = False
        assert await inbox.accept(job(1)) == "stored"

    opened(journal, work, instant=instant)


def test_the_file_stays_small_whatever_passes_through_it(file: Path) -> None:
    journal = Journal(file, long=2_000)
    journal.open()
    journal.came("first", b'{"a":1}')
    for number in range(500):
        journal.came(f"k{number}", b'{"a":1}')
        journal.sync()
        journal.done(f"k{number}")
        if journal.is_long:
            journal.fold()
        assert file.stat().st_size < 2_200
    journal.came("last", b"{}")
    journal.close()
    again = Journal(file)
    again.open()
    assert list(again.waiting.items()) == [("first", b'{"a":1}'), ("last", b"{}")]
    assert file.read_bytes().count(b"\n") == 2
    again.close()


def test_a_long_queue_is_not_written_anew_for_each_job(file: Path) -> None:
    journal = Journal(file, long=1_000)
    journal.open()
    for number in range(400):
        journal.came(f"k{number}", b'{"a":1}')
    folds = 0
    for number in range(400):
        journal.done(f"k{number}")
        if journal.is_long:
            journal.fold()
            folds += 1
    assert 1 <= folds <= 10
    journal.close()


def test_nothing_is_lost_where_the_disk_does_not_take_the_new_files_name(file: Path) -> None:
    journal = Nameless(file)
    journal.open()
    journal.came("k1", b"{}")
    journal.broken = True
    with pytest.raises(OSError, match="Input/output"):
        journal.fold()
    journal.came("k2", b"{}")
    with pytest.raises(OSError, match="Input/output"):
        journal.sync()  # a name that may be gone after a loss of power keeps nothing
    journal.broken = False
    journal.sync()
    journal.close()
    again = Journal(file)
    again.open()
    assert list(again.waiting) == ["k1", "k2"]
    again.close()


def test_where_too_much_waits_no_more_is_promised(file: Path) -> None:
    async def work(inbox: JournalInbox, behind: FakeInbox) -> None:
        behind.down.set()
        answers = [await outcome(inbox.accept(job(number))) for number in range(5)]
        assert answers == ["stored", "stored", "unavailable", "unavailable", "unavailable"]
        assert await inbox.unready() == "too many jobs wait for the database"
        assert await inbox.accept(job(0)) == "duplicate"

    opened(Journal(file, full=len(to_json(job(0))) + 100), work)


def test_a_job_of_another_version_is_told_and_kept_and_holds_up_nobody(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    journal = Journal(file)
    journal.open()
    journal.came("odd", b'{"kind":"unheard-of"}')
    journal.close()

    async def work(inbox: JournalInbox, behind: FakeInbox) -> list[str]:
        await inbox.accept(job(1))
        await inbox.settled()
        return behind.jobs

    assert opened(Journal(file), work) == ["start/1"]
    assert "job odd stays in the journal" in caplog.text
    assert b"unheard-of" in file.read_bytes()


def test_where_handing_on_has_ended_nothing_is_promised_and_the_log_says_why(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(inbox: JournalInbox, behind: FakeInbox) -> None:
        behind.bug.set()
        assert await inbox.accept(job(1)) == "stored"
        while await inbox.unready() != "Jobs are not handed on any more.":  # noqa: ASYNC110 -- as a prober does
            await asyncio.sleep(0.01)
        assert await outcome(inbox.accept(job(2))) == "unavailable"

    opened(Journal(file), work)
    assert "a fault of ours" in caplog.text
    assert opened(Journal(file), taken_up) == ["start/1"]


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from bot.web.journal import Journal
from bot.web.journal_inbox import JournalInbox
from tests.unit.web.test_journal import FakeInbox, job

class Telling(Journal):
    def sync(self):
        super().sync()
        print("synced", flush=True)

async def main():
    behind = FakeInbox()
    behind.down.set()
    inbox = JournalInbox(Telling(Path(sys.argv[1])), behind)
    await inbox.open()
    for number in (1, 2):
        print(await inbox.accept(job(number)), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


def test_what_was_promised_was_synced_first_and_survives_kill_9(file: Path) -> None:
    root = Path(__file__).parents[3]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(file)], cwd=root, stdout=subprocess.PIPE, text=True, timeout=60, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert killed.stdout.split() == ["synced", "stored"] * 2
    assert opened(Journal(file), taken_up) == ["start/1", "start/2"]
