"""A branch that is built upon again, and its base that moved meanwhile: merged where that is clean, else told."""

from __future__ import annotations

from dataclasses import replace

from bot.model.proposal import Base
from bot.workflow import words
from bot.workflow.ports import Forge, Steps, Workspaces


async def caught_up(base: Base, workspaces: Workspaces, forge: Forge, steps: Steps, *, merging: bool) -> Base:
    """Return `base` with what its branch lacked of its base branch merged and pushed, or with a note on why not.

    What comes after it is written, checked and proved on the merged files. `merging` is False where a branch is to
    be looked at just as it is.

    Raises:
        RepositoryError: The branch moved meanwhile.
    """
    if not base.behind:
        return base
    if not merging:
        return replace(base, notes=(*base.notes, words.behind(base)))

    async def merge_and_push() -> Base:
        merge = await workspaces.merge(base.head, base.commit, message=words.merge_message(base))
        if not merge.commit:
            return replace(base, notes=(*base.notes, words.not_merged(base, merge)))
        head = await forge.push(base.branch, merge.commit, expected=base.head)
        notes = (*base.notes, words.merged(base))
        return replace(base, head=head, behind=0, merged=True, notes=notes)

    return await steps.run("merge-base", Base, merge_and_push)
