"""What every stack keeps to on Kubernetes, whatever was combined."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from syrupy.assertion import SnapshotAssertion

from bot.blueprint.choice import choose
from bot.blueprint.host import host_part
from bot.blueprint.library import shipped
from bot.blueprint.place import place
from bot.blueprint.render import render_choice
from bot.check.engine import Options, check_tree
from bot.model.brief import Brief
from tests.unit.blueprint.briefs import SHOP, brief, covering, words

VERSION = "1.37"
API_OBJECTS = re.compile(r"src/kubernetes/(base|overlays/\w+)/(?!kustomization)[\w-]+\.yaml")
Manifest = dict[str, Any]
Law = Callable[[Brief], None]
LAWS: list[Law] = []


@cache
def files(asked: Brief) -> dict[str, str]:
    choice = choose(asked, shipped())
    part = host_part(replace(asked, orchestrator="kubernetes"), choice, render_choice(choice, shipped()), shipped())
    return {file.path: file.content.decode() for file in part.files}


@cache
def read(text: str) -> list[Manifest]:
    return list(yaml.load_all(text, Loader=yaml.CSafeLoader))


def manifests(asked: Brief, kind: str = "") -> list[Manifest]:
    every = [one for path, text in files(asked).items() if API_OBJECTS.fullmatch(path) for one in read(text)]
    return [one for one in every if kind in {"", one["kind"]}]


def pods(asked: Brief) -> dict[str, Manifest]:
    workloads = [*manifests(asked, "Deployment"), *manifests(asked, "StatefulSet")]
    return {one["metadata"]["name"]: one["spec"]["template"] for one in workloads}


def containers(asked: Brief) -> list[Manifest]:
    return [
        one
        for template in pods(asked).values()
        for one in (*template["spec"]["containers"], *template["spec"].get("initContainers", ()))
    ]


def maps(asked: Brief) -> dict[str, dict[str, str]]:
    (base,) = read(files(asked)["src/kubernetes/base/kustomization.yaml"])
    return {
        one["name"]: dict(literal.split("=", 1) for literal in one["literals"])
        for one in base.get("configMapGenerator", ())
    }


def law(check: Law) -> Law:
    LAWS.append(check)
    return check


@cache
def misfit(text: str) -> str:
    """What the API's own schema says against a document; each is validated once, however many stacks have it."""
    try:
        kubernetes_validate.validate(yaml.load(text, Loader=yaml.CSafeLoader), VERSION, strict=True)
    except kubernetes_validate.ValidationError as error:
        return error.message
    return ""


@law
def every_object_fits_the_schema_of_its_version(asked: Brief) -> None:
    texts = [text for path, text in files(asked).items() if API_OBJECTS.fullmatch(path)]
    assert [said for text in texts for one in text.split("---\n") if (said := misfit(one))] == []


@law
def every_object_has_a_name_of_its_own(asked: Brief) -> None:
    overlays = {"Ingress", "Namespace", "PodDisruptionBudget"}
    names = [(one["kind"], one["metadata"]["name"]) for one in manifests(asked) if one["kind"] not in overlays]
    assert len(names) == len(set(names))


@law
def every_pod_keeps_to_the_restricted_standard(asked: Brief) -> None:
    for name, template in pods(asked).items():
        context = template["spec"]["securityContext"]
        assert context["runAsNonRoot"] is True, name
        assert context["runAsUser"] >= 70, name
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert template["spec"]["automountServiceAccountToken"] is False, name
    for one in containers(asked):
        assert one["securityContext"]["allowPrivilegeEscalation"] is False, one["name"]
        assert one["securityContext"]["capabilities"] == {"drop": ["ALL"]}, one["name"]


@law
def every_container_is_bounded(asked: Brief) -> None:
    for one in containers(asked):
        assert set(one["resources"]["limits"]) == set(one["resources"]["requests"]) == {"cpu", "memory"}, one["name"]
        assert int(one["resources"]["limits"]["memory"].removesuffix("Mi")) >= 64, one["name"]


@law
def what_runs_is_watched(asked: Brief) -> None:
    for name, template in pods(asked).items():
        (main,) = template["spec"]["containers"]
        assert {"startupProbe", "livenessProbe"} <= set(main), name
        assert ("readinessProbe" in main) is ("ports" in main), name


