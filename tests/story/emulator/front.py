"""One origin, as GitHub has: git over HTTP, the API behind it, stubs for what the emulator lacks, and a record."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.story.emulator import description
from tests.story.emulator.actions import EmulatedActions
from tests.story.emulator.git_data import GitData
from tests.story.emulator.mirror import ADMIN, Mirror
from tests.story.emulator.registration import Registration

_ADMIN = {"authorization": f"Bearer {ADMIN}"}
METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE"]
_HOP = {"content-length", "content-encoding", "transfer-encoding", "connection"}
_REPOSITORY = re.compile(r"/repos/([^/]+/[^/]+)(?:/|$)")


@dataclass(frozen=True)
class Call:
    """One request of the App to the API."""

    method: str
    path: str
    query: dict[str, str]
    body: Any


@dataclass
class Fault:
    """An answer given instead of the real one, `times` times."""

    method: str
    path: re.Pattern[str]
    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    times: int = 1_000_000


@dataclass(frozen=True)
class Grant:
    """What a token was made for."""

    repositories: tuple[int, ...]
    permissions: dict[str, str]


class Front:
    """The App talks to this alone; everything it says is recorded and held against GitHub's description."""

    def __init__(self, emulator: str, repositories: Path) -> None:
        self.calls: list[Call] = []
        self.wrong: list[str] = []
        self.hooks: list[tuple[dict[str, str], bytes]] = []
        self.faults: list[Fault] = []
        self.reactions: list[tuple[str, str]] = []
        self.resolved: list[str] = []
        self.grants: dict[str, Grant] = {}
        self.withheld: set[str] = set()
        self.on_call: Callable[[Call], None] = lambda _call: None
        self.on_half: Callable[[Call], None] = lambda _call: None
        self.on_done: Callable[[Call], None] = lambda _call: None
        self._emulator = emulator
        self._repositories = repositories
        self._client: httpx.AsyncClient | None = None
        self._pushes = asyncio.Lock()
        self.registration = Registration()
        self.actions = EmulatedActions(repositories)
        self.git_data = GitData(repositories, lambda: self.client)
        self.hook_config = {"url": "", "content_type": "json", "secret": "********", "insecure_ssl": "0"}
        self.hook_deliveries: list[dict[str, Any]] = []
        self.app = Starlette(
            routes=[
                Route("/_hooks", self._hook, methods=["POST"]),
                *self.registration.routes,
                *self.actions.routes,
                Route("/{owner}/{name}.git/{rest:path}", self._git, methods=["GET", "POST"]),
                Route("/{path:path}", self._api, methods=METHODS),
            ],
            lifespan=self._life,
        )

    @asynccontextmanager
    async def _life(self, _app: Starlette) -> AsyncIterator[None]:
        yield
        if self._client is not None:
            await self._client.aclose()

    @property
    def client(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(base_url=self._emulator, timeout=30, trust_env=False)
        return self._client

    async def _hook(self, request: Request) -> Response:
        headers = {name: value for name, value in request.headers.items() if name.startswith(("x-", "content-type"))}
        self.hooks.append((headers, await request.body()))
        return Response(status_code=202)

    async def _api(self, request: Request) -> Response:
        raw = await request.body()
        body = json.loads(raw) if raw else None
        call = Call(request.method, request.url.path, dict(request.query_params), body)
        self.calls.append(call)
        self.wrong += [f"{call.method} {call.path}: {wrong}" for wrong in self._errors(call)]
        self.on_call(call)
        answer = await self._answered(request, call, raw)
        self.on_done(call)
        return answer

    async def _answered(self, request: Request, call: Call, raw: bytes) -> Response:
        body = call.body
        if fault := self._fault(call):
            return fault
        if call.path.startswith("/app-manifests/"):
            return self.registration.converted(call.path.split("/")[2])
        if call.path.endswith("/access_tokens") and self.withheld & set((body or {}).get("permissions", {})):
            return JSONResponse({"message": "The permissions requested are not granted to this installation."}, 422)
        if refusal := self._unauthorised(request, call):
            return refusal
        if call.path == "/graphql":
            return await self._graphql(call)
        if stubbed := self._stub(call) or await self.git_data.answer(call):
            return stubbed
        if replied := await self._reply(request, call) or await self._pulls_of(call):
            return replied
        url = str(request.base_url).rstrip("/")
        if told := await asyncio.to_thread(self.actions.answer, call.method, call.path, call.query, url):
            return told
        headers = {k: v for k, v in request.headers.items() if k not in {"host", "content-length", "accept-encoding"}}
        answer = await self.client.request(
            call.method, httpx.URL(request.url.path, query=request.url.query.encode()), content=raw, headers=headers
        )
        if call.path.endswith("/access_tokens") and answer.status_code == 201:
            self.grants[answer.json()["token"]] = Grant(
                tuple((body or {}).get("repository_ids", ())), (body or {}).get("permissions", {})
            )
        kept = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP}
        if self.withheld and re.fullmatch(r"/app/installations/\d+", call.path):
            about = answer.json()
            about["html_url"] = f"{url}/organizations/acme/settings/installations/{about['id']}"
            about["permissions"] = {k: v for k, v in about["permissions"].items() if k not in self.withheld}
            return JSONResponse(about, answer.status_code)
        return Response(answer.content, answer.status_code, kept)

    def _fault(self, call: Call) -> Response | None:
        for fault in self.faults:
            if fault.times and fault.method == call.method and fault.path.search(call.path):
                fault.times -= 1
                return JSONResponse(fault.body, fault.status, fault.headers)
        return None

    def _errors(self, call: Call) -> list[str]:
        return (
            []
            if call.path == "/graphql"
            else description.github().errors(call.method, call.path, call.query, call.body)
        )

    def _unauthorised(self, request: Request, call: Call) -> Response | None:
        """A token reads and writes what it was made for; the emulator itself takes any."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if not token:
            return JSONResponse({"message": "Requires authentication"}, 401)
        if _REPOSITORY.match(call.path) and (scheme.lower() not in {"token", "bearer"} or token not in self.grants):
            return JSONResponse({"message": "Bad credentials"}, 401)
        return None

    def _stub(self, call: Call) -> Response | None:
        if call.path == "/app/hook/config":
            return JSONResponse(self.hook_config)
        if call.path == "/app/hook/deliveries":
            return self._deliveries(call)
        if re.fullmatch(r"/app/hook/deliveries/\d+/attempts", call.path) and call.method == "POST":
            return JSONResponse({}, 202)
        if call.path.endswith("/reactions") and call.method == "POST":
            known = (call.path, call.body["content"]) in self.reactions
            if not known:
                self.reactions.append((call.path, call.body["content"]))
            return JSONResponse({"id": len(self.reactions), "content": call.body["content"]}, 200 if known else 201)
        return None

    def _deliveries(self, call: Call) -> Response:
        first, size = int(call.query.get("cursor", "0")), int(call.query["per_page"])
        more = first + size < len(self.hook_deliveries)
        link = {"link": f'<http://elsewhere.example{call.path}?per_page={size}&cursor={first + size}>; rel="next"'}
        return JSONResponse(self.hook_deliveries[first : first + size], headers=link if more else None)

    async def _reply(self, request: Request, call: Call) -> Response | None:
        """A reply in a thread beside a line: the emulator makes it where GitHub used to."""
        found = re.fullmatch(r"(/repos/[^/]+/[^/]+/pulls/\d+/comments)/(\d+)/replies", call.path)
        if found is None:
            return None
        listing = (await self.client.get(f"{found[1]}?per_page=100", headers=_ADMIN)).json()
        root = next((one for one in listing if one["id"] == int(found[2])), None)
        if root is None:
            return JSONResponse({"message": "Not Found"}, 404)
        made = {"body": call.body["body"], "in_reply_to_id": root["id"], "path": root["path"], "line": root["line"]}
        headers = {"authorization": request.headers["authorization"]}
        answer = await self.client.post(found[1], json=made, headers=headers)
        return JSONResponse(answer.json(), answer.status_code)

    async def _pulls_of(self, call: Call) -> Response | None:
        """The pull requests whose head a commit is; the emulator does not tell."""
        found = re.fullmatch(r"(/repos/[^/]+/[^/]+)/commits/([0-9a-f]{40})/pulls", call.path)
        if found is None:
            return None
        pulls = (await self.client.get(f"{found[1]}/pulls?state=all&per_page=100", headers=_ADMIN)).json()
        return JSONResponse([pull for pull in pulls if pull["head"]["sha"] == found[2]])

    async def _threads(self, call: Call) -> Response:
        """The threads of a pull request, as GraphQL tells them."""
        asked = call.body["variables"]
        path = f"/repos/{asked['owner']}/{asked['name']}/pulls/{asked['number']}/comments?per_page=100"
        roots = [one["id"] for one in (await self.client.get(path, headers=_ADMIN)).json() if not one["in_reply_to_id"]]
        nodes = [
            {
                "id": f"thread-{root}",
                "isResolved": f"thread-{root}" in self.resolved,
                "comments": {"nodes": [{"databaseId": root}]},
            }
            for root in roots
        ]
        page = {"nodes": nodes, "pageInfo": {"hasNextPage": False, "endCursor": None}}
        return JSONResponse({"data": {"repository": {"pullRequest": {"reviewThreads": page}}}})

    async def _graphql(self, call: Call) -> Response:
        """What REST has no counterpart for."""
        if "reviewThreads(" in call.body["query"]:
            return await self._threads(call)
        if "resolveReviewThread(input:" in call.body["query"]:
            self.resolved.append(call.body["variables"]["id"])
            return JSONResponse({"data": {"resolveReviewThread": {"clientMutationId": None}}})
        found = re.search(r"(markPullRequestReadyForReview|convertPullRequestToDraft)\(input:", call.body["query"])
        if found is None:
            return JSONResponse({"errors": [{"message": "no such field"}]})
        for name in sorted(path.parent.name + "/" + path.stem for path in self._repositories.glob("*/*.git")):
            pulls = (await self.client.get(f"/repos/{name}/pulls?per_page=100", headers=_ADMIN)).json()
            for pull in pulls:
                if pull["node_id"] == call.body["variables"]["id"]:
                    draft = found[1] == "convertPullRequestToDraft"
                    await self.client.patch(
                        f"/repos/{name}/pulls/{pull['number']}", json={"draft": draft}, headers=_ADMIN
                    )
                    return JSONResponse({"data": {found[1]: {"clientMutationId": None}}})
        return JSONResponse({"errors": [{"message": "Could not resolve to a node"}]})

    async def _git(self, request: Request) -> Response:
        name = f"{request.path_params['owner']}/{request.path_params['name']}"
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        user, _, token = base64.b64decode(given).decode().partition(":") if scheme.lower() == "basic" else ("", "", "")
        if not token:
            return Response("auth", 401, {"www-authenticate": 'Basic realm="GitHub"'})
        grant = self.grants.get(token)
        if user != "x-access-token" or grant is None or not (self._repositories / f"{name}.git").is_dir():
            return Response("Repository not found.", 404)
        pushing = "git-receive-pack" in str(request.url)
        if pushing and grant.permissions.get("contents") != "write":
            return Response("Write access to repository not granted.", 403)
        if request.method != "POST":
            return await self._served(request, name, pushing=pushing)
        status = ""
        if pushing:
            ours = await Mirror(self._repositories / f"{name}.git", name, self.client).refs()
            status = "further" if any(ref.startswith("refs/heads/groundwork/") for ref in ours) else "first"
        call = Call("PUSH" if pushing else "FETCH", f"/repos/{name}", {}, {"status": status})
        async with self._pushes if pushing else nullcontext():  # GitHub, too, takes pushes in turn
            self.on_call(call)
            answer = self._fault(call) or await self._served(request, name, pushing=pushing)
        if pushing:
            self.on_done(call)
            return answer
        return StreamingResponse(self._in_halves(call, bytes(answer.body)), answer.status_code, dict(answer.headers))

    async def _in_halves(self, call: Call, body: bytes) -> AsyncIterator[bytes]:
        yield body[: len(body) // 2]
        await asyncio.to_thread(self.on_half, call)
        yield body[len(body) // 2 :]
        self.on_done(call)

    async def _served(self, request: Request, name: str, *, pushing: bool) -> Response:
        mirror = Mirror(self._repositories / f"{name}.git", name, self.client)
        before = await mirror.refs()
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self._repositories),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REMOTE_USER": "x-access-token",
            "REQUEST_METHOD": request.method,
            "PATH_INFO": request.url.path,
            "QUERY_STRING": request.url.query,
            "CONTENT_TYPE": request.headers.get("content-type", ""),
            "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
            "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
        }
        process = await asyncio.create_subprocess_exec(
            "git", "http-backend", stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
        )
        out, _ = await process.communicate(await request.body())
        head, _, body = out.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        status = int(headers.pop("Status", "200").split()[0])
        if pushing and request.method == "POST":
            await mirror.follow(before)
        return Response(body, status, headers)
