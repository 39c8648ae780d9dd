"""The user of an image as a number: what a cluster must know to believe that it is not root."""

from __future__ import annotations

import re
from typing import Final

from bot.parse.dockerfile_image import BuiltImage

# What official images call their users: name -> (uid, gid), on Debian and on Alpine.
_DEBIAN: Final = {"node": (1000, 1000), "nginx": (101, 101), "www-data": (33, 33), "nobody": (65534, 65534)}
_ALPINE: Final = _DEBIAN | {"www-data": (82, 82)}
_DISTROLESS: Final = {"nonroot": (65532, 65532)}
# Where nothing says it: any number but 0 holds the promise, and our own images use this one.
_OWN: Final = (10001, 10001)
_MADE: Final = re.compile(
    r"(?:useradd|adduser)\b[^\n&|;]*?(?:--uid|-u)[ =](?P<uid>\d+)[^\n&|;]*?\s(?P<name>[a-z_-]+)\b"
)


def user_id(image: BuiltImage) -> tuple[int, int]:
    """Return uid and gid of the user that `image` runs as."""
    name, _, group = image.user.partition(":")
    if name.isdigit():
        return int(name), int(group) if group.isdigit() else int(name)
    made = {found["name"]: int(found["uid"]) for found in _MADE.finditer(image.dockerfile.source.text)}
    if name in made:
        return made[name], made[name]
    known = _DISTROLESS | (_ALPINE if "alpine" in (image.base or "") else _DEBIAN)
    return known.get(name, _OWN)
