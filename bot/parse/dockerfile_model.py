"""What a Dockerfile says: instructions, stages, health checks, each part with its place."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.parse.dockerfile_lines import Heredoc
from bot.parse.dockerfile_text import Text, Word
from bot.parse.source import Source, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """`--name=value` of an instruction; `value` is empty where only the name was given."""

    name: str
    value: str
    word: Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One `name=value` of ENV, ARG or LABEL; `value` is None for an ARG without default."""

    name: str
    value: str | None
    word: Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """One instruction.

    Attributes:
        keyword: Upper-case.
        place: The keyword as a word.
        flags: In order.
        body: What stands behind keyword and flags.
        words: Its arguments: of the JSON array for an exec form, else split at blanks with quotes removed.
        exec_form: The body is a JSON array.
        pairs: For ENV, ARG and LABEL.
        heredocs: For RUN, COPY and ADD.
        start: File offset of its first character.
        end: File offset behind its last one, heredocs included.
        trigger: The instruction that an ONBUILD holds back.
    """

    keyword: str
    place: Word
    flags: tuple[Flag, ...]
    body: Text
    words: tuple[Word, ...]
    exec_form: bool
    pairs: tuple[Pair, ...]
    heredocs: tuple[Heredoc, ...]
    start: int
    end: int
    trigger: Instruction | None = None

    def flag(self, name: str) -> str | None:
        """Return the value of the last flag `name`, or None."""
        return next((flag.value for flag in reversed(self.flags) if flag.name == name), None)

    def flag_values(self, name: str) -> tuple[str, ...]:
        """Return the values of every flag `name`, such as `--mount`."""
        return tuple(flag.value for flag in self.flags if flag.name == name)

    @property
    def line(self) -> int:
        """1-based line of the keyword."""
        return self.place.line

    @property
    def column(self) -> int:
        """1-based column of the keyword."""
        return self.place.column


@dataclass(frozen=True, slots=True, kw_only=True)
class DockerfileHealthcheck:
    """A HEALTHCHECK; times in seconds, None where not given.

    Attributes:
        instruction: Where it stands.
        none: `HEALTHCHECK NONE`.
        words: The exec form's words; empty for a shell form.
        shell: The shell form's text; None for an exec form and for NONE.
    """

    instruction: Instruction
    none: bool = False
    words: tuple[Word, ...] = ()
    shell: Text | None = None
    interval: float | None = None
    timeout: float | None = None
    start_period: float | None = None
    start_interval: float | None = None
    retries: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One FROM and what follows it.

    Attributes:
        index: 0-based.
        name: Lower-case, "" where it has none.
        base: The image or stage as written in the file.
        platform: `--platform`, "" where not given.
        instructions: Behind the FROM.
    """

    index: int
    name: str
    base: Word
    platform: str
    from_: Instruction
    instructions: tuple[Instruction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dockerfile:
    """A parsed Dockerfile.

    Attributes:
        path: As it was given to the parser.
        source: Its text, with positions.
        directives: `syntax`, `escape`, `check`, where given.
        global_args: ARGs in front of the first FROM.
        stages: At least one.
    """

    path: str
    source: Source
    directives: dict[str, str]
    global_args: tuple[Instruction, ...]
    stages: tuple[Stage, ...]
    healthchecks: dict[int, DockerfileHealthcheck] = field(default_factory=dict)

    @property
    def escape(self) -> str:
        """The escape character: a backslash, or a backtick."""
        return self.directives.get("escape", "\\")

    def span(self, part: Word | Instruction) -> Span:
        """Return where a word or an instruction (without heredocs and trailing lines) stands."""
        if isinstance(part, Instruction):
            words = (*part.words, *(flag.word for flag in part.flags), part.place)
            return Span(self.source, part.start, max(word.end for word in words))
        return Span(self.source, part.start, part.end)

    def healthcheck(self, instruction: Instruction) -> DockerfileHealthcheck:
        """Return the health check that a HEALTHCHECK of this file is."""
        return self.healthchecks[instruction.start]

    def stage_named(self, name: str, before: int | None = None) -> Stage | None:
        """Return the stage that `name` means (by name or number), among those in front of stage `before`."""
        limit = len(self.stages) if before is None else before
        wanted = name.lower()
        # The latest stage of a name wins, as in BuildKit.
        named = next((s for s in reversed(self.stages[:limit]) if s.name and s.name == wanted), None)
        if named is None and wanted.isdigit() and int(wanted[:9]) < limit:
            return self.stages[int(wanted)]
        return named
