"""Sends one request again and again for some seconds: with wrk, else with a client of our own."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

_SCRIPT = """
wrk.method = {method}
wrk.body = {body}
{headers}
done = function(summary, latency)
  local failed = summary.errors.connect + summary.errors.read + summary.errors.timeout
  io.write(string.format(
    '\\n{{"requests": %d, "microseconds": %d, "p50": %.1f, "p99": %.1f, "failed": %d}}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), failed))
end
"""


@dataclass(frozen=True)
class Load:
    """What came back: requests a second, and the latencies in milliseconds."""

    requests: int
    rate: float
    p50: float
    p99: float


@dataclass(frozen=True)
class Job:
    """A request, how long it is sent again and again, and over how many connections."""

    url: str
    method: str
    headers: Mapping[str, str]
    body: str
    seconds: int
    connections: int


def name_client() -> str:
    return "wrk" if shutil.which("wrk") else "asyncio"


def run(job: Job, cores: set[int]) -> Load:
    """Do a job, on these cores."""
    if shutil.which("wrk"):
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
            script.write(_write_script(job))
            script.flush()
            output = _run_pinned(
                cores,
                *("wrk", "-t1", f"-c{job.connections}", f"-d{job.seconds}s", "--timeout", "10s"),
                *("-s", script.name, job.url),
            )
    else:
        output = _run_pinned(cores, sys.executable, __file__, json.dumps(vars(job)))
    found = json.loads(output.splitlines()[-1])
    assert found["requests"], f"No response from {job.url}:\n{output}"
    assert not found["failed"], f"{found['failed']} requests failed at {job.url}"
    return Load(
        found["requests"],
        found["requests"] / found["microseconds"] * 1e6,
        found["p50"] / 1_000,
        found["p99"] / 1_000,
    )


def _write_script(job: Job) -> str:
    headers = "\n".join(
        f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}"
        for name, value in job.headers.items()
    )
    body = json.dumps(job.body) if job.body else "nil"
    return _SCRIPT.format(method=json.dumps(job.method), body=body, headers=headers)


def _run_pinned(cores: set[int], *command: str) -> str:
    return subprocess.run(
        command,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
    ).stdout


async def _send_all(job: Job) -> dict[str, float]:
    """What wrk does, in Python, and slower."""
    parts = urlsplit(job.url)
    fields = {"Host": parts.netloc, "Content-Length": str(len(job.body)), **job.headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    message = f"{job.method} {target} HTTP/1.1\r\n{head}\r\n{job.body}".encode()
    began = time.perf_counter()
    end = began + job.seconds
    latencies: list[float] = []

    async def send() -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        while (sent := time.perf_counter()) < end:
            writer.write(message)
            await _read_response(reader)
            latencies.append(time.perf_counter() - sent)
        writer.close()

    await asyncio.gather(*(send() for _ in range(job.connections)))
    took = time.perf_counter() - began
    latencies.sort()
    return {
        "requests": len(latencies),
        "microseconds": took * 1e6,
        "p50": latencies[len(latencies) // 2] * 1e6,
        "p99": latencies[len(latencies) * 99 // 100] * 1e6,
        "failed": 0,
    }


async def _read_response(reader: asyncio.StreamReader) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    _, found, rest = head.partition(b"content-length:")
    if found:
        await reader.readexactly(int(rest.partition(b"\r\n")[0]))
        return
    while size := int((await reader.readuntil(b"\r\n")).partition(b";")[0], 16):  # chunked
        await reader.readexactly(size + 2)
    await reader.readuntil(b"\r\n")


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_send_all(Job(**json.loads(sys.argv[1]))))))