@law
def what_listens_has_a_service_and_a_name_that_others_use(asked: Brief) -> None:
    listening = {
        name: main["ports"][0]["containerPort"]
        for name, template in pods(asked).items()
        for main in template["spec"]["containers"]
        if "ports" in main
    }
    services = {one["metadata"]["name"]: one["spec"] for one in manifests(asked, "Service")}
    assert {name: spec["ports"][0]["targetPort"] for name, spec in services.items()} == listening
    played = {"postgresql", "mysql", "mariadb", "mongodb", "redis", "memcached", "rabbitmq", "kafka"}
    assert bool({*asked.databases, *asked.caches, *asked.queues, *asked.backend, *asked.frontend} & played) <= bool(
        listening
    )
    for name, spec in services.items():
        labels = pods(asked)[name]["metadata"]["labels"]
        assert spec["selector"].items() <= labels.items(), name


@law
def every_reference_is_to_something_that_is_there(asked: Brief) -> None:
    have = maps(asked)
    claims = {one["metadata"]["name"] for one in manifests(asked, "PersistentVolumeClaim")}
    configured = {one["metadata"]["name"] for one in manifests(asked, "ConfigMap")} | set(have)
    for one in containers(asked):
        assert {source["configMapRef"]["name"] for source in one.get("envFrom", ())} <= configured
    for template in pods(asked).values():
        volumes = {one["name"] for one in template["spec"].get("volumes", ())}
        for one in template["spec"].get("volumes", ()):
            if "persistentVolumeClaim" in one:
                assert one["persistentVolumeClaim"]["claimName"] in claims
        mounted = {mount["name"] for one in template["spec"]["containers"] for mount in one.get("volumeMounts", ())}
        (name,) = {template["metadata"]["labels"]["app.kubernetes.io/name"]}
        own = [one for one in manifests(asked, "StatefulSet") if one["metadata"]["name"] == name]
        brought = {claim["metadata"]["name"] for one in own for claim in one["spec"]["volumeClaimTemplates"]}
        assert mounted == volumes | brought, name


@law
def no_file_holds_a_secret_and_every_key_is_made(asked: Brief) -> None:
    readme = files(asked)["src/kubernetes/README.md"]
    keys = {
        entry["valueFrom"]["secretKeyRef"]["key"]
        for one in containers(asked)
        for entry in one.get("env", ())
        if "valueFrom" in entry
    }
    made = set(re.findall(r"--from-literal=(\w+)=", readme))
    assert keys == made
    assert [path for path, text in files(asked).items() if "change-me" in text] == []
    assert manifests(asked, "Secret") == []
    # Laravel takes a key of exactly 32 bytes.
    assert ("APP_KEY" in keys) == ('--from-literal=APP_KEY="base64:$(openssl rand -base64 32)"' in readme)


@law
def a_value_is_put_together_of_what_stands_before_it(asked: Brief) -> None:
    for one in containers(asked):
        known: set[str] = set()
        for entry in one.get("env", ()):
            assert set(re.findall(r"\$\((\w+)\)", entry.get("value", ""))) <= known, one["name"]
            known.add(entry["name"])
        assert "${" not in str(one.get("env")), one["name"]
    for name, told in maps(asked).items():
        assert "${" not in str(told), name
        assert "$(" not in str(told), name


@law
def nothing_of_development_goes_to_the_cluster(asked: Brief) -> None:
    text = "\n".join(text for path, text in files(asked).items() if path.endswith(".yaml"))
    for word in ("DJANGO_DEBUG", "--watch", "tsc-watch", "node_modules/.vite", "runserver"):
        assert word not in text


@law
def whoever_may_ask_is_let_in_and_out(asked: Brief) -> None:
    rules = {one["metadata"]["name"]: one["spec"] for one in manifests(asked, "NetworkPolicy")}
    assert rules["default-deny"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}

    def pairs(direction: str, peers: str) -> set[tuple[str, str, int]]:
        found = set()
        for name, spec in rules.items():
            for rule in spec.get(direction, ()):
                for peer in rule[peers]:
                    if set(peer) == {"podSelector"}:
                        other = peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"]
                        pair = (other, name) if direction == "ingress" else (name, other)
                        found.add((*pair, rule["ports"][0]["port"]))
        return found

    assert pairs("ingress", "from") == pairs("egress", "to")
    entrances = {name for name, spec in rules.items() if "namespaceSelector" in str(spec.get("ingress"))}
    assert entrances == {name for name in ("backend", "frontend") if name in pods(asked)}


