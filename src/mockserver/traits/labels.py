"""Labels: a field of a row that says the value of another one in words."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from mockserver.traits.declarations import Labels
from mockserver.traits.derivation import rule
from mockserver.traits.listing import Evaluation, at

_Labelled = tuple[Labels, list[tuple[str, str]]]
"""The labels of an operation, and the values of the rows in a response, each with its text."""


def _read_labels(evaluation: Evaluation, *, is_shown: bool = False) -> _Labelled | None:
    """Reads the values that have a text, or those that examples show with one."""
    own, now = evaluation.of, evaluation.now
    if own.labels is None or not now.is_success:
        return None
    rows = [at(now.response_body, own.creation.entry)] if own.creation else []
    if own.rows is not None:
        rows = at(now.response_body, own.rows)
    known = own.labels.shown if is_shown else own.labels.texts
    pairs = [
        (value, text)
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(value := at(row, own.labels.of), str) and value in known
        if isinstance(text := at(row, own.labels.text), str)
    ]
    return (own.labels, pairs) if pairs else None


@rule(Labels, reads=_read_labels)
def a_text_is_not_that_of_another_value(labelled: _Labelled) -> Iterator[str]:
    """A text is not the one that the contract gives for another value."""
    trait, pairs = labelled
    for value, text in pairs:
        if other := trait.find_other(value, text):
            yield f"{value} has the text '{text}' of {other}"


@rule(Labels, "shown", reads=partial(_read_labels, is_shown=True))
def a_text_is_that_of_the_examples(labelled: _Labelled) -> Iterator[str]:
    """A value that examples show has the text that it has there."""
    trait, pairs = labelled
    for value, text in pairs:
        if text not in trait.shown[value]:
            yield f"{value} has the text '{text}', and not '{trait.shown[value][0]}'"


@rule(Labels, reads=_read_labels)
def a_text_belongs_to_its_value(labelled: _Labelled) -> Iterator[str]:
    """A text is the one that the contract gives for its value."""
    trait, pairs = labelled
    for value, text in pairs:
        if text not in (trait.texts[value], *trait.shown.get(value, ())):
            yield f"{value} has the text '{text}', and not '{trait.texts[value]}'"
