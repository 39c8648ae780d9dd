"""BuildKit's plain progress, as it really comes."""

from __future__ import annotations

import pytest

from bot.verify.build import step_line
from bot.verify.build_output import BuildOutput

FAILED = """\
#0 building with "default" instance using docker driver

#1 [app internal] load build definition from Dockerfile
#1 transferring dockerfile: 85B done
#1 DONE 0.0s

#5 [app 1/3] FROM docker.io/library/node:22-alpine
#5 CACHED

#6 [web builder 2/4] RUN npm ci
#6 0.412 added 12 packages
#6 DONE 2.1s

#7 [app 2/3] RUN npm ci
#7 0.653 npm error code EUSAGE
#7 ERROR: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1
------
 > [app 2/3] RUN npm ci:
0.653 npm error code EUSAGE
------
failed to solve: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1
"""


def read(text: str, *services: str) -> BuildOutput:
    output = BuildOutput(services=services)
    for number, line in enumerate(text.splitlines()):
        output.line(line, float(number))
    return output


def test_the_failing_step_its_service_and_its_lines_are_found() -> None:
    output = read(FAILED, "app", "web")
    assert (output.failed_service, output.failed_step) == ("app", "[app 2/3] RUN npm ci")
    assert output.tail() == ("npm error code EUSAGE",)
    assert "exit code: 1" in output.error


def test_time_is_counted_by_service() -> None:
    output = read(FAILED, "app", "web")
    assert output.seconds("web") == 2.0
    assert output.seconds("app") == 13.0
    assert output.seconds("other") == 0.0


def test_base_images_are_named_as_people_do() -> None:
    pinned = FAILED.replace("FROM docker.io/library/node:22-alpine", "FROM docker.io/library/node:22-alpine@sha256:1f")
    assert read(FAILED, "app", "web").bases("app") == ("node:22-alpine",)
    assert read(pinned, "app", "web").bases("app") == ("node:22-alpine",)
    assert read(FAILED, "app", "web").bases("web") == ()


def test_a_single_service_is_built_without_its_name() -> None:
    output = read(FAILED.replace("[app ", "["), "app")
    assert (output.failed_service, output.failed_step) == ("app", "[2/3] RUN npm ci")


def test_the_step_is_found_in_its_dockerfile() -> None:
    dockerfile = "FROM x\n# RUN npm ci\nRUN  npm ci \\\n  --omit=dev\nRUN true\n"
    assert step_line(dockerfile, "[app 2/3] RUN npm ci --omit=dev") == 3
    assert step_line(dockerfile, "[2/3] RUN true") == 5
    assert step_line(dockerfile, "[2/3] RUN other") == 0


def test_finished_stages_and_the_work_that_was_done_are_known() -> None:
    output = BuildOutput(services=("api", "web"))
    for line in (
        "#1 [api internal] load build definition from Dockerfile",
        "#1 DONE 9.0s",
        "#2 [api base 1/2] FROM docker.io/library/node:22",
        "#2 DONE 5.0s",
        "#3 [api base 2/2] WORKDIR /app",
        "#3 CACHED",
        "#4 [api deps 1/2] COPY lock ./",
        "#4 DONE 0.5s",
        "#5 [api deps 2/2] RUN npm ci",
        "#5 4.1 added 7 packages",
        "#5 DONE 8.2s",
        "#6 [api stage-2 2/3] COPY . .",
        "#6 DONE 0.3s",
        "#7 [web 2/2] RUN echo 2/2] DONE 3.0s",
        "#7 DONE 1.0s",
        "#8 [api stage-2 3/3] RUN npm test",
        "#8 ERROR: process did not complete",
    ):
        output.line(line, 0.0)
    assert output.finished == [("api", "base"), ("api", "deps"), ("web", "")]
    assert output.worked == pytest.approx(10.0)
