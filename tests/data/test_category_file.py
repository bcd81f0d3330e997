import json

import pytest

from ytcat.categories import CATEGORIES
from ytcat.data.category_file import check
from ytcat.exceptions import YtcatError


def category_file(**changed):
    """What YouTube writes, with our names; `changed` has other titles by "c" and id, None for no item."""
    titles = {f"c{category.id}": category.name for category in CATEGORIES} | {"c43": "Shows"} | changed
    items = [
        {"kind": "youtube#videoCategory", "id": key[1:], "snippet": {"title": title, "assignable": True}}
        for key, title in titles.items()
        if title
    ]
    return json.dumps({"kind": "youtube#videoCategoryListResponse", "items": items}).encode()


def test_kaggles_file_has_the_14(shared):
    content = (shared / "data" / "us-2017" / "US_category_id.json").read_bytes()
    assert check(content, "US_category_id.json") == []


def test_other_spellings_of_a_name_are_the_same_name():
    assert check(category_file(c2="Autos & Vehicles", c26="Howto & Style", c17="Sports"), "file") == []


def test_items_that_are_no_categories_and_a_byte_order_mark_are_no_trouble():
    listed = json.loads(category_file())
    listed["items"] = [None, {"id": "x"}, *listed["items"], {"id": "99"}]
    assert check(b"\xef\xbb\xbf" + json.dumps(listed).encode(), "file") == []


def test_a_category_that_a_region_does_not_have_is_told():
    assert check(category_file(c27=None, c1=None), "file") == [1, 27]


def test_an_id_that_means_something_else_is_named():
    with pytest.raises(YtcatError, match=r"In US.json, category 10 is 'Pets', not 'Music': the labels"):
        check(category_file(c10="Pets"), "US.json")


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"[]", b'{"items": [{"id": "10"}]}', b'{"items": [{"id": "x"}]}']
)
def test_what_is_no_category_file_is_named(content):
    with pytest.raises(YtcatError, match=r"US.json is not a category file as YouTube .*leave it out"):
        check(content, "US.json")
