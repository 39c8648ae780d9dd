"""LAY09, LAY10 and SEC02 to SEC05."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.check.rules import ci_no_scan, content_trust, read_only_fs, resource_limits, root_readme, summary_docs
from bot.model.finding import Finding

Check = Callable[..., list[Finding]]

STACK = {"src/docker-compose.yml": "services:\n  web:\n    image: nginx:1.27-alpine\n"}


@pytest.mark.parametrize(
    "path",
    [
        "INFRASTRUCTURE.md",
        "INFRASTRUCTURE_SUMMARY.md",
        "src/INFRASTRUCTURE.md",
        "IMPLEMENTATION_SUMMARY.md",
        "CHECKLIST.md",
        "src/CHECKLIST.md",
        "DIRECTORY_STRUCTURE.txt",
        "src/docker/SETUP_SUMMARY.md",
        "PROJECT_STRUCTURE.md",
        "DEPLOYMENT_CHECKLIST.md",
        "src/DOCKER_SUMMARY.md",
        "COMPLETION_REPORT.md",
        "infrastructure-summary.md",
        "directory_structure.txt",
    ],
)
def test_summaries(findings: Check, path: str) -> None:
    (found,) = findings(summary_docs.RULE, {**STACK, path: "# Done\n"})
    assert found.path == path


@pytest.mark.parametrize(
    "path",
    [
        "README.md",
        "src/README.md",
        "docs/INFRASTRUCTURE.md",
        ".autoflow/docs/ARCHITECTURE.md",
        "SUMMARY.md",
        "CHANGELOG.md",
        "docs/SUMMARY.md",
        ".github/PULL_REQUEST_TEMPLATE.md",
        "CONTRIBUTING.md",
        "ARCHITECTURE.md",
        "src/backend/summary.py",
        "BUILD_SPEC.md",
        "src/app/summary.md",
    ],
)
def test_no_summaries(findings: Check, path: str) -> None:
    assert findings(summary_docs.RULE, {**STACK, path: "x\n"}) == []


def test_a_summary_that_was_asked_for(findings: Check) -> None:
    files = {**STACK, "INFRASTRUCTURE.md": "x\n", "BUILD_SPEC.md": "Deliver an INFRASTRUCTURE.md with the ports.\n"}
    assert findings(summary_docs.RULE, files) == []


def test_a_summary_that_was_there_before(findings: Check) -> None:
    assert (
        findings(summary_docs.RULE, {**STACK, "CHECKLIST.md": "x\n"}, changed=frozenset({"src/docker-compose.yml"}))
        == []
    )


def test_root_readme(findings: Check) -> None:
    plain = {**STACK, "README.md": "# Shop\n\ndocker compose up\n"}
    assert findings(root_readme.RULE, plain) == []
    assert len(findings(root_readme.RULE, plain, changed=frozenset({"README.md"}))) == 1
    assert findings(root_readme.RULE, plain, changed=frozenset({"src/x"})) == []
    assert len(findings(root_readme.RULE, {**STACK, "README.md": "# Shop Infrastructure\n"})) == 1


def services(text: str) -> dict[str, str]:
    return {"src/docker-compose.yml": "services:\n  app:\n    image: a:1\n" + text}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "    deploy: {replicas: 2}\n",
        "    deploy: {resources: {reservations: {memory: 1g}}}\n",
        "    restart: always\n",
    ],
)
def test_no_limits(findings: Check, text: str) -> None:
    (found,) = findings(resource_limits.RULE, services(text))
    assert found.line == 2


@pytest.mark.parametrize(
    "text",
    [
        "    mem_limit: 512m\n",
        "    cpus: 0.5\n",
        "    deploy: {resources: {limits: {memory: 512M}}}\n",
        "    deploy:\n      resources:\n        limits:\n          cpus: '0.5'\n",
        '    restart: "no"\n',
        "    profiles: [tools]\n",
    ],
)
def test_limits(findings: Check, text: str) -> None:
    assert findings(resource_limits.RULE, services(text)) == []


def test_limits_of_a_fragment(findings: Check) -> None:
    compose = "x-limits: &l\n  mem_limit: 1g\nservices:\n  a:\n    <<: *l\n    image: b:1\n"
    assert findings(resource_limits.RULE, {"src/docker-compose.yml": compose}) == []


def test_read_only(findings: Check) -> None:
    rule = read_only_fs.RULE
    assert len(findings(rule, services("    tmpfs: [/tmp]\n"))) == 1
    assert findings(rule, services("    tmpfs: [/tmp]\n    read_only: true\n")) == []
    assert findings(rule, services("")) == []
    assert findings(rule, services("    tmpfs: [/tmp]\n    volumes: ['./a:/app']\n")) == []
    files = {
        "src/docker-compose.yml": "services:\n  app:\n    build: ./a\n",
        "src/a/Dockerfile": "FROM golang:1 AS b\nFROM scratch\nCOPY --from=b /a /a\n",
    }
    assert len(findings(rule, files)) == 1


BUILD = "jobs:\n  b:\n    steps:\n      - uses: docker/build-push-action@v6\n"


@pytest.mark.parametrize(
    "step",
    [
        "- uses: docker/build-push-action@v6",
        "- run: docker build -t x src/api",
        "- run: docker compose -f src/docker-compose.yml build",
    ],
)
def test_ci_without_scan(findings: Check, step: str) -> None:
    text = f"jobs:\n  b:\n    steps:\n      {step}\n      # - uses: aquasecurity/trivy-action@v1\n"
    assert len(findings(ci_no_scan.RULE, {".github/workflows/ci.yml": text})) == 1


@pytest.mark.parametrize(
    "step",
    [
        "- uses: aquasecurity/trivy-action@v1",
        "- uses: anchore/scan-action@v4",
        "- run: docker scout cves x",
        "- run: grype x",
    ],
)
def test_ci_with_scan(findings: Check, step: str) -> None:
    files = {
        ".github/workflows/ci.yml": BUILD,
        ".github/workflows/scan.yml": f"jobs:\n  s:\n    steps:\n      {step}\n",
    }
    assert findings(ci_no_scan.RULE, files) == []
    assert (
        findings(ci_no_scan.RULE, {".github/workflows/ci.yml": "jobs:\n  t:\n    steps:\n      - run: npm test\n"})
        == []
    )


def test_content_trust(findings: Check) -> None:
    rule = content_trust.RULE
    deploy = "jobs:\n  deploy:\n    environment: production\n    steps:\n      - run: docker compose pull && docker compose up -d\n"
    assert len(findings(rule, {".github/workflows/deploy.yml": deploy})) == 1
    assert (
        findings(
            rule,
            {
                ".github/workflows/deploy.yml": deploy.replace(
                    "    steps", "    env: {DOCKER_CONTENT_TRUST: 1}\n    steps"
                )
            },
        )
        == []
    )
    assert findings(rule, {".github/workflows/deploy.yml": deploy.replace("production", "staging")}) == []
