"""GitHub workflow files, audited with zizmor where it is installed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from bot.check.tree import Tree
from bot.model.finding import Finding, Severity

_SEVERITIES: Final = {"High": Severity.ERROR, "Medium": Severity.WARNING}
_SECONDS: Final = 60


def workflow_findings(tree: Tree) -> tuple[tuple[Finding, ...], str]:
    """Audit the workflow files that a run wrote (all where no run is known); return findings and a note, or ""."""
    paths = [
        path
        for path in tree.files
        if path.startswith(".github/workflows/") and path.endswith((".yml", ".yaml")) and tree.wrote(path)
    ]
    if not paths:
        return (), ""
    import shutil
    import subprocess
    import sysconfig

    program = shutil.which("zizmor") or shutil.which("zizmor", path=sysconfig.get_path("scripts"))
    if program is None:
        return (), "workflows were not audited: zizmor is not installed (in a checkout: pip install '.[workflows]')"
    command = [program, "--offline", "--no-progress", "--no-config", "--format", "json-v1", "--", *paths]
    try:
        done = subprocess.run(command, cwd=tree.root, capture_output=True, timeout=_SECONDS, check=False)
        found = json.loads(done.stdout or b"[]")
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        return (), f"workflows were not audited: zizmor stopped with {type(error).__name__}"
    if not isinstance(found, list):
        return (), "workflows were not audited: zizmor answered in an unknown form"
    return tuple(_findings(found, tree.root)), ""


def _findings(found: list[object], root: Path) -> Iterable[Finding]:
    for item in found:
        if not isinstance(item, dict):
            continue
        where = [place for place in item.get("locations", []) if isinstance(place, dict)]
        place = next((p for p in where if p.get("symbolic", {}).get("kind") == "Primary"), where[0] if where else None)
        if place is None:
            continue
        symbolic, concrete = place.get("symbolic", {}), place.get("concrete", {}).get("location", {})
        local = symbolic.get("key", {}).get("Local", {})
        path = Path(local.get("verbatim_path") or local.get("given_path") or ".github/workflows")
        start, end = concrete.get("start_point", {}), concrete.get("end_point", {})
        severity = item.get("determinations", {}).get("severity", "")
        yield Finding(
            rule=f"zizmor-{item.get('ident', 'unknown')}",
            code=f"zizmor-{item.get('ident', 'unknown')}",
            severity=_SEVERITIES.get(severity, Severity.INFO),
            path=(path.relative_to(root) if path.is_absolute() and path.is_relative_to(root) else path).as_posix(),
            line=int(start.get("row", 0)) + 1,
            column=int(start.get("column", 0)) + 1,
            end_line=int(end.get("row", 0)) + 1,
            end_column=int(end.get("column", 0)) + 1,
            message=f"{item.get('desc', 'a weakness')}: {symbolic.get('annotation', '')}. {item.get('url', '')}",
        )