@law
def the_outside_reaches_what_the_ingress_names(asked: Brief) -> None:
    for one in manifests(asked, "Ingress"):
        for rule in one["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                assert path["backend"]["service"]["name"] in pods(asked)
            assert rule["http"]["paths"][-1]["path"] == "/"


@law
def only_what_is_the_same_twice_runs_twice(asked: Brief) -> None:
    (production,) = read(files(asked)["src/kubernetes/overlays/production/kustomization.yaml"])
    deployments = {one["metadata"]["name"]: one["spec"] for one in manifests(asked, "Deployment")}
    for one in production.get("replicas", ()):
        assert deployments[one["name"]]["strategy"]["type"] == "RollingUpdate"


@pytest.mark.parametrize("check", LAWS, ids=lambda check: check.__name__)
def test_every_combination_keeps_to_it(check: Law) -> None:
    stacks = [one for one in covering() if files(one)]
    assert len(stacks) > 50
    for asked in stacks:
        try:
            check(asked)
        except AssertionError as error:
            error.add_note(words(asked))
            raise


def test_no_rule_finds_anything_beside_the_manifests(tmp_path: Path) -> None:
    choice = choose(SHOP, shipped())
    rendered = render_choice(choice, shipped())
    part = host_part(replace(SHOP, orchestrator="kubernetes"), choice, rendered, shipped())
    place((*rendered, *part.files), tmp_path)
    changed = frozenset(file.path for file in (*rendered, *part.files))
    assert check_tree(tmp_path, Options(changed=changed)).findings == ()


def test_a_schema_is_really_asked() -> None:
    assert "nonsense" in misfit("apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {nonsense: 1}\n")


def test_a_page_is_asked_by_the_node_and_a_health_page_never_kills() -> None:
    (main,) = pods(SHOP)["backend"]["spec"]["containers"]
    assert main["readinessProbe"]["httpGet"]["path"] == "/health"
    assert main["livenessProbe"]["tcpSocket"] == {"port": 8000}
    (database,) = pods(SHOP)["postgres"]["spec"]["containers"]
    assert "pg_isready" in database["readinessProbe"]["exec"]["command"][-1]
    assert database["startupProbe"]["periodSeconds"] * database["startupProbe"]["failureThreshold"] >= 10


def test_migrations_run_once_in_front_of_the_application() -> None:
    asked = brief(backend="nestjs", database="postgresql", queue="redis", worker="bullmq")
    before = {name: template["spec"].get("initContainers", []) for name, template in pods(asked).items()}
    assert [one["name"] for one in before["backend"]] == ["migrate"]
    assert before["backend"][0]["args"] == ["node", "dist/migrate.js"]
    assert before["worker"] == []


def test_calls_to_the_outside_are_let_out_only_where_the_documents_name_some() -> None:
    def out(asked: Brief) -> bool:
        return "ipBlock" in files(asked)["src/kubernetes/base/network.yaml"]

    assert not out(SHOP)
    assert out(replace(SHOP, external=("stripe",)))


def test_a_domain_is_answered_to_with_tls_and_known_to_the_application() -> None:
    asked = replace(SHOP, custom_domains=("shop.example.org",))
    (ingress,) = read(files(asked)["src/kubernetes/overlays/production/ingress.yaml"])
    assert ingress["spec"]["tls"][0]["hosts"] == ["shop.example.org"]
    assert ingress["spec"]["rules"][0]["host"] == "shop.example.org"
    assert "shop.example.org" in maps(asked)["backend-settings"]["ALLOWED_HOSTS"].split(",")


def test_the_same_brief_gives_the_same_bytes_and_people_can_read_them(snapshot: SnapshotAssertion) -> None:
    asked = brief(backend="express", frontend="react-vite", database="postgresql", queue="rabbitmq")
    first = files(asked)
    files.cache_clear()
    assert files(asked) == first
    shown = ("README.md", "base/backend.yaml", "base/postgres.yaml", "overlays/production/kustomization.yaml")
    assert {path: first[f"src/kubernetes/{path}"] for path in shown} == snapshot
