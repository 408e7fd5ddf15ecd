"""Formats a verdict as plain lines, and a request as a URL and as a curl command."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from mockserver.check.reports.evidence import explain_evidence
from mockserver.check.target.target import Target
from mockserver.check.validation.finding import Finding
from mockserver.check.validation.verdict import Verdict
from mockserver.contract import Exchange, Request
from mockserver.redaction import Mask, format_word

_LONGEST, _MOST_REQUESTS, _NAMED = 600, 21, 5
_REASON = re.compile(r"(.+?): (.+)", re.DOTALL)
"""What is said of something skipped: its name, and why."""
_OWN = frozenset({"host", "content-length", "accept-encoding", "connection", "user-agent"})
_SAFE = "/:@!$&'()*+,;=~-._"


def format_verdict(verdict: Verdict, target: Target, mask: Mask) -> Iterator[str]:
    """The verdict on one API in lines, the worst findings first."""
    base, mask = target.url.rstrip("/") + verdict.base, verdict.extend(mask)
    yield f"{verdict.api}: {format_summary(verdict)}"
    for title, findings in (
        ("FAILURE", verdict.failures),
        ("warning", verdict.warnings),
        ("accepted", verdict.accepted),
    ):
        for finding in findings:
            evidence = explain_evidence(verdict.results.api, finding) if verdict.results else ""
            yield from format_finding(title, finding, base, mask, evidence)
    yield from (f"  INCONCLUSIVE: {mask.text(reason)}" for reason in verdict.inconclusive)
    yield from (f"  skipped: {mask.text(line)}" for line in _summarize(verdict.skipped))
    if verdict.used_up:
        yield f"  used up: {mask.text(verdict.used_up)}"
    if verdict.excluded:
        yield f"  excluded: {', '.join(verdict.excluded)}"


def _summarize(skipped: Sequence[str]) -> Iterator[str]:
    """What was skipped, a line for each reason."""
    groups: dict[str, list[str]] = {}
    for sentence in skipped:
        match = _REASON.fullmatch(sentence)
        groups.setdefault(match[2] if match else sentence, []).append(sentence)
    for reason, sentences in groups.items():
        if len(sentences) == 1:
            yield sentences[0]
            continue
        names = [sentence.removesuffix(reason).rstrip(": ") for sentence in sentences]
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        yield f"{reason}: {', '.join(names[:_NAMED])}{more}"


def format_summary(verdict: Verdict) -> str:
    """The figures of a run over one API in one line."""
    # In capitals what must not be overlooked in a long log.
    word = "pass" if verdict.outcome == "pass" else verdict.outcome.upper()
    return (
        f"{word}: {verdict.requests} requests, {len(verdict.failures)} failures, "
        f"{len(verdict.warnings)} warnings, {len(verdict.accepted)} accepted, "
        f"{len(verdict.inconclusive)} inconclusive, {len(verdict.skipped)} skipped, "
        f"{verdict.seconds:.1f} seconds"
    )


def format_finding(
    title: str, finding: Finding, base: str, mask: Mask, evidence: str = ""
) -> Iterator[str]:
    """A finding in lines, below a title such as FAILURE; `evidence` says what its evidence is."""
    where = finding.operation or "the deployment"
    status = f" {finding.status}" if finding.status else ""
    phases = ", ".join(finding.phases)
    yield f"  {title}: {where}{status}: {mask.text(finding.sentence)[:_LONGEST]}"
    if finding.also:
        yield f"    also: {mask.text('; '.join(finding.also))[:_LONGEST]}"
    if others := format_places(finding):
        yield f"    also at: {others}"
    yield f"    {finding.evidence} by {finding.source}; seen {finding.count} times, by {phases}"
    if evidence:
        yield f"    {evidence[:_LONGEST]}"
    if finding.note:
        yield f"    {finding.note}"
    if finding.before:
        count = len(finding.sequence)
        yield f"    the last of {count} requests, which --report script=FILE repeats:"
        shown = finding.sequence[-_MOST_REQUESTS:]
        yield from ["      …"] * (len(shown) < count)
        yield from (f"      {format_step(exchange, mask)}" for exchange in shown)
    if finding.request is not None:
        command = format_curl(finding.request, base, mask)
        is_cut = len(command) > _LONGEST
        yield f"    {command[:_LONGEST]}" + "… (--report script=FILE has it whole)" * is_cut
    # Quoted for YAML, where ` #` begins a comment.
    doubled = mask.text(finding.fingerprint).replace("'", "''")
    yield f"    finding: '{doubled}'"


def format_step(exchange: Exchange, mask: Mask) -> str:
    """One request of a sequence in one line: its method, path and query, and the status."""
    url = format_url(exchange.request, "", mask)
    return f"{exchange.request.method} {url} {exchange.response.status}"[:_LONGEST]


def format_message(finding: Finding, mask: Mask) -> str:
    """A finding in one line: what a reader should know of it, what is wrong, and what else is."""
    sentence = "; ".join((finding.sentence, *finding.also))
    return mask.text(": ".join(filter(None, (finding.note, sentence))))[:_LONGEST]


def format_places(finding: Finding) -> str:
    """The operations and statuses of a finding, but for the first one."""
    operations: dict[str, dict[int | None, None]] = {}
    for place in finding.places:
        if place.operation:
            operations.setdefault(place.operation, {})[place.status] = None
    if statuses := operations.get(finding.operation):
        statuses.pop(finding.status, None)
    return ", ".join(
        " ".join([operation, *(str(status) for status in statuses if status)])
        for operation, statuses in operations.items()
        if statuses
    )


def format_url(request: Request, base_url: str, mask: Mask) -> str:
    """Format the URL of a request, its path percent-encoded."""
    url = base_url.rstrip("/") + quote(request.path, safe=_SAFE)
    return f"{mask.text(url)}?{mask.query(request.query)}" if request.query else mask.text(url)


def format_curl(request: Request, base_url: str, mask: Mask) -> str:
    """Format the command, with the environment variables of secrets, where they are known.

    Other secrets have to be filled in before it is run.
    """
    mask = mask.for_shell
    words = ["curl", "-s", "-i"]
    if {".", ".."} & {*request.path.split("/")}:
        words.append("--path-as-is")
    if request.method != "GET" or request.body:
        words += ["-X", request.method]
    words.append(format_url(request, base_url, mask))
    for name, value in request.headers.fields:
        if name not in _OWN:
            words += ["-H", f"{mask.text(name)}: {mask.header(name, value)}"]
    if request.body:
        body = request.body.decode("utf-8", "backslashreplace")
        words += ["--data-binary", mask.body(body, request.headers.media_type)]
    return " ".join(map(format_word, words))
