"""Runs the rules over a tree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from posixpath import basename

from bot.check.config import Config, read_config
from bot.check.registry import RULES
from bot.check.rule import Rule
from bot.check.selection import chosen_rules
from bot.check.suppression import apply_suppressions
from bot.check.tree import TOO_LARGE, Tree
from bot.check.workflows import workflow_findings
from bot.errors import ParseError, UsageError
from bot.model.finding import Finding, Severity
from bot.model.policy import PATH as CONFIG_PATH
from bot.parse.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to check.

    Attributes:
        select: Only these rules: names, codes, or the letters of codes; all where empty.
        ignore: Not these.
        changed: The files a run wrote, relative to the tree; None where no run is known.
        configured: Whether `.github/groundwork.yml` and comments in files count.
        workflows: Whether GitHub workflow files are audited; those that a run wrote always are.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    changed: frozenset[str] | None = None
    configured: bool = True
    workflows: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What was found.

    Attributes:
        findings: Sorted by place.
        notes: What was not looked at and why, one sentence each.
        tree: What was looked at.
        rules: The rules that ran.
    """

    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    tree: Tree
    rules: tuple[Rule, ...]

    @property
    def failed(self) -> bool:
        """Whether a finding is an error or a warning."""
        return any(finding.severity is not Severity.INFO for finding in self.findings)


def check_tree(root: Path, options: Options | None = None, *, changed: frozenset[str] | None = None) -> CheckResult:
    """Check a repository, its `src` folder, or any folder with a stack in it.

    Args:
        root: The folder.
        options: How to check; all rules where left out.
        changed: The files a run wrote, where `options` does not tell.

    Raises:
        UsageError: `root` is no folder, or a rule or the configuration names what does not exist.
    """
    chosen = options or Options(changed=changed)
    folder, within = place_of(root)
    return check(Tree(folder, changed=chosen.changed, within=within), chosen)


def place_of(root: Path) -> tuple[Path, str]:
    """Return the root of the tree and the part of it to look at: `src` itself belongs to the folder around it.

    Raises:
        UsageError: there is no such folder.
    """
    if not root.is_dir():
        what = "is a file" if root.exists() else "does not exist"
        raise UsageError(f"{root} {what}", hint="name a folder: the repository, or its src folder")
    resolved = root.resolve()
    if resolved.name == "src" and not (resolved / "src").is_dir() and not (resolved / ".git").exists():
        return resolved.parent, "src"
    return resolved, ""


def check(tree: Tree, options: Options) -> CheckResult:
    """Check what `tree` holds.

    Raises:
        UsageError: a rule or the configuration names what does not exist.
    """
    rules = chosen_rules(RULES, options.select, options.ignore)
    config = _config(tree) if options.configured else Config()
    notes: list[str] = []
    found: list[Finding] = []
    for rule in rules:
        found.extend(_run(rule, tree, notes))
    if not options.select:
        found.extend(_unreadable(tree))
    if options.workflows or (tree.changed is not None and not options.select):
        audited, note = workflow_findings(tree)
        found.extend(audited)
        notes += [note] if note else []
    weighed = []
    for finding in found:
        severity = config.severity_at(finding.rule, finding.path, finding.severity)
        if severity is not None:
            weighed.append(finding if severity is finding.severity else replace(finding, severity=severity))
    kept: Iterable[Finding] = weighed
    if options.configured:
        active = tuple(
            r for r in rules if r.name not in config.ignore and (not config.select or r.name in config.select)
        )
        kept = apply_suppressions(weighed, _commented(tree), active, RULES)
    notes += _unread(tree, found)
    return CheckResult(findings=_sorted(kept), notes=(*tree.notes, *notes), tree=tree, rules=rules)


def _run(rule: Rule, tree: Tree, notes: list[str]) -> list[Finding]:
    """Run one rule; it is a step of its own, so that a mistake in it does not take the other fifty with it."""
    try:
        return list(rule.check(tree))
    except Exception as error:  # noqa: BLE001 -- step boundary; the note says what failed
        notes.append(
            f"{rule.code} {rule.name} stopped with {type(error).__name__} and found nothing: a mistake of this "
            "program, please report it"
        )
        return []


def _config(tree: Tree) -> Config:
    try:
        source = tree.read_strictly(CONFIG_PATH)
        return read_config(source, RULES) if source is not None else Config()
    except ParseError as error:
        raise UsageError(f"{error.path}:{error.line}:{error.column}: {error.what}", hint=error.hint) from error


def _unreadable(tree: Tree) -> Iterable[Finding]:
    """Dockerfiles and other files that cannot be read; compose files are `compose-invalid`'s."""
    _ = tree.dockerfiles
    stacks = set(tree.compose_paths)
    for error in tree.errors:
        if error.path not in stacks and basename(error.path).lower().startswith(("dockerfile", "containerfile")):
            yield Finding(
                rule="dockerfile-invalid",
                code="dockerfile-invalid",
                severity=Severity.ERROR,
                path=error.path,
                line=error.line,
                column=error.column,
                message=f"{error.what}. A build stops here.",
            )


def _unread(tree: Tree, found: Iterable[Finding]) -> list[str]:
    """Say what was too large to be read, where no finding says it: silence about it means nothing."""
    told = {finding.path for finding in found if TOO_LARGE in finding.message}
    return [
        f"{path} {TOO_LARGE}: what the rules would say about it is missing" for path in tree.unread if path not in told
    ]


def _commented(tree: Tree) -> Iterable[Source]:
    """Return the files in which comments silence: compose files, Dockerfiles, env files, ignore files."""
    seen: dict[str, Source] = {}
    for stack in tree.stacks:
        seen.update({source.path: source for source in stack.sources})
    for dockerfile in tree.dockerfiles:
        seen[dockerfile.path] = dockerfile.source
    for path in tree.files:
        if path not in seen and (basename(path).startswith(".env") or path.startswith(".github/workflows/")):
            source = tree.read(path)
            if source is not None:
                seen[path] = source
    return seen.values()


def _sorted(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Order by place; the same words about the same place are said once."""
    unique = {(f.path, f.line, f.column, f.code, f.message): f for f in findings}
    return tuple(unique[key] for key in sorted(unique))
