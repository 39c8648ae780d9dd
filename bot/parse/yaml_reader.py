"""YAML text to located nodes: one pass over libyaml's events, without recursion, bounded before anything expands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

import yaml

from bot.errors import ParseError
from bot.parse.nodes import Entry, Mapping, Node, Scalar, Sequence
from bot.parse.source import Source, Span
from bot.parse.yaml_scalar import meaning

MAX_CHARACTERS: Final = 2_000_000
MAX_DEPTH: Final = 60
MAX_NODES: Final = 200_000  # after aliases are expanded: beyond, a file is an attack, not a stack
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAGS: Final = frozenset({"tag:yaml.org,2002:str", "!"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong with the file that does not hinder reading the rest, such as a duplicate key."""

    message: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The first document of a YAML file; `root` is None where the file is empty."""

    source: Source
    root: Node | None
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class _Open:
    """A collection whose end has not come yet."""

    kind: type[Mapping | Sequence]
    start: int
    flow: bool
    tag: str
    anchor: str | None
    nodes: list[Node] = field(default_factory=list)
    size: int = 1
    end: int = 0


def read_yaml(source: Source) -> Document:
    """Read the first document of `source`.

    Raises:
        ParseError: not YAML, or beyond the bounds (2 million characters, 60 levels, 200 000 values after expanding
            aliases); carries the position.
    """
    if len(source.text) > MAX_CHARACTERS:
        raise _error(source, 0, f"is larger than {MAX_CHARACTERS // 1_000_000} MB and was not read")
    return _Reader(source).read()


def _error(source: Source, offset: int, words: str, hint: str = "") -> ParseError:
    line, column = source.position(min(max(offset, 0), len(source.text)))
    return ParseError(f"{source.path} {words}", path=source.path, line=line, column=column, hint=hint)


def _index(mark: yaml.Mark | yaml._yaml.Mark | None) -> int:
    """Return the offset of a mark; libyaml always sets it."""
    return mark.index if mark is not None else 0


class _Reader:
    """Builds nodes from events with an explicit stack."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.shift = 1 if source.text.startswith("\ufeff") else 0
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.unfinished: set[str] = set()
        self.stack: list[_Open] = []
        self.problems: list[Problem] = []
        self.total = 0
        self.root: Node | None = None

    def read(self) -> Document:
        """Go through the events."""
        text = self.source.text[self.shift :]
        try:
            for event in yaml.parse(text, Loader=_LOADER):
                if isinstance(event, yaml.ScalarEvent):
                    self._add(self._scalar(event), 1, event.anchor)
                elif isinstance(event, yaml.AliasEvent):
                    self._alias(event)
                elif isinstance(event, yaml.CollectionStartEvent):
                    self._open(event)
                elif isinstance(event, yaml.CollectionEndEvent):
                    self._close(event)
                elif isinstance(event, yaml.DocumentEndEvent):
                    break
        except yaml.MarkedYAMLError as error:
            raise self._syntax(error) from error
        except yaml.reader.ReaderError as error:
            found = re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]", self.source.text)
            words = "holds a control character, which YAML does not allow"
            raise _error(self.source, found.start() if found else 0, words) from error
        except UnicodeEncodeError as error:
            raise _error(self.source, error.start + self.shift, "holds a character that is not Unicode text") from error
        return Document(source=self.source, root=self.root, problems=tuple(self.problems))

    def _syntax(self, error: yaml.MarkedYAMLError) -> ParseError:
        mark = error.problem_mark or error.context_mark
        offset = mark.index + self.shift if mark else 0
        text = self.source.text
        start = text.rfind("\n", 0, offset) + 1
        if "\t" in text[start : offset + 1] and not text[start:offset].strip():
            return _error(self.source, offset, "is indented with a tab, which YAML does not allow", "use spaces")
        words = " ".join(part for part in (error.problem, error.context) if part)
        return _error(self.source, offset, f"is not valid YAML: {words}")

    def _span(self, start: int, end: int) -> Span:
        return Span(self.source, start + self.shift, end + self.shift)

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        style = event.style or ""
        span = self._span(_index(event.start_mark), _index(event.end_mark))
        if event.anchor or event.tag:  # the mark of an anchored scalar includes its anchor and tag
            prefix = re.match(r"(?:[&!]\S*\s+)*", span.text)
            span = Span(self.source, span.start + (prefix.end() if prefix else 0), span.end)
        typed = style == "" and event.implicit[0]
        value = meaning(event.value) if typed and event.tag not in _TAGS else event.value
        tag = event.tag if event.tag and not event.tag.startswith("tag:yaml.org") else ""
        return Scalar(value=value, raw=event.value, span=span, style=style, tag=tag)

    def _alias(self, event: yaml.AliasEvent) -> None:
        offset = _index(event.start_mark) + self.shift
        anchor = event.anchor or ""
        if anchor in self.unfinished:
            raise _error(self.source, offset, f"has an anchor that contains itself: *{anchor}")
        found = self.anchors.get(anchor)
        if found is None:
            raise _error(self.source, offset, f"uses *{anchor}, which no anchor before it defines")
        self._add(found[0], found[1], None)

    def _open(self, event: yaml.CollectionStartEvent) -> None:
        if len(self.stack) >= MAX_DEPTH:
            words = f"is nested deeper than {MAX_DEPTH} levels and was not read"
            raise _error(self.source, _index(event.start_mark) + self.shift, words)
        kind: type[Mapping | Sequence] = Mapping if isinstance(event, yaml.MappingStartEvent) else Sequence
        start = _index(event.start_mark)
        if event.anchor or event.tag:
            prefix = re.match(r"(?:[&!]\S*\s*(?:#[^\n]*\s*)?)*", self.source.text[start + self.shift :][:4096])
            start += prefix.end() if prefix else 0
        tag = event.tag if event.tag and not event.tag.startswith("tag:yaml.org") else ""
        self.stack.append(_Open(kind, start, bool(event.flow_style), tag, event.anchor))
        if event.anchor:
            self.unfinished.add(event.anchor)

    def _close(self, event: yaml.CollectionEndEvent) -> None:
        done = self.stack.pop()
        end = _index(event.end_mark)
        if not done.flow:  # the end of a block is where the next token begins; what is meant is its last value
            end = max((done.end, done.start))
        span = self._span(done.start, end)
        node: Node
        if done.kind is Sequence:
            node = Sequence(items=tuple(done.nodes), span=span, flow=done.flow, tag=done.tag)
        else:
            node = Mapping(entries=self._entries(done.nodes), span=span, flow=done.flow, tag=done.tag)
        if done.anchor:
            self.unfinished.discard(done.anchor)
        self._add(node, done.size, done.anchor)

    def _add(self, node: Node, size: int, anchor: str | None) -> None:
        if anchor:
            self.anchors[anchor] = (node, size)
        if not self.stack:
            self.root = node
            return
        parent = self.stack[-1]
        parent.nodes.append(node)
        parent.size += size
        if parent.size > MAX_NODES:
            words = f"expands to more than {MAX_NODES} values by its aliases and was not read"
            raise _error(self.source, node.span.start, words)
        own_end = node.span.end - self.shift
        parent.end = max(parent.end, own_end if node.span.start - self.shift >= parent.start else 0)

    def _entries(self, nodes: list[Node]) -> tuple[Entry, ...]:
        """Pair keys with values; report duplicates; put what merge keys bring after a mapping's own keys."""
        own: dict[str, Entry] = {}
        merges: list[Node] = []
        for key, value in zip(nodes[::2], nodes[1::2], strict=True):
            if not isinstance(key, Scalar):
                self.problems.append(Problem(message="a key must be text, not a list or a mapping", span=key.span))
                continue
            if key.raw == "<<" and key.style == "":
                merges.extend(value.items if isinstance(value, Sequence) else (value,))
                continue
            name = key.text
            if name in own:
                first = own[name].key.span.line
                words = f"the key `{name}` appears twice in one mapping; the first is on line {first}"
                self.problems.append(Problem(message=words, span=key.span))
                continue
            own[name] = Entry(key=key, value=value)
        for merged in merges:
            if not isinstance(merged, Mapping):
                words = "a merge key (`<<`) takes a mapping or a list of mappings"
                self.problems.append(Problem(message=words, span=merged.span))
                continue
            for entry in merged.entries:
                if entry.key.text not in own:
                    own[entry.key.text] = Entry(key=entry.key, value=entry.value, merged=True)
        return tuple(own.values())
