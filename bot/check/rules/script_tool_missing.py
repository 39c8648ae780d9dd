"""NPM01: a script that calls a tool which is not installed where it runs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from posixpath import dirname, join
from typing import Final

from bot.check.rule import Rule
from bot.check.sources.container_files import ContainerFiles, at_end, located_commands, walk
from bot.check.sources.contexts import Context, contexts, folder_of
from bot.check.sources.folder import Folder
from bot.check.sources.npm_installs import Mode, install_mode, named_packages, runs_scripts
from bot.check.sources.npm_tools import COMES_WITH, TOOLS
from bot.check.sources.once import each_place_once
from bot.check.sources.package_json import LIFECYCLE, PackageJson, read_package_json
from bot.check.sources.process import script_run
from bot.check.sources.runtimes import runtimes
from bot.check.tree import Tree
from bot.model.finding import Finding, Severity
from bot.parse.dockerfile_commands import instruction_commands
from bot.parse.dockerfile_model import Instruction, Stage
from bot.parse.dockerfile_text import Word
from bot.parse.shell import Command
from bot.parse.shell_wrappers import run_commands
from bot.parse.source import Source, Span

_GUARDS: Final = frozenset({"[", "test", "is-ci", "command", "which", "type", "if", "[["})
_DEPTH: Final = 6


@dataclass(frozen=True, slots=True)
class _Called:
    """A tool that a script calls, directly or through other scripts."""

    script: str
    tool: str
    packages: tuple[str, ...]


@each_place_once
def _check(tree: Tree) -> Iterator[Finding]:
    for path in tree.files:
        if path.rpartition("/")[2] == "package.json" and _is_application(tree, path):
            yield from _in_no_list(tree, path)
    for context in contexts(tree):
        for stage in context.dockerfile.stages:
            yield from _omitted(tree, context, stage)


def _is_application(tree: Tree, path: str) -> bool:
    """Whether it is a package that is installed by itself: no member or root of a workspace."""
    if re.search(r"(?:^|/)(?:\.[^/]+|tests?|fixtures|examples?|docs?)/", path):
        return False
    folder = dirname(path)
    while True:
        source = tree.read(join(folder, "package.json"))
        if source is not None and '"workspaces"' in source.text:
            return False
        if tree.is_file(join(folder, "pnpm-workspace.yaml")) or tree.is_file(join(folder, "lerna.json")):
            return False
        if not folder:
            return True
        folder = dirname(folder)


def _in_no_list(tree: Tree, path: str) -> Iterator[Finding]:
    """Find tools that no dependency list names, in lifecycle scripts and in those that a container runs."""
    files = folder_of(tree, dirname(path) or ".")
    package = read_package_json(files)
    if package is None:
        return
    locked = _locked(files)
    extra = _installed_by_name(tree, dirname(path))
    for script in (*LIFECYCLE, *sorted(_used(tree, dirname(path)))):
        for called in _calls(package, script):
            known = package.all_dependencies | extra
            if not _has(called, known) and not any(name in locked for name in called.packages):
                yield RULE.finding(
                    _place(tree, path, called.script),
                    f"The script `{called.script}` calls `{called.tool}`, but `{called.packages[0]}` is in no "
                    f"dependency list: "
                    f'"{called.tool}: not found".',
                )


def _has(called: _Called, names: frozenset[str] | set[str]) -> bool:
    return any(name in names or names & COMES_WITH.get(name, frozenset()) for name in called.packages)


def _calls(package: PackageJson, script: str, depth: int = _DEPTH) -> Iterator[_Called]:
    """Yield the known npm tools that a script calls for certain."""
    text = package.scripts.get(script)
    if text is None or depth <= 0:
        return
    if depth == _DEPTH:
        for around in (f"pre{script}", f"post{script}"):
            if script not in LIFECYCLE and around in package.scripts:
                yield from _calls(package, around, depth - 1)
    commands = run_commands(text)
    for index, command in enumerate(commands):
        if _guarded(commands, index):
            continue
        run = script_run(command)
        if run is not None and run[0] in package.scripts and run[0] != script:
            yield from _calls(package, run[0], depth - 1)
            continue
        for tool in _tools(command, text):
            if tool in TOOLS and not command.words[0].value.startswith(("./", "../", "/")):
                yield _Called(script, tool, TOOLS[tool])


def _tools(command: Command, text: str) -> list[str]:
    """Return the program, and the wrapper in front of it where that is an npm tool too."""
    wrapper = re.match(r"\s*(cross-env-shell|cross-env|dotenv|env-cmd)\b", text)
    found = [command.program]
    if wrapper and wrapper[1] != command.program and command.operator == "":
        found.append(wrapper[1])
    return found


def _guarded(commands: tuple[Command, ...], index: int) -> bool:
    """Whether a failure of the command is provided for: `husky || true`, `is-ci || husky`, `[ -d .git ] && husky`."""
    command = commands[index]
    following = commands[index + 1] if index + 1 < len(commands) else None
    if following is not None and following.operator == "||":
        return True
    if command.operator == "||":
        return True
    asks = any(
        each.program in _GUARDS or (each.program == "node" and each.arguments[:1] in {("-e",), ("-p",)})
        for each in commands[:index]
    )
    return asks and command.operator in {"&&", ";", ""}


def _locked(files: Folder) -> frozenset[str]:
    """Return the packages that a lock file puts at the top of `node_modules`."""
    found: set[str] = set()
    for name in ("package-lock.json", "npm-shrinkwrap.json"):
        try:
            data = json.loads(files.text(name) or "null")
        except (ValueError, RecursionError):
            continue
        packages = data.get("packages") if isinstance(data, dict) else None
        for key in packages if isinstance(packages, dict) else ():
            if key.startswith("node_modules/") and key.count("node_modules/") == 1:
                found.add(key.removeprefix("node_modules/"))
    yarn = files.text("yarn.lock") or ""
    found |= {match[1] for match in re.finditer(r'^"?((?:@[^/"\s]+/)?[^@"\s]+)@', yarn, re.MULTILINE)}
    return frozenset(found)


def _used(tree: Tree, base: str) -> set[str]:
    """Return the scripts of a package that Dockerfiles and services run."""
    found: set[str] = set()
    for context in contexts(tree):
        for stage in context.dockerfile.stages:
            for _where, instruction, state in walk(context, stage):
                if instruction.keyword == "RUN":
                    for command, cwd in located_commands(instruction, state):
                        run = script_run(command)
                        if run is not None and _base_at(context, state, cwd) == base:
                            found.add(run[0])
            state = at_end(context, stage)
            if _base_at(context, state, state.cwd) == base:
                for instruction in stage.instructions:
                    if instruction.keyword in {"CMD", "ENTRYPOINT"}:
                        runs = [script_run(command) for command in instruction_commands(instruction)]
                        found |= {run[0] for run in runs if run is not None}
    for runtime in runtimes(tree):
        if (
            runtime.service is not None
            and runtime.folder is not None
            and (runtime.folder.strip("./") == base.strip("./"))
        ):
            commands = runtime.told()
            found |= {run[0] for command in commands if (run := script_run(command)) is not None}
    return found


def _base_at(context: Context, state: ContainerFiles, cwd: str) -> str | None:
    """Return the folder in the tree of the package.json that a command in `cwd` works with."""
    origin = state.files.get(join(cwd, "package.json"))
    return dirname(context.in_tree(origin)) if origin else None


def _installed_by_name(tree: Tree, base: str) -> frozenset[str]:
    """Return packages that a Dockerfile installs by name for this package."""
    found: set[str] = set()
    for context in contexts(tree):
        if not (base == context.folder or base.startswith(context.folder + "/") or context.folder == "."):
            continue
        for stage in context.dockerfile.stages:
            for instruction in stage.instructions:
                if instruction.keyword == "RUN":
                    for command in instruction_commands(instruction):
                        found |= named_packages(command)
    return frozenset(found)


def _place(tree: Tree, path: str, script: str) -> Span:
    """Return where a script is written."""
    source = tree.read(path) or Source(path, "")
    scripts = source.text.find('"scripts"')
    match = re.compile(rf'"{re.escape(script)}"\s*:\s*"(?:[^"\\]|\\.)*"').search(source.text, max(scripts, 0))
    return source.span(match.start(), match.end()) if match else source.line_span(1)


def _omitted(tree: Tree, context: Context, stage: Stage) -> Iterator[Finding]:
    """Find dev-only tools that are called where an install left out development dependencies."""
    modes: dict[str, Mode] = {}
    extra: set[str] = set()
    deleted: set[str] = set()
    for where, instruction, state in walk(context, stage):
        if instruction.keyword == "COPY" and instruction.flag("from") is not None:
            _take_over(context, where, instruction, state, modes)
        if instruction.keyword != "RUN":
            continue
        env = state.env
        for command, cwd in located_commands(instruction, state):
            extra |= named_packages(command)
            if command.program == "npm" and command.arguments[:2] in {("pkg", "delete"), ("set-script",)}:
                deleted |= {word.removeprefix("scripts.") for word in command.arguments[2:]}
            base = _base_at(context, state, cwd)
            package = _package(tree, base)
            mode = install_mode(command, env)
            if mode is not None:
                modes[cwd] = mode
            if package is None or where is not stage:
                continue
            scripts: tuple[str, ...] = ()
            if mode == "production" and runs_scripts(command, env):
                scripts = tuple(name for name in LIFECYCLE if name not in deleted)
            run = script_run(command)
            if run is not None and modes.get(cwd) == "production":
                scripts = (run[0],)
            yield from _dev_only(context, package, scripts, extra, command.words)
    yield from _started(tree, context, stage, modes, extra)


def _started(
    tree: Tree, context: Context, stage: Stage, modes: Mapping[str, Mode], extra: set[str]
) -> Iterator[Finding]:
    """Judge what the stage's own CMD starts."""
    state = at_end(context, stage)
    package = _package(tree, _base_at(context, state, state.cwd))
    if package is None or modes.get(state.cwd) != "production":
        return
    for instruction in stage.instructions:
        if instruction.keyword in {"CMD", "ENTRYPOINT"}:
            for command in instruction_commands(instruction):
                run = script_run(command)
                if run is not None:
                    yield from _dev_only(context, package, (run[0],), extra, command.words)


