"""The generators of every API that need no more than a number of documents."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mockserver import apis
from mockserver.factory import Factory
from mockserver.sandbox import World


@pytest.mark.parametrize("api", apis.load().values(), ids=lambda api: api.name)
def test_generated_documents_fit_their_kinds_and_depend_on_the_seed_alone(
    api: Any, world: World
) -> None:
    generators = [api.get_generator(name) for name in api.generators]
    for generator in generators:
        required = [name for name, it in generator.options.items() if it.default is it.empty]
        if required == ["count"]:
            documents = [*generator(world, count=20)]
            assert [*generator(world, count=20)] == documents
            assert [*generator(replace(world, factory=Factory(7)), count=20)] != documents
            world.documents.extend(documents)  # raises DocumentError
