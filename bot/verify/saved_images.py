"""A file of `docker save`, read before an engine loads it: it may hold images under our own names, and nothing else."""

from __future__ import annotations

import json
import re
import tarfile
from pathlib import Path
from typing import Final

NAME: Final = "groundwork-cache/"
_TAG: Final = re.compile(re.escape(NAME) + r"[a-z0-9]+(?:-[a-z0-9]+)*:(\d{1,9})")
_DIGEST: Final = r"[0-9a-f]{64}"
_MEMBER: Final = re.compile(
    rf"index\.json|manifest\.json|oci-layout|repositories|{_DIGEST}\.json|{_DIGEST}(/(json|VERSION|layer\.tar))?"
    rf"|blobs(/sha256(/{_DIGEST})?)?"
)
_MOST_IMAGES: Final = 500
_MOST_MEMBERS: Final = 50_000
_LONGEST: Final = 2**22  # bytes of the list


def saved_names(file: Path) -> tuple[str, ...]:
    """Return the images in `file`; none where there is no such file, or it is not one that we wrote."""
    try:
        with tarfile.open(file, "r:") as archive:
            seen: set[str] = set()
            for member in archive:
                strange = not _MEMBER.fullmatch(member.name) or not (member.isreg() or member.isdir())
                if strange or member.name in seen or len(seen) > _MOST_MEMBERS:
                    return ()
                seen.add(member.name)
            listed = archive.extractfile("manifest.json")
            images = json.loads(listed.read(_LONGEST)) if listed else []
            tags = tuple(tag for image in images for tag in image["RepoTags"] or ())
    except (OSError, tarfile.TarError, ValueError, KeyError, TypeError):
        return ()
    ours = all(isinstance(tag, str) and _TAG.fullmatch(tag) for tag in tags)
    return tags if ours and len(tags) <= _MOST_IMAGES else ()


def next_number(names: tuple[str, ...]) -> int:
    """Return a number that none of `names` has as its tag."""
    return 1 + max((int(found[1]) for name in names if (found := _TAG.fullmatch(name))), default=0)
