"""The artifact of a workflow, attacked: nothing that is forged, broken or somebody else's is ever healthy."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import InvalidValueError
from bot.model.artifact import RunNote
from bot.model.codec import to_builtins
from bot.model.health import HealthReport, Outcome
from bot.report.artifact import artifact_files
from bot.report.health_markdown import health_markdown
from bot.verify.artifact import Expected, read_artifact
from bot.verify.judge import judge
from bot.verify.unzip import Bounds, read_files
from tests.unit.report.reading import assert_contained, hostile
from tests.unit.verify.records import failing, healthy, record

COMMIT = "a" * 40
EXPECTED = Expected(commit=COMMIT, repository="acme/shop", run_id=42, run_attempt=1, succeeded=True)
GOOD = judge(record(healthy("db"), healthy("app"), commit=COMMIT))
BAD = judge(record(failing("app", output="sh: 1: curl: not found", exit_code=127), commit=COMMIT))


def note(report: HealthReport, **changes: object) -> RunNote:
    made = RunNote(outcome=report.outcome.value, commit=report.commit, repository="acme/shop", run_id=42, run_attempt=1)
    return replace(made, **changes)  # type: ignore[arg-type]


def files(report: HealthReport, **changes: object) -> dict[str, str | bytes]:
    return dict(artifact_files(report, note(report, **changes)))


def zipped(contents: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def edited(report: HealthReport, **changes: Any) -> bytes:
    """The archive, its report's JSON changed by hand."""
    made = files(report)
    made["report.json"] = json.dumps(to_builtins(report) | changes)
    return zipped(made)


def test_an_honest_artifact_is_read_as_it_was_written() -> None:
    assert read_artifact(zipped(files(GOOD)), EXPECTED) == GOOD
    assert read_artifact(zipped(files(BAD)), replace(EXPECTED, succeeded=False)) == BAD


def with_entry(name: str, *, mode: int = stat.S_IFREG | 0o644, data: str | bytes = "x") -> bytes:
    buffer = io.BytesIO(zipped(files(GOOD)))
    with zipfile.ZipFile(buffer, "a") as archive:
        entry = zipfile.ZipInfo(name)
        entry.external_attr = mode << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, data)
    return buffer.getvalue()


def twice() -> bytes:
    with pytest.warns(UserWarning, match="Duplicate"):
        return with_entry("report.json")


ARCHIVES: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "cannot be read"),
    "no archive": (lambda: b"{}" * 100, "cannot be read"),
    "cut off": (lambda: zipped(files(GOOD))[:-40], "cannot be read"),
    "a damaged file": (
        lambda: zipped(files(GOOD), zipfile.ZIP_STORED).replace(b'"outcome"', b'"0utcome"'),
        "cannot be read",
    ),
    "without a report": (
        lambda: zipped({k: v for k, v in files(GOOD).items() if k != "report.json"}),
        "no `report.json`",
    ),
    "without a note": (lambda: zipped({k: v for k, v in files(GOOD).items() if k != "run.json"}), "no `run.json`"),
    "absolute": (lambda: with_entry("/etc/passwd"), "leaves its folder"),
    "above": (lambda: with_entry("../report.json"), "leaves its folder"),
    "in the middle": (lambda: with_entry("logs/../../x"), "leaves its folder"),
    "a drive": (lambda: with_entry("C:/x"), "leaves its folder"),
    "a backslash": (lambda: with_entry("..\\x"), "leaves its folder"),
    "a link": (
        lambda: with_entry("logs/x", mode=stat.S_IFLNK | 0o777, data="/etc/passwd"),
        "neither a file nor a folder",
    ),
    "a device": (lambda: with_entry("logs/x", mode=stat.S_IFBLK | 0o600), "neither a file nor a folder"),
    "a name twice": (twice, "a name twice"),
    "a name in two cases": (lambda: with_entry("REPORT.json"), "a name twice"),
    "a name with NUL": (lambda: with_entry("logs/x0.log").replace(b"logs/x0.log", b"logs/x\0.log"), "cannot be shown"),
    "a name of control characters": (lambda: with_entry("logs/\x1b[2J"), "cannot be shown"),
    "a long name": (lambda: with_entry("x" * 400), "cannot be shown"),
    "a bomb": (lambda: with_entry("logs/zeros.log", data=b"\0" * 20_000_000), "grows more than"),
    "many entries": (
        lambda: zipped({**files(GOOD), **{f"logs/{n}": "" for n in range(1200)}}),
        "more than 1000 entries",
    ),
    "a huge report": (lambda: zipped({**files(GOOD), "report.json": noise(9)}), "larger than"),
    "a huge archive": (lambda: zipped({**files(GOOD), "x": noise(21)}, zipfile.ZIP_STORED), "larger than"),
    "packed oddly": (lambda: zipped(files(GOOD), zipfile.ZIP_BZIP2), "unusual way"),
    "no JSON": (lambda: zipped({**files(GOOD), "report.json": "healthy"}), "no JSON"),
    "deep JSON": (lambda: zipped({**files(GOOD), "report.json": "[" * 200_000}), ""),
    "NaN": (lambda: zipped({**files(GOOD), "report.json": '{"outcome":"healthy","window":NaN}'}), "no JSON"),
    "another shape": (lambda: zipped({**files(GOOD), "report.json": '{"outcome":"fine"}'}), "not a valid HealthReport"),
    "not UTF-8": (lambda: zipped({**files(GOOD), "report.json": b"\xff\xfe"}), "no JSON"),
    "a note of another shape": (lambda: zipped({**files(GOOD), "run.json": "[]"}), "not a valid RunNote"),
    "of another commit": (lambda: zipped(files(GOOD, commit="b" * 40)), "another commit"),
    "of another run": (lambda: zipped(files(GOOD, run_id=41)), "another run"),
    "of an earlier attempt": (lambda: zipped(files(GOOD, run_attempt=2)), "another run"),
    "of another repository": (lambda: zipped(files(GOOD, repository="acme/office")), "another repository"),
    "of another version": (lambda: zipped(files(GOOD, version=2)), "not known here"),
    "a report about another commit": (lambda: edited(GOOD, commit="b" * 40), "another commit"),
    "healthy without a record": (lambda: edited(GOOD, record=None), "no record"),
    "a sick record called healthy": (lambda: edited(BAD, outcome="healthy"), "not the one that its own record gives"),
    "a sick report with a healthy note": (
        lambda: zipped(files(BAD, outcome="healthy")),
        "not the one that its own record",
    ),
    "healthy without a service": (
        lambda: zipped(forged(record(commit=COMMIT))),
        "not the one that its own record gives",
    ),
    "a record of another commit": (
        lambda: edited(GOOD, record=to_builtins(record(healthy(), commit="b" * 40))),
        "another commit",
    ),
    "changed files": (lambda: zipped(files(judge(record(healthy(), commit=COMMIT, dirty=True)))), "changed between"),
}


