"""Scans Markdown into passages: each a piece of text with the structure that gives it meaning."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from bot.brief.tables import row_title, split, today

Kind = Literal["heading", "text", "item", "cell", "code", "diagram", "tree"]

_FENCE: Final = re.compile(r"^\s{0,12}(?:>\s*)*(?:[-*+]\s+)?(`{3,}|~{3,})\s*([\w+#.-]*)")
_HEADING: Final = re.compile(r"^\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_ITEM: Final = re.compile(r"^(\s*)(?:[-*+•◦▪]|\d{1,3}[.)、]|[a-z][.)])\s+(.*)$")
_RULE: Final = re.compile(r"^\s{0,3}(?:[-*_]\s*){3,}$")
_UNDERLINE: Final = re.compile(r"^\s{0,3}(=+|-{3,})\s*$")
_SEPARATOR: Final = re.compile(r"^\s*(?:\|\s*)?:?-+:?\s*\|[\s|:-]*$")
_BOLD_TITLE: Final = re.compile(r"^\s*\*\*([^*]{2,90}?)\s*[:：]?\s*\*\*\s*[:：]?\s*$")
_BOX: Final = re.compile(r"[│┌┐└┘├┤┬┴┼─═║╔╗╚╝▼▲►◄→←↓↑▶◀]|\+-{3,}|-{2,}>|<-{2,}|={2,}>|^\s*\|\s|\s\|\s*$")
_SUBGRAPH: Final = re.compile(r"^\s*subgraph\s+(?:\w+\s*\[)?(.+)$")
_TREE: Final = re.compile(r"(?:├──|└──|├─|└─|\|--(?!-)|`--|\+--(?![-+]))")
_DIAGRAM_LANGUAGES: Final = frozenset({"mermaid", "plantuml", "puml", "dot", "graphviz", "d2", "ascii", "diagram"})
_TEXT_LANGUAGES: Final = frozenset({"", "text", "txt", "plaintext", "plain", "markdown", "md"})
_MAX_DEPTH: Final = 12
_LONGEST: Final = 4000


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: level from 1 (bold lines that stand alone count as 7), its text, its 1-based line."""

    level: int
    text: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A piece of text and where it stands.

    Attributes:
        text: As written, without list marker; several lines for a paragraph.
        line: 1-based line of its first character.
        headings: The headings above it, outermost first.
        parents: Texts of the list items it is nested in, outermost first, after the paragraph that introduces the list.
        column: The table column's header, for a cell.
        row: The row's first cell that is more than a number, for a cell.
        cells: The whole row, for a cell.
        columns: The headers of all columns, for a cell.
        now: The title of the one row that its writer marks as today's ("0-5k users (now)"), for a cell.
        language: The fence's language, for code.
        group: Number of the block (table, list, code block, paragraph) within the document.
    """

    kind: Kind
    text: str
    line: int
    headings: tuple[Heading, ...] = ()
    parents: tuple[str, ...] = ()
    column: str = ""
    row: str = ""
    cells: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    now: str = ""
    language: str = ""
    group: int = 0

    def line_at(self, offset: int) -> int:
        """Return the 1-based line of the character at `offset` of `text`."""
        return self.line + self.text.count("\n", 0, offset)


def passages(text: str) -> tuple[Passage, ...]:
    """Return the passages of the Markdown `text`, in order. Any text is accepted; the time is linear in its length."""
    return tuple(piece for passage in _Scanner(text.split("\n")).scan() for piece in _pieces(passage))


def _pieces(passage: Passage) -> Iterator[Passage]:
    """Cut what no person writes as one passage, so that the words around a name can be looked at in constant time."""
    text, start = passage.text, 0
    if len(text) <= _LONGEST:
        yield passage
        return
    while start < len(text):
        end = start + _LONGEST
        if end < len(text):
            end = max(text.rfind(" ", start + 1, end), start + _LONGEST // 2)
        yield replace(passage, text=text[start:end], line=passage.line_at(start), cells=(), row=passage.row[:_LONGEST])
        start = end


@dataclass(slots=True)
class _Scanner:
    lines: list[str]
    at: int = 0
    group: int = 0
    headings: tuple[Heading, ...] = ()
    intro: str = ""
    items: list[tuple[int, str]] = field(default_factory=list)

    def scan(self) -> Iterator[Passage]:
        yield from self._front_matter()
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if not line.strip():
                self.at += 1
                continue
            self.group += 1
            if fence := _FENCE.match(line):
                yield from self._code(fence)
            elif heading := _HEADING.match(line):
                yield self._head(len(heading[1]), heading[2], self.at)
                self.at += 1
            elif _RULE.match(line):
                self.items.clear()
                self.intro = ""
                if self.headings and self.headings[-1].level == 7:
                    self.headings = self.headings[:-1]
                self.at += 1
            elif "|" in line and self.at + 1 < len(self.lines) and _SEPARATOR.match(self.lines[self.at + 1]):
                yield from self._table()
            elif _ITEM.match(line):
                yield from self._list()
            elif line.startswith("    ") and not self.items:
                yield from self._indented()
            else:
                yield from self._paragraph()

    def _front_matter(self) -> Iterator[Passage]:
        if not self.lines or self.lines[0].strip() != "---":
            return
        for end in range(1, min(len(self.lines), 200)):
            if self.lines[end].strip() in {"---", "..."}:
                for number in range(1, end):
                    yield Passage(kind="text", text=self.lines[number], line=number + 1, language="front-matter")
                self.at = end + 1
                return

    def _head(self, level: int, text: str, index: int) -> Passage:
        above = tuple(h for h in self.headings if h.level < level)
        self.headings = (*above, Heading(level, text, index + 1))
        self.items.clear()
        self.intro = ""
        return Passage(kind="heading", text=text, line=index + 1, headings=self.headings, group=self.group)

    def _code(self, fence: re.Match[str]) -> Iterator[Passage]:
        start = self.at + 1
        mark, language = fence[1], fence[2].lower()
        end = start
        while end < len(self.lines):
            stripped = self.lines[end].strip().lstrip("> ")
            if stripped.startswith(mark) and not stripped.strip(mark[0]):
                break
            end += 1
        yield from self._code_lines(start, end, language)
        self.at = end + 1

    def _code_lines(self, start: int, end: int, language: str) -> Iterator[Passage]:
        body = self.lines[start:end]
        kind = _code_kind(body, language)
        parents = self._parents(99)
        groups: list[str] = []
        for number, line in enumerate(body, start + 1):
            if kind == "diagram":
                _follow(groups, line)
            if line.strip():
                yield Passage(
                    kind=kind,
                    text=line.replace("\\n", "  ") if kind == "diagram" else line,  # Mermaid writes line breaks as \n
                    line=number,
                    headings=self.headings,
                    parents=(*parents, *groups),
                    language=language,
                    group=self.group,
                )

    def _indented(self) -> Iterator[Passage]:
        start = self.at
        while self.at < len(self.lines) and (self.lines[self.at].startswith("    ") or not self.lines[self.at].strip()):
            self.at += 1
        yield from self._code_lines(start, self.at, "")

    def _parents(self, indent: int) -> tuple[str, ...]:
        above = tuple(text for depth, text in self.items if depth < indent)
        return (self.intro, *above) if self.intro else above

    def _table(self) -> Iterator[Passage]:
        header = split(self.lines[self.at])
        parents = self._parents(0)
        self.at += 2
        now = today(self.lines, self.at)
        while self.at < len(self.lines) and "|" in self.lines[self.at] and self.lines[self.at].strip():
            cells = split(self.lines[self.at])
            title = row_title(cells)
            for index, cell in enumerate(cells):
                if cell:
                    yield Passage(
                        kind="cell",
                        text=cell,
                        line=self.at + 1,
                        headings=self.headings,
                        parents=parents,
                        column=header[index] if index < len(header) else "",
                        row=title,
                        cells=cells,
                        columns=header,
                        now=now,
                        group=self.group,
                    )
            self.at += 1

    def _list(self) -> Iterator[Passage]:
        match = _ITEM.match(self.lines[self.at])
        if match is None:  # the caller matched it
            return
        indent = len(match[1].expandtabs(4))
        text, start = [match[2]], self.at
        self.at += 1
        while self.at < len(self.lines) and self._continues(self.lines[self.at]):
            text.append(self.lines[self.at].strip())
            self.at += 1
        while self.items and self.items[-1][0] >= indent:
            self.items.pop()
        joined = "\n".join(text)
        yield Passage(
            kind="item",
            text=joined,
            line=start + 1,
            headings=self.headings,
            parents=self._parents(indent),
            group=self.group,
        )
        if len(self.items) < _MAX_DEPTH:
            self.items.append((indent, joined[:200]))

    def _continues(self, line: str) -> bool:
        return bool(
            line.strip()
            and not _ITEM.match(line)
            and not _HEADING.match(line)
            and not _FENCE.match(line)
            and not _RULE.match(line)
            and not line.lstrip().startswith("|")
        )

    def _paragraph(self) -> Iterator[Passage]:
        start = self.at
        text = [self.lines[self.at]]
        self.at += 1
        while self.at < len(self.lines) and self._continues(self.lines[self.at]):
            if _UNDERLINE.match(self.lines[self.at]):
                break
            if (
                "|" in self.lines[self.at]
                and self.at + 1 < len(self.lines)
                and _SEPARATOR.match(self.lines[self.at + 1])
            ):
                break
            text.append(self.lines[self.at])
            self.at += 1
        if self.at < len(self.lines) and len(text) == 1 and (under := _UNDERLINE.match(self.lines[self.at])):
            self.at += 1
            yield self._head(1 if under[1][0] == "=" else 2, text[0].strip(), start)
            return
        if len(text) == 1 and (title := _BOLD_TITLE.match(text[0])):
            yield self._head(7, title[1], start)
            return
        joined = "\n".join(text)
        if not text[0].startswith((" ", "\t")):
            self.items.clear()
        yield Passage(
            kind="diagram" if len(text) > 1 and _drawn(text) else "text",
            text=joined,
            line=start + 1,
            headings=self.headings,
            parents=self._parents(len(text[0]) - len(text[0].lstrip())),
            group=self.group,
        )
        self.intro = text[-1].strip() if text[-1].rstrip().rstrip("*_ ").endswith((":", "：")) else ""


def _follow(groups: list[str], line: str) -> None:
    """Keep the titles of the Mermaid subgraphs that are open at `line`."""
    if opening := _SUBGRAPH.match(line):
        groups.append(opening[1].strip(' "[]'))
    elif groups and line.strip() == "end":
        groups.pop()


def _drawn(body: list[str]) -> bool:
    return sum(1 for line in body[:60] if _BOX.search(line)) * 3 >= len(body[:60])


def _code_kind(body: list[str], language: str) -> Kind:
    if language in _DIAGRAM_LANGUAGES:
        return "diagram"
    if language in _TEXT_LANGUAGES or language in {"bash", "sh"}:
        if sum(1 for line in body if _TREE.search(line)) * 4 >= max(len(body), 1) and not any(
            "┌" in line for line in body
        ):
            return "tree"
        if language in _TEXT_LANGUAGES and _drawn(body):
            return "diagram"
    return "code"
