"""Every stage of every Dockerfile as an image."""

from __future__ import annotations

from collections.abc import Iterator

from bot.check.sources.contexts import Context, contexts
from bot.check.tree import Tree
from bot.parse.dockerfile_image import BuiltImage, built_image


def stage_images(tree: Tree) -> Iterator[tuple[Context, BuiltImage]]:
    """Yield each stage with its context; build arguments are those of the services, where they agree."""
    for context in contexts(tree):
        given = [b.service.build.args for b in context.builds if b.service.build is not None]
        args = given[0] if given and all(each == given[0] for each in given) else {}
        for index in range(len(context.dockerfile.stages)):
            image = built_image(context.dockerfile, str(index), args)
            if image is not None and image.stage.index == index:
                yield context, image


def own_instructions(image: BuiltImage) -> frozenset[int]:
    """Return the starts of the instructions that stand in the stage itself, not in one it begins with."""
    return frozenset(instruction.start for instruction in image.stage.instructions)
