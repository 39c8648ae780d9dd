"""GitHub for a story: the emulator, its front, and what a person does and sees there."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from bot.event.delivery import sign
from tests.story.emulator.front import Front
from tests.story.emulator.mirror import ADMIN, REPLAYING, Mirror

HERE = Path(__file__).parent
NPM = HERE.parents[1] / "npm/node_modules"
API = NPM / "emulate/dist/api.js"
APP_ID, INSTALLATION, SECRET = 4711, 100, "the webhook's secret"
PERMISSIONS = ("contents", "issues", "pull_requests", "checks", "actions", "workflows")


def missing() -> str:
    """Why no story can be told here, or ""."""
    if not shutil.which("node"):
        return "node is not installed"
    for package in ("emulate", "@octokit/openapi"):
        if not (NPM / package).is_dir():
            return f"npm's {package} is not installed: run tests/npm/install"
    return ""


@dataclass(frozen=True)
class Delivery:
    """A webhook as GitHub sends it."""

    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> str:
        return self.headers["x-github-event"]

    @property
    def payload(self) -> Any:
        return json.loads(self.body)


def signed(event: str, payload: Any, *, delivery: str = "") -> Delivery:
    """A webhook that the emulator does not send, or not as GitHub does."""
    body = json.dumps(payload).encode()
    headers = {
        "content-type": "application/json",
        "x-github-event": event,
        "x-github-delivery": delivery or str(uuid.uuid4()),
        "x-hub-signature-256": sign(body, SECRET),
    }
    return Delivery(headers, body)


class GitHub:
    """What people and tests do on GitHub; the App itself only ever sees `url`."""

    def __init__(self, url: str, front: Front, emulator: str, repositories: Path) -> None:
        self.url = url
        self.front = front
        self._repositories = repositories
        self._taken: set[str] = set()
        self._http = httpx.Client(base_url=emulator, headers={"authorization": f"Bearer {ADMIN}"}, trust_env=False)

    def close(self) -> None:
        self._http.close()

    def api(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._http.request(method, path, json=body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text[:300]}"
        return answer.json() if answer.content else None

    def repository(self, name: str, files: dict[str, str]) -> Repository:
        """Make `acme/<name>` with one commit of `files`; no files make it empty."""
        made = self.api("POST", "/orgs/acme/repos", {"name": name, "auto_init": False, "private": False})
        bare = self._repositories / f"acme/{name}.git"
        git("init", "-q", "--bare", "-b", "main", str(bare))
        for key, value in (
            ("uploadpack.allowFilter", "true"),
            ("uploadpack.allowAnySHA1InWant", "true"),
            ("http.receivepack", "true"),
            ("core.hooksPath", "hooks"),
        ):
            git("-C", str(bare), "config", key, value)
        repository = Repository(self, f"acme/{name}", made["id"], bare)
        if files:
            repository.commit("main", files, "Describe the project")
        return repository

    def hooks(self, event: str, action: str, repository: str, number: int, *, within: float = 20.0) -> Delivery:
        """The newest delivery of `event` about issue or pull request `number`; it may take a moment to come."""
        until = time.monotonic() + within
        while time.monotonic() < until:
            for headers, body in reversed(self.front.hooks):
                if headers["x-github-event"] != event:
                    continue
                payload = json.loads(body)
                if payload["sender"]["login"].endswith("[bot]"):
                    continue
                subject = payload.get("pull_request") or payload.get("issue") or {}
                about = (payload.get("action"), payload["repository"]["full_name"], subject.get("number"))
                if about == (action, repository, number) and headers["x-github-delivery"] not in self._taken:
                    self._taken.add(headers["x-github-delivery"])
                    return Delivery(headers, body)
            threading.Event().wait(0.02)
        raise AssertionError(f"GitHub sent no {event} {action} about {repository}#{number}")


class Repository:
    """One repository, as its people see it."""

    def __init__(self, github: GitHub, name: str, number: int, bare: Path) -> None:
        self.github = github
        self.name = name
        self.id = number
        self.bare = bare

    def api(self, method: str, path: str, body: Any = None) -> Any:
        return self.github.api(method, f"/repos/{self.name}/{path}".rstrip("/"), body)

    def commit(self, branch: str, files: dict[str, str], message: str, links: dict[str, str] | None = None) -> str:
        """Commit `files`, and `links` to commits of other repositories, on `branch`, as a person would."""
        before = self.refs()
        parent = before.get(f"refs/heads/{branch}")
        index = self.bare / "index.of.a.person"
        env = {"GIT_INDEX_FILE": str(index)}
        if parent:
            git("-C", str(self.bare), "read-tree", parent, env=env)
        for path, text in files.items():
            blob = git("-C", str(self.bare), "hash-object", "-w", "--stdin", data=text)
            git("-C", str(self.bare), "update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", env=env)
        for path, linked in (links or {}).items():
            git("-C", str(self.bare), "update-index", "--add", "--cacheinfo", f"160000,{linked},{path}", env=env)
        tree = git("-C", str(self.bare), "write-tree", env=env)
        index.unlink()
        parents = ("-p", parent) if parent else ()
        commit = git("-C", str(self.bare), "commit-tree", tree, *parents, "-m", message)
        git("-C", str(self.bare), "update-ref", f"refs/heads/{branch}", commit)
        self._mirrored(before)
        return commit

    def merge(self, branch: str, other: str) -> str:
        """Merge `other` into `branch`, as a person who takes their own side wherever the two disagree."""
        before = self.refs()
        ours, theirs = (before[f"refs/heads/{name}"] for name in (branch, other))
        tree = git("-C", str(self.bare), "rev-parse", f"{ours}^{{tree}}")
        commit = git("-C", str(self.bare), "commit-tree", tree, "-p", ours, "-p", theirs, "-m", f"Merge {other}")
        git("-C", str(self.bare), "update-ref", f"refs/heads/{branch}", commit)
        self._mirrored(before)
        return commit

    def _mirrored(self, before: dict[str, str]) -> None:
        import asyncio

        async def follow() -> None:
            async with httpx.AsyncClient(base_url=self.github._http.base_url, trust_env=False) as client:
                await Mirror(self.bare, self.name, client).follow(before)

        asyncio.run(follow())

    def refs(self) -> dict[str, str]:
        listing = git("-C", str(self.bare), "for-each-ref", "--format=%(refname) %(objectname)")
        return dict(line.split() for line in listing.splitlines())

    def branches(self) -> dict[str, str]:
        return {ref.removeprefix("refs/heads/"): commit for ref, commit in self.refs().items()}

    def files(self, ref: str) -> list[str]:
        return git("-C", str(self.bare), "ls-tree", "-r", "--name-only", ref).splitlines()

    def show(self, ref: str, path: str) -> str:
        """A file's text."""
        return git("-C", str(self.bare), "show", f"{ref}:{path}") + "\n"

    def tree(self, ref: str) -> str:
        """The id of a commit's tree."""
        return git("-C", str(self.bare), "rev-parse", f"{ref}^{{tree}}")

    def made_tree(self, ref: str, files: dict[str, tuple[str, bytes | None]]) -> str:
        """The tree of a commit with other files: path to mode and content, None for one that is removed."""
        index = self.bare / "index.of.a.tree"
        env = {"GIT_INDEX_FILE": str(index)}
        git("-C", str(self.bare), "read-tree", ref, env=env)
        for path, (mode, content) in files.items():
            if content is None:
                git("-C", str(self.bare), "rm", "--cached", "--quiet", path, env=env)
                continue
            sha = git("-C", str(self.bare), "hash-object", "-w", "--stdin", raw=content)
            git("-C", str(self.bare), "update-index", "--add", "--cacheinfo", f"{mode},{sha},{path}", env=env)
        tree = git("-C", str(self.bare), "write-tree", env=env)
        index.unlink()
        return tree

    def mode(self, ref: str, path: str) -> str:
        """A file's mode, as git writes it."""
        return self.object_at(ref, path)[0]

    def object_at(self, ref: str, path: str) -> tuple[str, str]:
        """The mode and the id of what is at a path."""
        mode, _kind, sha = git("-C", str(self.bare), "ls-tree", ref, path).split()[:3]
        return mode, sha

    def log(self, ref: str) -> list[str]:
        return git("-C", str(self.bare), "log", "--format=%an <%ae> | %s", ref).splitlines()

    def commits(self, ref: str) -> list[str]:
        return git("-C", str(self.bare), "rev-list", ref).splitlines()

    def refuse_pushes(self, words: str) -> None:
        """Refuse pushes, as a rule does, with what it writes to who pushes."""
        hook = self.bare / "hooks/pre-receive"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ncat <<'END' >&2\n{words}\nEND\nexit 1\n")
        hook.chmod(0o755)

    def take_pushes(self) -> None:
        """Refuse none any more."""
        (self.bare / "hooks/pre-receive").unlink()

    def issue(self, title: str, body: str = "") -> int:
        return int(self.api("POST", "issues", {"title": title, "body": body})["number"])

    def label(self, number: int, name: str = "infra") -> Delivery:
        self.api("POST", f"issues/{number}/labels", {"labels": [name]})
        return self.github.hooks("issues", "labeled", self.name, number)

    def unlabel(self, number: int, name: str = "infra") -> Delivery:
        self.api("DELETE", f"issues/{number}/labels/{name}")
        return self.github.hooks("issues", "unlabeled", self.name, number)

    def comment(self, number: int, body: str) -> Delivery:
        self.api("POST", f"issues/{number}/comments", {"body": body})
        delivery = self.github.hooks("issue_comment", "created", self.name, number)
        if number not in {pull["number"] for pull in self.pulls()}:
            return delivery
        # GitHub tells that the issue is a pull request; the emulator forgets to.
        payload = delivery.payload
        payload["issue"]["pull_request"] = {"url": f"{self.github.url}/repos/{self.name}/pulls/{number}"}
        return signed("issue_comment", payload, delivery=delivery.headers["x-github-delivery"])

    def review(
        self, number: int, body: str, state: str = "REQUEST_CHANGES", beside: dict[str, str] | None = None
    ) -> Delivery:
        """Review, with a comment `beside` each file."""
        comments = [{"path": path, "position": 1, "body": text} for path, text in (beside or {}).items()]
        self.api("POST", f"pulls/{number}/reviews", {"body": body, "event": state, "comments": comments})
        return self.github.hooks("pull_request_review", "submitted", self.name, number)

    def remark(self, number: int, path: str, body: str, *, reply_to: int | None = None) -> Delivery:
        """Comment on a line, outside of a review (GitHub makes a review of it), or in the thread of `reply_to`."""
        made = {"path": path, "line": 1, "body": body, "in_reply_to_id": reply_to}
        self.api("POST", f"pulls/{number}/comments", made)
        return self.github.hooks("pull_request_review_comment", "created", self.name, number)

    def remarks(self, number: int) -> list[Any]:
        return list(self.api("GET", f"pulls/{number}/comments?per_page=100"))

    def comments(self, number: int) -> list[str]:
        return [comment["body"] for comment in self.api("GET", f"issues/{number}/comments?per_page=100")]

    def pulls(self) -> list[Any]:
        return list(self.api("GET", "pulls?state=all&per_page=100"))

    def pull(self, number: int) -> Any:
        return self.api("GET", f"pulls/{number}")

    def checks(self, ref: str) -> list[Any]:
        return list(self.api("GET", f"commits/{ref}/check-runs")["check_runs"])


