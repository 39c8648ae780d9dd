"""Alpine packages in a stage, command by command: added, grouped under a name, removed again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from bot.check.sources.image_tools import split_image
from bot.parse.dockerfile_commands import instruction_commands
from bot.parse.dockerfile_image import BuiltImage
from bot.parse.dockerfile_model import Instruction
from bot.parse.shell import Command

PHPIZE: Final = "$PHPIZE_DEPS"
_COMPILERS: Final = frozenset({"gcc", "g++", "build-base", "clang"})
BUILD: Final = frozenset({PHPIZE, "autoconf", "make", *_COMPILERS})


@dataclass(slots=True)
class Packages:
    """What is installed just now.

    Attributes:
        there: Names, versions left out; `$PHPIZE_DEPS` for PHP's own list.
        groups: Name of a virtual package -> what it holds.
        unknown: A variable, a file or a script installed what cannot be told.
    """

    there: set[str] = field(default_factory=set)
    groups: dict[str, list[str]] = field(default_factory=dict)
    unknown: bool = False

    @property
    def can_phpize(self) -> bool:
        """Whether an extension can be compiled."""
        has_make = "make" in self.there or "build-base" in self.there
        return PHPIZE in self.there or ("autoconf" in self.there and has_make and bool(self.there & _COMPILERS))


def is_php_alpine(image: BuiltImage) -> bool:
    """Whether a stage begins with an official PHP image on Alpine."""
    repository, tag = split_image(image.base or "")
    return repository == "php" and "alpine" in tag


def is_php(image: BuiltImage) -> bool:
    """Whether a stage begins with an official PHP image."""
    return split_image(image.base or "")[0] == "php"


def commands_with_packages(image: BuiltImage) -> Iterator[tuple[Instruction, Command, Packages]]:
    """Yield each command of a stage's lineage with the packages just before it (one state, that moves on)."""
    state = Packages()
    for instruction in image.instructions:
        if instruction.keyword != "RUN":
            continue
        for command in instruction_commands(instruction):
            yield instruction, command, state
            _apply(command, image, state)


def _apply(command: Command, image: BuiltImage, state: Packages) -> None:
    if command.program != "apk":
        return
    words = [word for word in command.arguments if word not in {"--no-cache", "--update", "-U", "-q", "--quiet"}]
    group = ""
    packages: list[str] = []
    verb = ""
    rest = iter(words)
    for word in rest:
        if word in {"-t", "--virtual"}:
            group = next(rest, "")
        elif word.startswith("--virtual="):
            group = word.partition("=")[2]
        elif word in {"--repository", "-X"}:
            next(rest, None)
        elif not word.startswith("-"):
            if not verb:
                verb = word
            else:
                packages += _names(word, image, state)
    if verb == "add":
        state.there |= set(packages)
        if group:
            state.groups[group] = packages
    elif verb == "del":
        removed = {each for package in packages for each in state.groups.get(package, [package])}
        state.there -= removed


def _names(word: str, image: BuiltImage, state: Packages) -> list[str]:
    if re.fullmatch(r"\$\{?PHPIZE_DEPS\}?", word):
        return [PHPIZE]
    if "$" in word:
        match = re.fullmatch(r"\$\{?(\w+)\}?", word)
        value = image.env.get(match[1], image.args.get(match[1])) if match else None
        if not value:
            state.unknown = True
            return []
        return [name for each in value.split() for name in _names(each, image, state)]
    return [re.split(r"[=~<>@]", word)[0]]


@dataclass(frozen=True, slots=True)
class PeclInstall:
    """`pecl install` of one or more extensions, as name and version ("" for the newest)."""

    instruction: Instruction
    command: Command
    extensions: tuple[tuple[str, str], ...]


def pecl_install(instruction: Instruction, command: Command) -> PeclInstall | None:
    """Return what a command installs from PECL, or None where it is something else."""
    words = command.arguments
    if command.program not in {"pecl", "pickle"} or "install" not in words:
        return None
    names = [w for w in words[words.index("install") + 1 :] if not w.startswith("-") and "$" not in w and "/" not in w]
    found = []
    for name in names:
        match = re.fullmatch(r"([A-Za-z]\w*)(?:-(\d[\w.]*|stable|beta|alpha|devel|RC\d*))?(?:\.tgz)?", name)
        if match:
            found.append((match[1], match[2] or ""))
    return PeclInstall(instruction, command, tuple(found)) if found else None
