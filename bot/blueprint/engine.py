"""The blueprint engine: fulfils the workflow's Engine with scaffolds alone, the same bytes for the same Brief."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from bot.blueprint import words
from bot.blueprint.choice import choose
from bot.blueprint.ci import ci_file
from bot.blueprint.compose import COMPOSE_PATH
from bot.blueprint.extend.extend import extended
from bot.blueprint.extend.standing import Standing, before, read_standing
from bot.blueprint.fit.around import around
from bot.blueprint.host import host_part
from bot.blueprint.library import Library, shipped
from bot.blueprint.mend import apply_safe_fixes
from bot.blueprint.place import place
from bot.blueprint.render import render_choice
from bot.blueprint.skill import RenderedFile
from bot.blueprint.version import versions_to_confirm
from bot.model.ask import Answer, Ask, Revision
from bot.model.brief import Brief
from bot.model.change import Decision, Work
from bot.model.finding import Finding
from bot.model.health import HealthReport
from bot.model.issue import Issue

NAME: Final = "blueprint"
_NEEDS_MODEL: Final = (
    "Nothing was changed: no safe fix is known for what was found, and free-form changes need a model key."
)
_FREE_WORDS: Final = "changes in free words need a model key, and this server runs the blueprint engine, which has none"


@dataclass(frozen=True, slots=True, kw_only=True)
class BlueprintEngine:
    """Renders scaffolds; `library` is read on first use, so that making an engine costs nothing."""

    library: Callable[[], Library] = field(default=shipped)

    async def build(self, brief: Brief, issue: Issue, root: Path) -> Work:
        """Write the infrastructure that `brief` asks for below `root`."""
        return await asyncio.to_thread(self._build, brief, issue, root)

    async def repair(
        self, brief: Brief, issue: Issue, root: Path, findings: tuple[Finding, ...], health: HealthReport | None
    ) -> Work:
        """Apply the safe fixes that `findings` carry; nothing else can be mended without a model."""
        del brief, issue, health
        mended = await asyncio.to_thread(apply_safe_fixes, findings, root)
        if not mended:
            return Work(engine=NAME, ended=_NEEDS_MODEL)
        return Work(engine=NAME, decisions=tuple(_mended(finding) for finding in mended))

    async def revise(self, brief: Brief, issue: Issue, root: Path, asks: tuple[Ask, ...]) -> Revision:
        """Change nothing: what people ask for in words is for a model to understand."""
        del brief, issue, root
        answers = tuple(Answer(ask=ask.key, done=False, words=_FREE_WORDS) for ask in asks)
        return Revision(work=Work(engine=NAME), answers=answers)

    def _build(self, brief: Brief, issue: Issue, root: Path) -> Work:
        if brief.orchestrator in words.OTHER_HOSTS:
            return Work(engine=NAME, ended=words.OTHER_HOSTS[brief.orchestrator])
        library = self.library()
        whole = choose(brief, library)
        standing = read_standing(root)
        # What an earlier run of ours wrote, for fewer parts: nobody has changed a file that still has this content.
        earlier = render_choice(before(whole, standing), library) if standing else ()
        built = around(whole, (*render_choice(whole, library), *earlier), root, library)
        choice, kept = built.choice, built.kept
        if not choice.skills:
            ended = words.ended(choice) or "Nothing was written: the documents name no part to build."
            return Work(engine=NAME, kept=kept, ended=ended)
        files = render_choice(choice, library)
        former = {file.path: file.content for file in earlier}
        if standing and not _is_ours(standing, files, former):
            work = extended(brief, issue, choice, standing, root, library, files=files, former=former, engine=NAME)
            return replace(work, kept=(*work.kept, *kept), decisions=(*work.decisions, *built.decisions))
        host = host_part(brief, choice, files, library)
        ci = (ci_file(choice, files, library),) if brief.wants_ci and choice.skills else ()
        kept += place((*files, *host.files, *ci), root, former)
        confirm = (
            *versions_to_confirm(brief, choice, library),
            *words.unlocked(choice),
            *built.confirm,
            *words.assumed(choice),
            *words.unlinked(choice),
            *words.unused(choice),
            *words.domains(choice),
            *words.not_built(choice.missing),
            *host.confirm,
        )
        return Work(
            engine=NAME,
            decisions=(
                *words.decisions(brief, choice),
                *built.decisions,
                *host.decisions,
                *(words.ci(file.path) for file in ci),
            ),
            confirm=confirm,
            kept=kept,
            unverified=(*host.unverified, *(words.ci_unverified(file.path) for file in ci)),
            ended=words.ended(choice),
        )


def _is_ours(standing: Standing, files: tuple[RenderedFile, ...], former: Mapping[str, bytes]) -> bool:
    """Tell whether the compose file that is there is the one we write now, or wrote before."""
    written = {file.content for file in files if file.path == COMPOSE_PATH} | {former.get(COMPOSE_PATH)}
    return standing.path == COMPOSE_PATH and standing.text.encode() in written


def _mended(finding: Finding) -> Decision:
    description = finding.fix.description if finding.fix else ""
    return Decision(what=description, why=f"`{finding.path}:{finding.line}` {finding.message}")
