"""The Dockerfile parser, as a build would read the file."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import ParseError
from bot.parse.dockerfile import parse_dockerfile
from bot.parse.dockerfile_commands import instruction_commands
from bot.parse.dockerfile_image import built_image
from bot.parse.dockerfile_model import Dockerfile, Instruction
from bot.parse.dockerfile_stages import needed_stages, sources_of


def only(dockerfile: Dockerfile, keyword: str) -> Instruction:
    found = [i for stage in dockerfile.stages for i in stage.instructions if i.keyword == keyword]
    assert len(found) == 1
    return found[0]


def test_continuation_comments_and_blank_lines_inside_run() -> None:
    text = "FROM alpine:3.20\nRUN apk add \\\n  # tools\n\n  curl \\\n    git \\\n && echo ok\nUSER app\n"
    dockerfile = parse_dockerfile(text)
    run = only(dockerfile, "RUN")
    commands = instruction_commands(run)
    assert [c.program for c in commands] == ["apk", "echo"]
    assert commands[0].arguments == ("add", "curl", "git")
    git = commands[0].words[-1]
    assert (git.line, git.column) == (6, 5)
    assert text[git.start : git.end] == "git"
    assert only(dockerfile, "USER").line == 8


def test_positions_survive_crlf_and_bom() -> None:
    text = '\ufeffFROM node:22-alpine\r\nRUN npm \\\r\n  ci\r\nCMD ["node", "server.js"]\r\n'
    dockerfile = parse_dockerfile(text)
    words = instruction_commands(only(dockerfile, "RUN"))[0].words
    assert [w.value for w in words] == ["npm", "ci"]
    assert text[words[1].start : words[1].end] == "ci"
    cmd = only(dockerfile, "CMD")
    assert cmd.exec_form
    assert [w.value for w in cmd.words] == ["node", "server.js"]
    assert text[cmd.words[1].start : cmd.words[1].end] == '"server.js"'


def test_escape_directive_changes_the_continuation() -> None:
    dockerfile = parse_dockerfile("# escape=`\nFROM base:1\nRUN dir C:\\ `\n  && echo x\n")
    assert dockerfile.escape == "`"
    assert [c.program for c in instruction_commands(only(dockerfile, "RUN"))] == ["dir", "echo"]


def test_directive_after_a_comment_is_a_comment() -> None:
    assert parse_dockerfile("# hello\n# escape=`\nFROM a:1\n").escape == "\\"


def test_double_escape_at_the_end_does_not_continue() -> None:
    dockerfile = parse_dockerfile("FROM a:1\nRUN echo \\\\\nUSER app\n")
    assert only(dockerfile, "USER").words[0].value == "app"


@pytest.mark.parametrize(
    "head", ["RUN <<EOF", "RUN bash <<'EOF'", "RUN <<-EOF", "RUN --mount=type=cache,target=/x <<EOF"]
)
def test_heredoc_script_is_read_as_commands(head: str) -> None:
    dockerfile = parse_dockerfile(f"FROM a:1\n{head}\nset -e\n# a comment\napt-get install -y curl\nEOF\nUSER app\n")
    run = only(dockerfile, "RUN")
    assert [c.program for c in instruction_commands(run)] == ["set", "apt-get"]
    curl = instruction_commands(run)[1].words[-1]
    assert (curl.value, curl.line) == ("curl", 5)
    assert only(dockerfile, "USER").line == 7


def test_heredoc_as_a_file_is_no_script() -> None:
    dockerfile = parse_dockerfile("FROM a:1\nRUN cat <<EOF > /etc/x && nginx -t\nrm -rf /\nEOF\n")
    assert [c.program for c in instruction_commands(only(dockerfile, "RUN"))] == ["cat", "nginx"]


def test_heredoc_of_another_language_is_no_shell() -> None:
    dockerfile = parse_dockerfile("FROM a:1\nRUN <<EOF\n#!/usr/bin/env python3\nimport os\nEOF\n")
    assert instruction_commands(only(dockerfile, "RUN")) == ()


def test_copy_with_heredocs() -> None:
    dockerfile = parse_dockerfile("FROM a:1\nCOPY <<a.txt <<b.txt /x/\nFROM nothing\na.txt\nhi\nb.txt\nUSER app\n")
    copy = only(dockerfile, "COPY")
    assert [h.name for h in copy.heredocs] == ["a.txt", "b.txt"]
    assert copy.heredocs[0].body.text == "FROM nothing\n"
    assert len(dockerfile.stages) == 1


def test_shift_in_shell_is_no_heredoc() -> None:
    parse_dockerfile('FROM a:1\nRUN echo "1 <<2" && grep x <<< "$Y"\n')


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 1, "no instruction"),
        ("# only words\n", 1, "no instruction"),
        ("RUN ls\nFROM a:1\n", 1, "before the first FROM"),
        ("FROM a:1\nRNU ls\n", 2, "unknown instruction"),
        ("FROM a:1\nRUN apt-get update\n  apt-get install curl\n", 3, "unknown instruction"),
        ("FROM a:1 b c d\n", 1, "FROM takes"),
        ("FROM a:1 AZ b\n", 1, "FROM takes"),
        ("FROM a:1\nRUN\n", 2, "needs an argument"),
        ("FROM a:1\nCOPY x\n", 2, "destination"),
        ("FROM a:1\nENV A\n", 2, "name and a value"),
        ("FROM a:1\nENV A=b c\n", 2, "has no value"),
        ("FROM a:1\nSHELL bash\n", 2, "JSON"),
        ("FROM a:1\nHEALTHCHECK curl x\n", 2, "CMD or NONE"),
        ("FROM a:1\nHEALTHCHECK --interval=5 CMD x\n", 2, "duration"),
        ("FROM a:1\nHEALTHCHECK --every=5s CMD x\n", 2, "no option"),
        ("FROM a:1\nHEALTHCHECK CMD\n", 2, "no command"),
        ("FROM a:1\nRUN <<EOF\nls\n", 2, "no end"),
        ("FROM a:1\nONBUILD FROM b\n", 2, "ONBUILD"),
        ("# escape=x\nFROM a:1\n", 1, "escape"),
    ],
)
def test_what_a_build_would_refuse(text: str, line: int, says: str) -> None:
    with pytest.raises(ParseError, match=says) as caught:
        parse_dockerfile(text, "src/Dockerfile")
    assert (caught.value.path, caught.value.line) == ("src/Dockerfile", line)


def test_env_old_and_new_form() -> None:
    dockerfile = parse_dockerfile(
        'FROM a:1\nENV A=1 B="two words" C=three\\ words\nENV D the rest of it\nENV E=$A/${B}/${X:-none}\n'
    )
    image = built_image(dockerfile)
    assert image
    assert image.env == {
        "A": "1",
        "B": "two words",
        "C": "three words",
        "D": "the rest of it",
        "E": "1/two words/none",
    }


def test_healthcheck_options() -> None:
    dockerfile = parse_dockerfile(
        "FROM a:1\nHEALTHCHECK --interval=1m30s --timeout=500ms --start-period=1h --start-interval=2s --retries=5 \\\n"
        "  CMD curl -f http://127.0.0.1/ || exit 1\n"
    )
    image = built_image(dockerfile)
    assert image
    check = image.healthcheck
    assert check
    assert (check.interval, check.timeout, check.start_period, check.start_interval) == (90.0, 0.5, 3600.0, 2.0)
    assert check.retries == 5
    assert check.shell is not None
    assert check.shell.text == "curl -f http://127.0.0.1/ || exit 1"
    assert not check.words


def test_healthcheck_exec_form_and_none() -> None:
    image = built_image(parse_dockerfile('FROM a:1\nHEALTHCHECK CMD ["curl", "-f", "http://127.0.0.1/"]\n'))
    assert image
    assert image.healthcheck
    assert [w.value for w in image.healthcheck.words] == ["curl", "-f", "http://127.0.0.1/"]
    off = built_image(parse_dockerfile("FROM a:1\nHEALTHCHECK NONE\n"))
    assert off
    assert off.healthcheck
    assert off.healthcheck.none


STAGES = """\
ARG NODE=22
ARG VARIANT=alpine
FROM --platform=$BUILDPLATFORM node:${NODE}-${VARIANT} AS Base
WORKDIR /app
USER node
EXPOSE 3000/tcp 3001
FROM base AS build
RUN npm run build
FROM alpine:3.20 AS tools
RUN --mount=type=bind,from=build,target=/b ls
FROM base AS final
ARG PORT=8080
ENV PORT=$PORT
WORKDIR dist
COPY --from=build /app/dist ./
EXPOSE $PORT
CMD ["node", "x.js"]
"""


def test_stage_graph_and_effect() -> None:
    dockerfile = parse_dockerfile(STAGES)
    image = built_image(dockerfile)
    assert image
    assert image.base == "node:22-alpine"
    assert [s.name for s in image.lineage] == ["base", "final"]
    assert (image.user, image.workdir, image.exposed) == ("node", "/app/dist", (3000, 3001, 8080))
    assert [s.name for s in sources_of(dockerfile, dockerfile.stages[3])] == ["build"]
    assert needed_stages(dockerfile, dockerfile.stages[3]) == {0, 1, 3}
    assert dockerfile.stages[0].platform == "$BUILDPLATFORM"


def test_target_and_build_args() -> None:
    dockerfile = parse_dockerfile(STAGES)
    image = built_image(dockerfile, "BUILD", {"NODE": "20"})
    assert image
    assert image.base == "node:20-alpine"
    assert image.stage.name == "build"
    assert built_image(dockerfile, "nope") is None
    unknown = built_image(dockerfile, "base", {"NODE": None})
    assert unknown
    assert unknown.base is None


def test_entrypoint_voids_the_inherited_cmd_but_not_its_own() -> None:
    text = 'FROM a:1 AS one\nCMD ["x"]\nFROM one AS two\nENTRYPOINT ["e"]\n'
    text += 'FROM one AS three\nCMD ["y"]\nENTRYPOINT ["e"]\n'
    two, three = built_image(parse_dockerfile(text), "two"), built_image(parse_dockerfile(text), "three")
    assert two
    assert three
    assert two.cmd is None
    assert three.cmd is not None


def test_ten_thousand_continuations_and_a_large_file_end_quickly() -> None:
    parse_dockerfile("FROM a:1\nRUN a \\\n" + " b \\\n" * 20_000 + " c\n")
    with pytest.raises(ParseError, match="characters"):
        parse_dockerfile("FROM a:1\n" + "#" * 3_000_000)


WORDS = r"""FROM RUN COPY <<EOF EOF \ ` # " ' [ ] "x" , $ ${ } $( ) HEALTHCHECK --interval=1s CMD ENV A=b && | ;"""
BLANKS = (" ", "\t", "\n", "\r\n", "\ufeff", "\x00", "\u2028", "\x0b")
PIECES = st.sampled_from([*WORDS.split(" "), *BLANKS, "é", "ONBUILD", "# escape=`", "FROM a AS b"])


@settings(max_examples=300, deadline=2000)
@given(st.lists(PIECES, max_size=60).map("".join))
def test_never_breaks_and_words_stand_where_they_say(text: str) -> None:
    try:
        dockerfile = parse_dockerfile("FROM a:1\n" + text)
    except ParseError:
        return
    source = dockerfile.source.text
    for stage in dockerfile.stages:
        for instruction in stage.instructions:
            assert 0 <= instruction.start <= instruction.end <= len(source)
            for word in instruction.words:
                assert 0 <= word.start <= word.end <= len(source)
                assert source[word.start : word.start + 1] == word.raw[:1]
                assert dockerfile.source.position(word.start) == (word.line, word.column)
            if instruction.keyword in {"RUN", "CMD"}:
                instruction_commands(instruction)
    assert built_image(dockerfile) is not None
