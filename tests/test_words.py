"""A word that the glossary has retired is not used any more: one thing has one name."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GLOSSARY = "docs/glossary.md"

RETIRED = {
    "belonging": "attribution",
    "court": "invariant evaluator",
    "curtailed": "skipped phases",
    "defect": "mutation",
    "desk": "sandbox session",
    "door": "control access",
    "doubt": "inconclusive",
    "experiment": "workflow",
    "holdings": "world partitions",
    "house": "package",
    "judge": "validator",
    "law": "invariant",
    "ledger": "results",
    "lever": "event",
    "likeness": "JSON diff",
    "masking": "redaction",
    "neighbour": "related",
    "notebook": "recorded interactions",
    "patience": "timeout",
    "probe": "boundary case",
    "provocation": "status case",
    "recipe": "status case",
    "seclusion": "Hypothesis isolation",
    "storey": "layer",
    "stray": "unmatched",
    "suspect": "highlight",
    "tending": "cleanup",
    "trial": "check context",
    "unchecked": "skipped",
}
"""Each retired word, and what to use instead. "blueprint" is not here: it is a class of Flask."""

EXEMPT_FILES = {
    GLOSSARY: "lists the retired words",
    "tests/test_words.py": "lists the retired words",
    "CHANGELOG.md": "says which words replaced which",
    "LICENSE": "is not our text",
    "src/mockserver/dashboard/vendor/LICENSE-htm.txt": "is not our text",
    "deploy/kubernetes.yaml": "has the names of Kubernetes",
}
EXEMPT_TEXTS = {
    "src/mockserver/apis/avaamo/seed.py": "Arabic desk",  # a team's name: data, and not a term
}

# A word alone or in a name: `judge`, `judged`, `judging`, `_judge_all`, `TheJudges`.
_STEMS = "|".join(rf"{word.removesuffix('e')}(?:e|(?=ing))" for word in RETIRED if word[-1] == "e")
_WORDS = "|".join(word for word in RETIRED if word[-1] != "e")
PATTERN = re.compile(
    rf"(?:(?<![A-Za-z])|(?<=[a-z])(?=[A-Z]))((?i:{_STEMS}|{_WORDS}))(?i:s|d|ed|ing)?(?![a-z])"
)


def find_retired(text: str) -> Iterator[tuple[str, str]]:
    """Each retired word in a text as it is written, and what to use instead."""
    for match in PATTERN.finditer(text):
        stem = match[1].lower()
        yield match[0], RETIRED.get(stem) or RETIRED[f"{stem}e"]


def list_files() -> list[str]:
    """The files of the repository, without those that git ignores."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_no_retired_word_is_in_a_name_or_in_a_text() -> None:
    offenders = []
    for name in list_files():
        if name in EXEMPT_FILES:
            continue
        offenders += [
            f"{name}: '{word}' in its name, use '{use}'" for word, use in find_retired(name)
        ]
        if (content := (ROOT / name).read_bytes()).find(b"\0") >= 0:
            continue  # a picture
        text = content.decode().replace(EXEMPT_TEXTS.get(name, "\0"), "")
        for number, line in enumerate(text.splitlines(), 1):
            offenders += [
                f"{name}:{number}: '{word}', use '{use}'" for word, use in find_retired(line)
            ]
    assert offenders == [], "\n" + "\n".join(offenders)


def test_the_words_are_found_in_every_form() -> None:
    text = "Judges judging judged; _open_door, TheDesk, LAWS; lawful, adoring, warehouse, levers2"
    assert [word for word, _ in find_retired(text)] == [
        *("Judges", "judging", "judged", "door", "Desk", "LAWS", "levers")
    ]


def test_each_exemption_is_needed() -> None:
    assert [name for name in EXEMPT_FILES if not (ROOT / name).is_file()] == []
    assert [
        f"{name}: {text}"
        for name, text in EXEMPT_TEXTS.items()
        if text not in (ROOT / name).read_text(encoding="utf-8")
    ] == []


def test_the_glossary_lists_the_same_words() -> None:
    section = (ROOT / GLOSSARY).read_text(encoding="utf-8").partition("\n## Retired words\n")[2]
    assert re.findall(r"^\| ([a-z]+) \| (.+) \|$", section, re.MULTILINE)[1:] == list(
        RETIRED.items()
    )