def _take_over(
    context: Context, where: Stage, instruction: Instruction, state: ContainerFiles, modes: dict[str, Mode]
) -> None:
    """Copy what another stage installed: `COPY --from=deps /app/node_modules ./node_modules`."""
    other = context.dockerfile.stage_named(instruction.flag("from") or "", where.index)
    if other is None:
        return
    there: dict[str, Mode] = {}
    for _where, each, each_state in walk(context, other):
        if each.keyword == "RUN":
            for command, cwd in located_commands(each, each_state):
                mode = install_mode(command, each_state.env)
                if mode is not None:
                    there[cwd] = mode
    *sources, target = [word.value for word in instruction.words] or [""]
    for source in sources:
        place = join("/", source).rstrip("/")
        for folder, mode in there.items():
            if place == join(folder, "node_modules"):
                modes[state.path(target).removesuffix("/node_modules")] = mode
            elif place == folder:
                modes[state.path(target)] = mode


def _package(tree: Tree, base: str | None) -> PackageJson | None:
    if base is None or not _is_application(tree, join(base, "package.json")):
        return None
    return read_package_json(folder_of(tree, base or "."))


def _dev_only(
    context: Context, package: PackageJson, scripts: tuple[str, ...], extra: set[str], words: tuple[Word, ...]
) -> Iterator[Finding]:
    for script in scripts:
        for called in _calls(package, script):
            if _has(called, package.dependencies | extra) or not _has(called, package.dev_dependencies):
                continue
            first, last = words[0], words[-1]
            span = Span(context.dockerfile.source, first.start, max(last.end, first.end))
            yield RULE.finding(
                span,
                f"The script `{called.script}` calls `{called.tool}`, but `{called.packages[0]}` is a development "
                f"dependency, and "
                f'those are left out here: "{called.tool}: not found".',
            )
            return


RULE = Rule(
    name="script-tool-missing",
    code="NPM01",
    severity=Severity.ERROR,
    summary="a script calls a tool in no dependency list, or a dev-only tool where dev dependencies are omitted",
    needs=("tree", "dockerfile"),
    check=_check,
)
