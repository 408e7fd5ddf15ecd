"""What the dashboard costs: its first view, a server that it watches, and its own memory.

    python benchmarks/dashboard.py [first watching heap] [--runs 9] [--rate 500] [--seconds 20]
                                   [--rounds 5] [--exchanges 120000]

`first`: from the start of the navigation to the first row that is shown, in a browser with a new
profile each time, of a server with the default world and 1,000 exchanges in its journal.
`watching`: the processor time of a server that gets so many requests a second, without a watcher,
with a client that reads what such a page reads, and with a page on the view Traffic; all get the
same requests, in turn.
`heap`: what a page on the view Traffic holds while exchanges come for an hour's worth of traffic:
its JavaScript heap after a collection of garbage, its nodes, and its listeners.

It needs the browser that tools/browser.sh finds. Figures of a machine that does something else are
worth nothing: the browser, the server and what sends the requests share the cores. `rate` says
how many requests a second were really sent.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import SHUT_RDWR
from subprocess import Popen
from threading import Thread

from playwright.sync_api import Browser, Page
from serving import connect, processor_seconds, read_response, start, write_request

sys.path.append(str(Path(__file__).parents[1] / "tools"))
from dashboard_views import WINDOW, open_browser

VIEWS = {
    "Traffic, 1,000 exchanges": "traffic",
    "World, the kinds": "world",
    "World, 2,212 documents": "world/autozod/duty",
}
REQUEST = "GET calwe log, 2 entries"
CONNECTIONS = 4
SHARES = (0, 5, 10, 25, 50, 75, 100)
"""At so many percent of the exchanges the page is measured."""
SETTLE_SECONDS = 3.0
"""How long the page has to read the rest of the exchanges."""
FIRST_ROW = """
new MutationObserver((_, observer) => {
  if (document.querySelector("tbody tr:not(.space) td")) {
    observer.disconnect();
    // In the frame after the one in which it is drawn.
    requestAnimationFrame(() => requestAnimationFrame(() => (window.firstRow = performance.now())));
  }
}).observe(document, { childList: true, subtree: true });
"""


@contextmanager
def serve() -> Iterator[tuple[Popen[str], str]]:
    process, url, _ = start()
    try:
        yield process, url
    finally:
        process.terminate()
        process.wait()


def send(url: str, number: int, rate: float) -> float:
    """Send so many requests at so many a second; how many a second it really was."""
    message = write_request(REQUEST, url)
    sockets = [connect(url) for _ in range(CONNECTIONS)]
    began = time.perf_counter()
    for sent in range(0, number, CONNECTIONS):
        time.sleep(max(0.0, began + sent / rate - time.perf_counter()))
        for connection in sockets:
            connection.sendall(message)
        for connection in sockets:
            read_response(connection)
    seconds = time.perf_counter() - began
    for connection in sockets:
        connection.close()
    return number / seconds


@contextmanager
def no_watcher(_url: str, _browser: Browser) -> Iterator[Counter[str]]:
    yield Counter()


@contextmanager
def read_stream(url: str, _browser: Browser) -> Iterator[Counter[str]]:
    """Read the stream of summaries, and count them."""
    counted: Counter[str] = Counter()
    with connect(url) as connection:
        connection.sendall(
            b"GET /__mock__/journal/stream?summary=true HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        )

        def read() -> None:
            rest = b""
            while data := connection.recv(65536):
                *lines, rest = (rest + data).split(b"\n")
                counted["summaries"] += sum(line.startswith(b"data: ") for line in lines)

        reader = Thread(target=read)
        reader.start()
        yield counted
        connection.shutdown(SHUT_RDWR)
        reader.join()


@contextmanager
def open_page(url: str, browser: Browser) -> Iterator[Counter[str]]:
    page = browser.new_page(viewport=WINDOW)
    watch(page, url)
    yield Counter()
    page.close()


WATCHERS = {"no watcher": no_watcher, "a reader": read_stream, "a page": open_page}


def watch(page: Page, url: str) -> None:
    """Open the view Traffic, which follows the journal."""
    page.goto(f"{url}/__mock__/ui/#/traffic")
    page.get_by_text("live", exact=True).wait_for()


def measure_first(arguments: argparse.Namespace) -> None:
    print(f"first row shown, of {arguments.runs} new profiles: median, fastest, slowest")
    with serve() as (_, url):
        send(url, 1_000, 1_000)
        for name, place in VIEWS.items():
            milliseconds = []
            for _ in range(arguments.runs):
                with open_browser() as browser:
                    page = browser.new_page(viewport=WINDOW)
                    page.add_init_script(FIRST_ROW)
                    page.goto(f"{url}/__mock__/ui/#/{place}")
                    page.locator("tbody tr:not(.space) td").first.wait_for()
                    page.wait_for_timeout(300)  # until the frame is drawn
                    milliseconds.append(page.evaluate("window.firstRow"))
            median, low, high = (
                statistics.median(milliseconds),
                min(milliseconds),
                max(milliseconds),
            )
            print(f"  {name:26} {median:5.0f} ms, {low:5.0f} ms, {high:5.0f} ms", flush=True)


def measure_watching(arguments: argparse.Namespace) -> None:
    number = int(arguments.rate * arguments.seconds)
    print(f"processor time of the server for {number:,} requests, {arguments.rate} a second")
    used = defaultdict(list)
    with serve() as (process, url), open_browser() as browser:
        send(url, number // 4, arguments.rate)  # so that all is loaded and the journal is full
        for _ in range(arguments.rounds):
            for name, watcher in WATCHERS.items():
                with watcher(url, browser) as counted:
                    time.sleep(SETTLE_SECONDS)  # what the watcher reads first
                    before = processor_seconds(process.pid)
                    rate = send(url, number, arguments.rate)
                    time.sleep(SETTLE_SECONDS)
                    used[name].append(processor_seconds(process.pid) - before)
                seen = "".join(f", {value:,} {key}" for key, value in counted.items())
                print(f"  {name:12} {used[name][-1]:6.3f} s, rate {rate:.0f}{seen}", flush=True)
    alone = used["no watcher"]
    for name, seconds in used.items():
        # Each is compared with the round that it belongs to.
        more = [it - other for it, other in zip(seconds, alone, strict=True)]
        wall = number / arguments.rate + SETTLE_SECONDS
        print(
            f"  {name:12} median {statistics.median(seconds):.3f} s; more than without:"
            f" median {statistics.median(more):+.3f} s, {min(more):+.3f} to {max(more):+.3f} s;"
            f" {statistics.median(more) / wall:+.2%} of a core"
        )


def measure_heap(arguments: argparse.Namespace) -> None:
    print(f"a page on Traffic, while {arguments.exchanges:,} exchanges come")
    print("  exchanges      heap   nodes  listeners  rate  shown")
    with serve() as (_, url), open_browser() as browser:
        page = browser.new_page(viewport=WINDOW)
        watch(page, url)
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        sent, rate = 0, 0.0
        for share in SHARES:
            due = arguments.exchanges * share // 100
            if due > sent:
                rate = send(url, due - sent, arguments.rate)
                sent = due
            page.wait_for_timeout(SETTLE_SECONDS * 1_000)
            session.send("HeapProfiler.collectGarbage")
            found = session.send("Performance.getMetrics")["metrics"]
            now = {it["name"]: it["value"] for it in found}
            shown = page.locator("p.hint", has_text="exchange").first.inner_text()
            print(
                f"  {sent:9,} {now['JSHeapUsedSize'] / 2**20:6.1f} MiB {now['Nodes']:7.0f}"
                f" {now['JSEventListeners']:10.0f} {rate:5.0f}  {shown}",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help="first, watching, heap; or all")
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--rate", type=float, default=500)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--exchanges", type=int, default=120_000)
    arguments = parser.parse_args()
    measures = {"first": measure_first, "watching": measure_watching, "heap": measure_heap}
    if unknown := {*arguments.parts} - {*measures}:
        parser.error(f"there is no part {', '.join(sorted(unknown))}: {', '.join(measures)}")
    for part in arguments.parts or measures:
        measures[part](arguments)


if __name__ == "__main__":
    main()
