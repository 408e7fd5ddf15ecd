"""Writes shell scripts that send the requests of findings again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mockserver.check.reports.text import format_curl, format_message
from mockserver.check.target.target import Target
from mockserver.check.validation.finding import Finding
from mockserver.check.validation.verdict import Verdict
from mockserver.redaction import Mask

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_NOTE = """\
# All values are those of the run, ids too: where a response has another id, put it into the
# requests after it. $NAMES are environment variables with the credentials; replace each *** by
# the secret."""
_SANDBOX = """\
# x-mock-sandbox selects a sandbox of a mock. The run has deleted it; the first request makes a new
# one, with the scenario of that server. Change the name to begin anew."""


def format_script(finding: Finding, base: str, mask: Mask) -> str:
    """A script of curl commands for the sequence of requests that shows a finding."""
    lines = ["#!/bin/sh", *_comment(finding, mask), _NOTE, *_list_commands(finding, base, mask)]
    return "\n".join(lines) + "\n"


def write_script(verdicts: Sequence[Verdict], target: Target, mask: Mask) -> bytes:
    """Write one script for all findings; its argument is the number of one, as in the HTML page."""
    functions, titles = list[str](), list[str]()
    for verdict in verdicts:
        base, own = target.url.rstrip("/") + verdict.base, verdict.extend(mask)
        for finding in (*verdict.failures, *verdict.warnings, *verdict.accepted):
            number = len(titles) + 1
            titles.append(f"{number}  {verdict.api}: {_flatten(format_message(finding, own))}")
            commands = list(_list_commands(finding, base, own)) or [
                "echo 'There is no request to repeat.'"
            ]
            body = [*_comment(finding, own), *commands]
            functions += [f"finding_{number}() {{", *body, "}", ""]
    lines = [
        "#!/bin/sh",
        f"# Repeats the requests of a finding at {mask.text(target.url)}: sh FILE NUMBER",
        _NOTE,
        "",
        *functions,
        'case "${1:-}" in',
        *(f"  {number + 1}) finding_{number + 1} ;;" for number in range(len(titles))),
        "  *)",
        "    cat <<'END_OF_LIST'",
        "Give the number of a finding:",
        *titles,
        "END_OF_LIST",
        "    exit 2 ;;",
        "esac",
    ]
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _comment(finding: Finding, mask: Mask) -> Iterator[str]:
    yield f"# {_flatten(format_message(finding, mask))}"
    if finding.request is not None and finding.request.headers.get("x-mock-sandbox"):
        yield _SANDBOX


def _list_commands(finding: Finding, base: str, mask: Mask) -> Iterator[str]:
    exchanges = finding.sequence
    for number, exchange in enumerate(exchanges, 1):
        yield f"# {number} of {len(exchanges)}: it got {exchange.response.status}"
        yield format_curl(exchange.request, base, mask)
        yield "echo"
    if not exchanges and finding.request is not None:
        yield "# It got no response."
        yield format_curl(finding.request, base, mask)


def _flatten(text: str) -> str:
    """A text in one line, which a comment of a script can have."""
    return _CONTROL.sub(" ", text)
