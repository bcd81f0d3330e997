"""Checking YouTube's category file (`US_category_id.json`, or `videoCategories.list`) against the 14."""

import codecs
from typing import Any

from pydantic import BaseModel, ValidationError

from ytcat.categories import CATEGORIES, plain
from ytcat.exceptions import YtcatError


class _Snippet(BaseModel):
    title: str


class _Item(BaseModel):
    id: int
    snippet: _Snippet


class _File(BaseModel):
    items: list[Any]


def check(content: bytes, name: str) -> list[int]:
    """The ids of the 14 categories that the file lacks, in order: YouTube does not offer all in every region.

    Further categories and unusable items are ignored. Raises YtcatError, naming the file, if it holds no
    category at all, or if one of the 14 ids has another name in it.
    """
    try:
        content = content.removeprefix(codecs.BOM_UTF8)
        titles = _titles(_File.model_validate_json(content).items)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise YtcatError(
            f"{name} is not a category file as YouTube writes it (at {where or 'its start'}: "
            f"{error.errors()[0]['msg']}). Download it again, or leave it out."
        ) from None
    for category in CATEGORIES:
        if category.id in titles and plain(titles[category.id]) != plain(category.name):
            raise YtcatError(
                f"In {name}, category {category.id} is {titles[category.id]!r}, not {category.name!r}: "
                "the labels would be wrong. Check that the file is YouTube's, in English."
            )
    return [category.id for category in CATEGORIES if category.id not in titles]


def _titles(items: list[Any]) -> dict[int, str]:
    """The names by id; raises the first item's ValidationError if no item is a category."""
    titles, errors = {}, []
    for item in items:
        try:
            category = _Item.model_validate(item)
        except ValidationError as error:
            errors.append(error)
        else:
            titles[category.id] = category.snippet.title
    if errors and not titles:
        raise errors[0]
    return titles
