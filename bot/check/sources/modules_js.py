"""JavaScript and TypeScript modules: which local name comes from which file or package."""

from __future__ import annotations

import re
from posixpath import dirname, join, normpath
from typing import Final

from bot.check.sources.folder import Folder

ENDINGS: Final = (".js", ".ts", ".mjs", ".cjs", ".mts", ".cts", ".jsx", ".tsx")
_IMPORT: Final = re.compile(r"""\bimport\s+(?:type\s+)?([\w$*{},\s]+?)\s+from\s*['"]([^'"]+)['"]""")
_REQUIRE: Final = re.compile(r"""\b(?:const|let|var)\s+([\w$]+|\{[^}]*\})\s*=\s*require\(\s*['"]([^'"]+)['"]\s*\)""")


def imported_names(text: str) -> dict[str, str]:
    """Return local name -> module, as written, of a file's imports and requires."""
    found: dict[str, str] = {}
    for pattern in (_IMPORT, _REQUIRE):
        for match in pattern.finditer(text):
            for name in re.findall(r"[\w$]+(?:\s*(?:as|:)\s*[\w$]+)?", match[1]):
                local = re.split(r"\s*(?:\bas\b|:)\s*", name)[-1]
                if local != "type":
                    found[local] = match[2]
    return found


def resolve(folder: Folder, importer: str, module: str) -> str | None:
    """Return the file that a module specifier means, or None for a package or a file that is not there."""
    if module.startswith(("@/", "~/")):
        base = join("src", module[2:])
    elif module.startswith("."):
        base = normpath(join(dirname(importer), module))
    elif module.startswith("src/"):
        base = module
    else:
        return None
    stem = re.sub(r"\.(?:js|mjs|cjs|jsx)$", "", base)
    candidates = [base, *(stem + ending for ending in ENDINGS), *(join(base, "index" + ending) for ending in ENDINGS)]
    return next((path for path in candidates if path in folder and path.endswith(ENDINGS)), None)