def noise(megabytes: int) -> bytes:
    import random

    return random.Random(7).randbytes(megabytes * 1024 * 1024)


def forged(recorded: Any) -> dict[str, str | bytes]:
    report = replace(judge(recorded), outcome=Outcome.HEALTHY)
    return files(report)


@pytest.mark.parametrize("attack", ARCHIVES)
def test_an_attack_is_refused_in_words(attack: str) -> None:
    make, said = ARCHIVES[attack]
    with pytest.raises(InvalidValueError) as refused:
        read_artifact(make(), EXPECTED)
    assert said in refused.value.what
    assert len(refused.value.what) < 400


def test_healthy_from_a_workflow_that_failed_is_not_healthy() -> None:
    with pytest.raises(InvalidValueError, match="the workflow failed"):
        read_artifact(zipped(files(GOOD)), replace(EXPECTED, succeeded=False))


@given(words=hostile)
def test_hostile_words_of_an_artifact_stay_words(words: str) -> None:
    words = words.encode("utf-8", "replace").decode()  # a lone surrogate cannot stand in the JSON of an artifact
    sick = judge(record(failing("app", output=words, log=(words,)), commit=COMMIT))
    report = read_artifact(zipped(files(sick)), EXPECTED)
    assert_contained(health_markdown(report), headings=1)


def test_secrets_of_an_artifact_are_taken_out() -> None:
    token = "ghp_" + "a1B2" * 9
    sick = judge(record(failing("app", output=f"token {token}", log=(token,)), commit=COMMIT))
    assert token not in str(read_artifact(zipped(files(sick)), EXPECTED))


@given(data=st.binary(max_size=400))
def test_any_bytes_are_refused_and_nothing_else_happens(data: bytes) -> None:
    with pytest.raises(InvalidValueError):
        read_artifact(data, EXPECTED)


@given(where=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_an_archive_with_any_byte_changed_is_as_it_was_or_refused(where: int, byte: int) -> None:
    data = bytearray(zipped(files(GOOD)))
    data[where % len(data)] = byte
    try:
        assert read_artifact(bytes(data), EXPECTED) == GOOD
    except InvalidValueError as refused:
        assert refused.what  # noqa: PT017 -- both ends are right


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda it: (
            st.lists(it, max_size=3)
            | st.dictionaries(
                st.sampled_from(["outcome", "record", "services", "ended", "commit", "moments", "name"]), it, max_size=4
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_in_its_place_is_refused(value: Any) -> None:
    made = files(GOOD) | {"report.json": json.dumps(value)}
    with pytest.raises(InvalidValueError):
        read_artifact(zipped(made), EXPECTED)


def test_the_sizes_in_the_directory_are_not_believed() -> None:
    data = bytearray(zipped({"a": b"\0" * 5_000}))
    with pytest.raises(InvalidValueError, match="larger than 100 bytes"):
        read_files(bytes(data), ["a"], Bounds(file=100))
