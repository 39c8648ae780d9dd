"""DF07: directories that a framework writes to, neither in the context nor created."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import dirname, join
from typing import Final

from bot.check.rule import Rule, safe
from bot.check.sources.container_files import ContainerFiles, at_end
from bot.check.sources.contexts import Context
from bot.check.sources.once import each_place_once
from bot.check.sources.run_edits import line_behind
from bot.check.sources.stage_images import stage_images
from bot.check.tree import Tree
from bot.model.finding import Finding, Fix, Severity
from bot.parse.dockerfile_commands import instruction_commands
from bot.parse.dockerfile_image import BuiltImage
from bot.parse.dockerfile_model import Instruction


@dataclass(frozen=True, slots=True)
class _Framework:
    """A framework by a file that only it has, a text in another, and where it writes."""

    name: str
    marker: str
    proof: str
    says: str
    folders: tuple[str, ...]
    program: str = ""
    # Variables that move what lies below a folder elsewhere.
    moved: tuple[tuple[str, str], ...] = ()


_FRAMEWORKS: Final = (
    _Framework(
        "Laravel",
        "artisan",
        "composer.json",
        "laravel/framework",
        ("storage/framework/cache", "storage/framework/sessions", "storage/framework/views", "bootstrap/cache"),
        moved=(("storage/", "LARAVEL_STORAGE_PATH"), ("bootstrap/cache", "APP_SERVICES_CACHE")),
    ),
    _Framework(
        "CodeIgniter",
        "spark",
        "composer.json",
        "codeigniter4/",
        ("writable/cache", "writable/logs", "writable/session"),
    ),
    _Framework("CakePHP", "bin/cake", "composer.json", "cakephp/", ("tmp", "logs")),
    _Framework("Yii", "yii", "composer.json", "yiisoft/yii2", ("runtime", "web/assets")),
    _Framework("Rails", "config/puma.rb", "config/puma.rb", "tmp/pids", ("tmp/pids",), "puma"),
)


@each_place_once
def _check(tree: Tree) -> Iterator[Finding]:
    for context, image in stage_images(tree):
        targets = {b.image.stage.index for b in context.builds if b.image is not None}
        if image.stage.index not in (targets | {len(context.dockerfile.stages) - 1}):
            continue
        state = at_end(context, image.stage, image.args)
        for framework in _FRAMEWORKS:
            root = _root(framework, state, context)
            if root is None or not _runs(framework, image):
                continue
            missing = [
                folder
                for folder in framework.folders
                if not _moved(framework, folder, image) and not _there(join(root, folder), folder, state, context)
            ]
            at = _brought(image)
            if not missing or at is None:
                continue
            listed = ", ".join(f"`{folder}`" for folder in missing)
            yield RULE.finding(
                context.dockerfile.span(at),
                f"{framework.name} writes to {listed}, which are neither in `{context.folder}` nor created here: it "
                f"stops at "
                "its first request, or while it starts.",
                _fix(context, image, at, [join(root, folder) for folder in missing]),
            )


def _root(framework: _Framework, state: ContainerFiles, context: Context) -> str | None:
    """Return where in the image the application lies; None where it is not this framework's."""
    for path, origin in state.files.items():
        if (
            origin
            and path.endswith("/" + framework.marker)
            and (origin == framework.marker or origin.endswith("/" + framework.marker))
        ):
            root = path[: -len(framework.marker) - 1] or "/"
            proof = state.files.get(join(root, framework.proof))
            if proof and framework.says in (context.files.text(proof) or ""):
                return root
    return None


def _runs(framework: _Framework, image: BuiltImage) -> bool:
    if not framework.program:
        return True
    started = [i for i in (image.cmd, image.entrypoint) if i is not None]
    return any(
        command.program in {framework.program, "bundle"} and framework.program in (command.program, *command.arguments)
        for instruction in started
        for command in instruction_commands(instruction)
    )


def _moved(framework: _Framework, folder: str, image: BuiltImage) -> bool:
    return any(folder.startswith(below) and image.env.get(name, "") != "" for below, name in framework.moved)


def _there(path: str, folder: str, state: ContainerFiles, context: Context) -> bool:
    if state.has_folder(path) or state.strange(path):
        return True
    if any(
        mount.target and (path == mount.target or (path.startswith(mount.target + "/") and mount.kind != "bind"))
        for built in context.builds
        for mount in built.service.mounts
    ):
        return True
    scripts = [text for _, text in context.files.sources(".sh")]
    named = re.escape(folder.rsplit("/", 1)[0])
    return any(re.search(rf"(?:mkdir|install -d)\b[^\n]*{named}", text) for text in scripts)


def _brought(image: BuiltImage) -> Instruction | None:
    """Return the last COPY from the context in the lineage that can have brought the application."""
    copies = [i for i in image.instructions if i.keyword in {"COPY", "ADD"}]
    own = [i for i in copies if i.flag("from") is None]
    return own[-1] if own else copies[-1] if copies else None


def _fix(context: Context, image: BuiltImage, at: Instruction, missing: list[str]) -> Fix | None:
    stage = next((stage for stage in image.lineage if at in stage.instructions), None)
    if stage is None:
        return None
    users = [
        i
        for each in image.lineage[: image.lineage.index(stage) + 1]
        for i in each.instructions
        if i.keyword == "USER" and i.start < at.start
    ]
    if users or at.heredocs:
        return None  # whoever writes there then may not be allowed to
    owner = at.flag("chown")
    line = f"RUN mkdir -p {' '.join(missing)}"
    if owner:
        tops = sorted({dirname(folder) for folder in missing})
        line += f" && chown -R {owner} {' '.join(tops)}"
    return safe("make them behind the COPY", line_behind(context.dockerfile, at, line))


RULE = Rule(
    name="runtime-dirs",
    code="DF07",
    severity=Severity.ERROR,
    summary="framework runtime directories neither in the context nor created",
    needs=("dockerfile", "tree"),
    check=_check,
    fix="safe",
)
