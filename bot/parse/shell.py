"""A splitter for POSIX shell commands: which programs run with which words, without running or expanding anything."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.parse.dockerfile_text import Text, Word

_OPERATORS = ("&&", "||", ";;", "|&", ";", "|", "&", "\n", "(", ")")
_REDIRECT = re.compile(r"(\d*)(&>>|&>|<<<|<<-|<<|>>|>&|<&|>\||<>|>|<)")
_OPENERS = frozenset({"if", "then", "else", "elif", "do", "while", "until", "{", "!", "time"})
_CLOSERS = frozenset({"fi", "done", "esac", "}"})
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=")
_SPACE = " \t\r"


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """A redirection: its operator (without descriptor) and its target."""

    operator: str
    target: Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One simple command.

    Attributes:
        words: Program and arguments; never empty.
        operator: What joins it to the command before: `""` for the first, `&&`, `||`, `;`, `|`, `&` or a newline.
        assignments: `NAME=value` words in front of the program.
        redirects: Where its output and input go.
    """

    words: tuple[Word, ...]
    operator: str = ""
    assignments: tuple[Word, ...] = ()
    redirects: tuple[Redirect, ...] = ()

    @property
    def program(self) -> str:
        """The program's name without its directory."""
        return self.words[0].value.rsplit("/", 1)[-1]

    @property
    def arguments(self) -> tuple[str, ...]:
        """The values behind the program."""
        return tuple(word.value for word in self.words[1:])


def split_commands(text: Text | str) -> tuple[Command, ...]:
    """Return the simple commands of a shell text in order.

    Control words (`if`, `then`, `do`, `{`, `!`) are left out, what they guard is kept. Command substitutions stay
    inside their word, as written. An unclosed quote ends with the text: nothing is raised.
    """
    return _Splitter(text if isinstance(text, Text) else Text.plain(text)).commands()


class _Splitter:
    """One pass over the text."""

    def __init__(self, text: Text) -> None:
        self.source = text
        self.text = text.text
        self.at = 0
        self.found: list[Command] = []
        self.words: list[Word] = []
        self.assignments: list[Word] = []
        self.redirects: list[Redirect] = []
        self.operator = ""
        self.next_operator = ""

    def commands(self) -> tuple[Command, ...]:
        text, length = self.text, len(self.text)
        while self.at < length:
            char = text[self.at]
            if char in _SPACE:
                self.at += 1
            elif char == "#":
                end = text.find("\n", self.at)
                self.at = length if end < 0 else end
            elif redirect := _REDIRECT.match(text, self.at):
                self._redirect(redirect)
            elif operator := next((o for o in _OPERATORS if text.startswith(o, self.at)), ""):
                self._flush(operator)
                self.at += len(operator)
            else:
                self._take(self._word())
        self._flush("")
        return tuple(self.found)

    def _take(self, word: Word) -> None:
        if not self.words:
            if word.raw in _OPENERS or (word.raw in _CLOSERS and not self.assignments):
                return
            if _ASSIGNMENT.match(word.raw):
                self.assignments.append(word)
                return
        self.words.append(word)

    def _flush(self, operator: str) -> None:
        if self.words:
            self.found.append(
                Command(
                    words=tuple(self.words),
                    operator=self.operator,
                    assignments=tuple(self.assignments),
                    redirects=tuple(self.redirects),
                )
            )
            self.operator = operator
        elif operator not in {"(", ")", "\n"}:
            self.operator = operator or self.operator
        self.words, self.assignments, self.redirects = [], [], []

    def _redirect(self, match: re.Match[str]) -> None:
        self.at = match.end()
        while self.at < len(self.text) and self.text[self.at] in _SPACE:
            self.at += 1
        if self.at < len(self.text) and not self._operator_here():
            self.redirects.append(Redirect(operator=match[2], target=self._word()))

    def _operator_here(self) -> bool:
        return any(self.text.startswith(o, self.at) for o in _OPERATORS)

    def _word(self) -> Word:
        """Read one word; always moves on by at least one character."""
        text, length = self.text, len(self.text)
        start = self.at
        value: list[str] = []
        while self.at < length:
            char = text[self.at]
            if char in _SPACE or char in "\n;|&()<>":
                break
            self.at += 1
            if char == "\\":
                if self.at < length and text[self.at] != "\n":
                    value.append(text[self.at])
                self.at += 1
            elif char == "'":
                end = text.find("'", self.at)
                end = length if end < 0 else end
                value.append(text[self.at : end])
                self.at = end + 1
            elif char == '"':
                self._double_quoted(value)
            elif char in "$`":
                value.append(self._expansion(char))
            else:
                value.append(char)
        self.at = min(max(self.at, start + 1), length)
        return self.source.word(start, self.at, "".join(value))

    def _double_quoted(self, value: list[str]) -> None:
        text, length = self.text, len(self.text)
        while self.at < length:
            char = text[self.at]
            self.at += 1
            if char == '"':
                return
            if char == "\\" and self.at < length:
                if text[self.at] == "\n":
                    pass
                elif text[self.at] in '"\\$`':
                    value.append(text[self.at])
                else:
                    value.append("\\" + text[self.at])
                self.at += 1
            elif char in "$`":
                value.append(self._expansion(char))
            else:
                value.append(char)

    def _expansion(self, char: str) -> str:
        """Return `$(...)`, `${...}`, `` `...` `` or the bare `$`, as written; `at` stands behind `char`."""
        text, start = self.text, self.at - 1
        if char == "`":
            end = text.find("`", self.at)
            self.at = len(text) if end < 0 else end + 1
        elif text.startswith(("(", "{"), self.at):
            self.at = _balanced(text, self.at)
        return text[start : self.at]


def _balanced(text: str, at: int) -> int:
    """Return the index behind the bracket that closes the one at `at`, quotes respected."""
    opening = text[at]
    closing = ")" if opening == "(" else "}"
    depth = 0
    quote = ""
    while at < len(text):
        char = text[at]
        if char == "\\" and quote != "'":
            at += 1
        elif quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == opening:
            depth += 1
        elif char == closing:
            depth -= 1
            if not depth:
                return at + 1
        at += 1
    return len(text)
