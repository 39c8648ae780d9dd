"""The tree as rules see it: walked once, each file read and parsed at most once and only when a rule asks."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from posixpath import basename, dirname, join, normpath
from typing import Final, TypeVar, cast

from bot.errors import ParseError
from bot.parse.compose import NAMES, ComposeStack, Service, override_of, read_compose
from bot.parse.dockerfile import parse_dockerfile
from bot.parse.dockerfile_image import BuiltImage, built_image
from bot.parse.dockerfile_model import Dockerfile
from bot.parse.env_file import EnvFile, read_env
from bot.parse.source import Source, decode

T = TypeVar("T")

MAX_FILES: Final = 20_000
MAX_BYTES: Final = 4_000_000
TOO_LARGE: Final = f"is larger than {MAX_BYTES // 1_000_000} MB and was not read"
MAX_DEPTH: Final = 40
# Folders whose stacks and Dockerfiles nobody runs as they are.
_SPECIMENS: Final = frozenset({"tests", "test", "fixtures", "testdata", "examples", "example", ".devcontainer", "docs"})
# Never ours to judge: what tools fetch, build or keep.
SKIPPED: Final = frozenset(
    {".git", ".hg", ".svn", "node_modules", "vendor", ".venv", "venv", "__pycache__", ".mypy_cache", ".ruff_cache"}
    | {".pytest_cache", ".tox", ".next", ".nuxt", ".cache", ".terraform", ".idea", ".vscode"}
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Built:
    """A service that is built, and what its build gives.

    Attributes:
        stack: The stack it belongs to.
        service: The service.
        dockerfile: Its Dockerfile; None where that is missing, broken, inline, remote or not known.
        image: What the build of its target gives; None where `dockerfile` is None or has no such stage.
    """

    stack: ComposeStack
    service: Service
    dockerfile: Dockerfile | None
    image: BuiltImage | None


class Tree:
    """The files under one folder. Nothing here raises for what a file holds, or for a file that vanishes."""

    def __init__(
        self,
        root: Path,
        *,
        changed: frozenset[str] | None = None,
        within: str = "",
        overlay: Mapping[str, str | None] | None = None,
    ) -> None:
        """Look at `root`.

        Args:
            root: The folder; paths are relative to it and `/`-separated.
            changed: The files that a run wrote; None where no run is known, and then every file counts.
            within: Only the files under this folder, such as `src`.
            overlay: Texts as if they had been written, None as if deleted; a path that ends in `/` is a folder.
        """
        self.root = Path(os.path.realpath(root))
        self.changed = changed
        self.within = within
        self.overlay = dict(overlay or {})
        self._laid_folders = _folders_of(self.overlay)
        self.errors: list[ParseError] = []
        self.notes: list[str] = []
        self.unread: list[str] = []  # because they are too large
        self._reals: dict[str, Path | None] = {}
        self._memory: dict[object, object] = {}
        self._sources: dict[str, Source | None] = {}
        self._dockerfiles: dict[str, Dockerfile | None] = {}

    # ---- files

    @cached_property
    def _walked(self) -> tuple[tuple[str, ...], frozenset[str]]:
        files: list[str] = []
        folders: set[str] = set()
        too_deep = False
        waiting = [(self.within, 0)]
        while waiting and len(files) < MAX_FILES:
            folder, depth = waiting.pop()
            try:
                entries = sorted(os.scandir(self.root / folder), key=lambda entry: entry.name)
            except OSError:
                continue
            for entry in entries:
                path = f"{folder}/{entry.name}" if folder else entry.name
                try:
                    is_folder = entry.is_dir(follow_symlinks=False)
                    is_file = not is_folder and entry.is_file()
                except OSError:
                    continue
                if is_folder and entry.name not in SKIPPED:
                    folders.add(path)
                    if depth < MAX_DEPTH:
                        waiting.append((path, depth + 1))
                    too_deep = too_deep or depth >= MAX_DEPTH
                elif is_file:
                    files.append(path)
        if len(files) >= MAX_FILES:
            self.notes.append(f"only the first {MAX_FILES} files were looked at")
        if too_deep:
            self.notes.append(f"folders deeper than {MAX_DEPTH} were not looked into")
        laid = {path for path, text in self.overlay.items() if text is not None and not path.endswith("/")}
        gone = {path for path, text in self.overlay.items() if text is None}
        return tuple(sorted({*files, *laid} - gone)), frozenset(folders | self._laid_folders)

    @property
    def files(self) -> tuple[str, ...]:
        """All files, sorted; without what tools fetch or build (`.git`, `node_modules`, `vendor` ...)."""
        return self._walked[0]

    @property
    def folders(self) -> frozenset[str]:
        """All folders beneath the root."""
        return self._walked[1]

    def under(self, folder: str) -> tuple[str, ...]:
        """Return the files under `folder` ("" or "." for all), relative to the tree."""
        if folder in {"", "."}:
            return self.files
        prefix = folder.rstrip("/") + "/"
        return tuple(path for path in self.files if path.startswith(prefix))

    def wrote(self, path: str) -> bool:
        """Whether the run wrote this file; True for every file where no run is known."""
        return self.changed is None or path in self.changed

    def inside(self, path: str) -> bool:
        """Whether `path` lies in the tree, symlinks followed."""
        return self._real(path) is not None

    def _real(self, path: str) -> Path | None:
        """Return where `path` really lies; None where it leaves the tree, also by symlink."""
        normal = normpath(path)
        if normal not in self._reals:
            self._reals[normal] = self._followed(normal)
        return self._reals[normal]

    def _followed(self, normal: str) -> Path | None:
        if normal.startswith(("/", "..")) or "\x00" in normal:
            return None
        root = str(self.root)
        try:
            real = os.path.realpath(f"{root}/{normal}")
        except (OSError, ValueError):
            return None
        return Path(real) if real == root or real.startswith(root.rstrip("/") + "/") else None

    def _mode(self, path: str) -> int:
        normal = normpath(path)
        if normal in self.overlay:
            return 0 if self.overlay[normal] is None else stat.S_IFREG | 0o644
        if normal in self._laid_folders:
            return stat.S_IFDIR | 0o755
        real = self._real(path)
        try:
            return real.stat().st_mode if real is not None else 0
        except (OSError, ValueError):
            return 0

    def is_file(self, path: str) -> bool:
        """Whether `path` is a regular file in the tree."""
        return stat.S_ISREG(self._mode(path))

    def is_folder(self, path: str) -> bool:
        """Whether `path` is a folder in the tree."""
        return stat.S_ISDIR(self._mode(path))

    def exists(self, path: str) -> bool:
        """Whether `path` is anything in the tree."""
        return self._mode(path) != 0

    def read(self, path: str) -> Source | None:
        """Return a file's text; None where it is missing, outside the tree, over 4 MB, or not text."""
        try:
            return self.read_strictly(path)
        except ParseError:
            return None

    def read_strictly(self, path: str) -> Source | None:
        """Return a file's text; None where it is missing or outside the tree.

        Raises:
            ParseError: it is over 4 MB or not text.
        """
        normal = normpath(path)
        if normal in self._sources:
            return self._sources[normal]
        self._sources[normal] = None
        if normal in self.overlay:
            text = self.overlay[normal]
            self._sources[normal] = None if text is None else Source(normal, text)
            return self._sources[normal]
        real = self._real(normal)
        data = _bytes(real) if real is not None else None
        if data is None:
            return None
        if len(data) > MAX_BYTES:
            self.unread.append(normal)
            raise ParseError(f"{normal} {TOO_LARGE}", path=normal)
        self._sources[normal] = decode(normal, data)
        return self._sources[normal]

    def remember(self, key: object, make: Callable[[], T]) -> T:
        """Return what `make` returned the first time for `key`: for what several rules conclude from this tree."""
        if key not in self._memory:
            self._memory[key] = make()
        return cast("T", self._memory[key])

    # ---- stacks

    @cached_property
    def compose_paths(self) -> tuple[str, ...]:
        """The main compose files: in each folder the one that compose would take."""
        folders: dict[str, str] = {}
        for path in self.files:
            name, folder = basename(path), dirname(path)
            if (
                name in NAMES
                and not _is_specimen(path)
                and (folder not in folders or NAMES.index(name) < NAMES.index(basename(folders[folder])))
            ):
                folders[folder] = path
        return tuple(sorted(folders.values(), key=lambda path: (not path.startswith("src/"), path)))

    @cached_property
    def stacks(self) -> tuple[ComposeStack, ...]:
        """All stacks that can be read; what cannot is in `errors`."""
        found = []
        for path in self.compose_paths:
            overrides = tuple(other for other in override_of(path) if self.is_file(other))[:1]
            try:
                stack = read_compose(self.read_strictly, path, overrides)
            except ParseError as error:
                self.errors.append(error)
                continue
            if stack is not None:
                found.append(stack)
        return tuple(found)

    @property
    def stack(self) -> ComposeStack | None:
        """The stack of `src/`, or the first there is."""
        return self.stacks[0] if self.stacks else None

    @cached_property
    def builds(self) -> tuple[Built, ...]:
        """Every built service, with its Dockerfile and what the build of its target gives."""
        found = []
        for stack in self.stacks:
            for service in stack.services:
                build = service.build
                if build is None:
                    continue
                dockerfile = self.dockerfile(build.dockerfile) if build.dockerfile is not None else None
                image = None
                if dockerfile is not None and build.target is not None:
                    image = built_image(dockerfile, build.target, build.args)
                found.append(Built(stack=stack, service=service, dockerfile=dockerfile, image=image))
        return tuple(found)

    def built(self, service: Service) -> Built | None:
        """Return what the build of `service` gives; None where it is not built."""
        return next((built for built in self.builds if built.service is service), None)

    # ---- Dockerfiles

    @cached_property
    def dockerfile_paths(self) -> tuple[str, ...]:
        """Files that are Dockerfiles by their name, and those that a service names."""
        named = {path for path in self.files if _is_dockerfile(basename(path))}
        builds = (service.build for stack in self.stacks for service in stack.services)
        used = {build.dockerfile for build in builds if build is not None and build.dockerfile is not None}
        named = {path for path in named if not _is_specimen(path)}
        return tuple(sorted(named | {path for path in used if self.is_file(path)}))

    @cached_property
    def dockerfiles(self) -> tuple[Dockerfile, ...]:
        """All Dockerfiles that can be read; what cannot is in `errors`."""
        found = (self.dockerfile(path) for path in self.dockerfile_paths)
        return tuple(dockerfile for dockerfile in found if dockerfile is not None)

    def dockerfile(self, path: str) -> Dockerfile | None:
        """Return a parsed Dockerfile; None where it is missing or broken."""
        normal = normpath(path)
        if normal not in self._dockerfiles:
            self._dockerfiles[normal] = None
            try:
                source = self.read_strictly(normal)
                self._dockerfiles[normal] = parse_dockerfile(source) if source is not None else None
            except ParseError as error:
                self.errors.append(error)
        return self._dockerfiles[normal]

    # ---- env files

    def env_file(self, path: str) -> EnvFile | None:
        """Return a parsed env file; None where there is none."""
        source = self.read(path)
        return read_env(source) if source is not None else None

    def env_example(self, stack: ComposeStack) -> EnvFile | None:
        """Return the `.env.example` beside a stack's compose file; None where there is none."""
        return self.env_file(join(stack.folder, ".env.example"))


def _folders_of(paths: Iterable[str]) -> frozenset[str]:
    """Return every folder that must be there for `paths` to be."""
    found: set[str] = set()
    for path in paths:
        folder = path.rstrip("/") if path.endswith("/") else dirname(path)
        while folder:
            found.add(folder)
            folder = dirname(folder)
    return frozenset(found)


def _is_specimen(path: str) -> bool:
    """Whether a file is kept to look at or test with, not to run: in a folder of tests, examples, documents."""
    return bool(_SPECIMENS & set(dirname(path).lower().split("/")))


def _is_dockerfile(name: str) -> bool:
    lower = name.lower()
    if lower.endswith((".dockerignore", ".md", ".txt", ".j2", ".tmpl", ".template", ".sh", ".yml", ".yaml", ".json")):
        return False
    return lower in {"dockerfile", "containerfile"} or lower.startswith("dockerfile.") or lower.endswith(".dockerfile")


def _bytes(path: Path) -> bytes | None:
    """Read a regular file, at most one byte more than allowed; None where it is none, or vanishes, or is locked."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return None
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read(MAX_BYTES + 1)
    except OSError:
        return None
    finally:
        os.close(handle)