def git(*words: str, data: str | None = None, raw: bytes | None = None, env: dict[str, str] | None = None) -> str:
    identity = {f"GIT_{who}_{what}": text for who in ("AUTHOR", "COMMITTER") for what, text in _IDENTITY.items()}
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", **identity, **(env or {})}
    given = data.encode() if data is not None else raw
    done = subprocess.run(["git", *words], input=given, capture_output=True, env=environment, check=True)
    return done.stdout.decode().strip()


_IDENTITY = {"NAME": "Mona", "EMAIL": "mona@example.org", "DATE": "2026-01-02T03:04:05Z"}


@contextmanager
def running(folder: Path, key: str) -> Iterator[GitHub]:
    """Start the emulator and its front in `folder`; `key` is the App's public half's private one (PEM)."""
    behind, ahead = free_port(), free_port()
    url = f"http://127.0.0.1:{ahead}"
    seed = folder / "seed.json"
    seed.write_text(json.dumps(_seed(url, key)))
    emulator = subprocess.Popen(
        ["node", "-r", HERE / "shim.cjs", HERE / "serve.mjs", API, seed, str(behind), url],
        stdout=subprocess.PIPE,
        text=True,
    )
    repositories = folder / "repositories"
    repositories.mkdir()
    front = Front(f"http://127.0.0.1:{behind}", repositories)
    server = uvicorn.Server(uvicorn.Config(front.app, port=ahead, log_level="warning", ws="none", loop="asyncio"))
    thread = threading.Thread(target=server.run)
    try:
        assert emulator.stdout is not None
        assert emulator.stdout.readline().strip() == "up"
        thread.start()
        with closing(GitHub(url, front, f"http://127.0.0.1:{behind}", repositories)) as github:
            yield github
    finally:
        server.should_exit = True
        if thread.ident:
            thread.join(timeout=10)
        emulator.kill()
        emulator.wait()
        if emulator.stdout:
            emulator.stdout.close()


def _seed(url: str, key: str) -> dict[str, Any]:
    permissions = dict.fromkeys(PERMISSIONS, "write") | {"metadata": "read"}
    return {
        "tokens": {
            token: {"login": "mona", "scopes": ["repo", "user", "admin:org", "workflow"]}
            for token in (ADMIN, *REPLAYING)
        },
        "github": {
            "users": [{"login": "mona", "name": "Mona"}, {"login": "stranger"}],
            "orgs": [{"login": "acme", "members": [{"login": "mona", "role": "admin"}]}],
            "apps": [
                {
                    "app_id": APP_ID,
                    "slug": "groundwork",
                    "name": "Groundwork",
                    "private_key": key,
                    "permissions": permissions,
                    "events": [
                        *("issues", "issue_comment", "pull_request", "pull_request_review"),
                        *("pull_request_review_comment", "check_run", "check_suite", "workflow_run"),
                    ],
                    "webhook_url": f"{url}/_hooks",
                    "webhook_secret": SECRET,
                    "installations": [
                        {"installation_id": INSTALLATION, "account": "acme", "repository_selection": "all"}
                    ],
                }
            ],
        },
    }


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
