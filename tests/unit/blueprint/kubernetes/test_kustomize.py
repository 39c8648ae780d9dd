"""The overlays are built by kustomize itself, where kubectl is installed; it asks no cluster for that."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from bot.blueprint.choice import choose
from bot.blueprint.host import host_part
from bot.blueprint.library import shipped
from bot.blueprint.place import place
from bot.blueprint.render import render_choice
from bot.model.brief import Brief
from tests.unit.blueprint.briefs import brief

pytestmark = pytest.mark.skipif(
    shutil.which("kubectl") is None, reason="kubectl is not installed: nothing builds overlays"
)

STACKS = {
    "all": brief(
        backend="django",
        frontend="nextjs",
        database="postgresql",
        cache="redis",
        queue="rabbitmq",
        proxy="traefik",
        domain="shop.example.org",
    ),
    "files": brief(backend="express", database="sqlite", queue="kafka"),
    "front": brief(frontend="vue-vite"),
    "laravel": brief(
        backend="laravel", frontend="angular", database="postgresql", cache="redis", worker="laravel-queue"
    ),
    "nuxt": brief(backend="go", frontend="nuxt", database="mysql"),
}


def build(asked: Brief, overlay: str, root: Path) -> list[dict[str, Any]]:
    choice = choose(asked, shipped())
    part = host_part(replace(asked, orchestrator="kubernetes"), choice, render_choice(choice, shipped()), shipped())
    place(part.files, root)
    done = subprocess.run(
        ["kubectl", "kustomize", root / f"src/kubernetes/overlays/{overlay}"],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": str(root)},
    )
    assert (done.returncode, done.stderr) == (0, "")
    return list(yaml.safe_load_all(done.stdout))


@pytest.mark.parametrize("overlay", ["development", "production"])
@pytest.mark.parametrize("stack", STACKS)
def test_an_overlay_builds_into_objects_that_fit_their_schema(tmp_path: Path, stack: str, overlay: str) -> None:
    objects = build(STACKS[stack], overlay, tmp_path)
    for one in objects:
        kubernetes_validate.validate(one, "1.37", strict=True)
    named = {one["metadata"].get("namespace") for one in objects if one["kind"] != "Namespace"}
    (namespace,) = [one["metadata"]["name"] for one in objects if one["kind"] == "Namespace"]
    assert named == {namespace}


def test_images_replicas_and_settings_arrive_where_they_should(tmp_path: Path) -> None:
    objects = build(STACKS["all"], "production", tmp_path)
    backend = next(one for one in objects if (one["kind"], one["metadata"]["name"]) == ("Deployment", "backend"))
    pod = backend["spec"]["template"]["spec"]
    assert {one["image"] for one in (*pod["containers"], *pod["initContainers"])} == {
        "registry.example.com/the-shop-backend:0.1.0"
    }
    assert backend["spec"]["replicas"] == 2
    read = pod["containers"][0]["envFrom"][0]["configMapRef"]["name"]
    maps = {one["metadata"]["name"]: one["data"] for one in objects if one["kind"] == "ConfigMap"}
    assert maps[read]["DATABASE_HOST"] == "postgres"
    assert read.startswith("backend-settings-")
