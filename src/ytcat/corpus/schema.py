"""The schema of an ingested corpus: the table of videos, checked with pandera, and the Parquet columns."""

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow

from ytcat.categories import IDS, labels

if TYPE_CHECKING:
    import pandera.pandas as pa

# A plain file name; YouTube's own ids, of 11 characters, are among them.
VIDEO_ID = r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}"


@cache
def videos_schema() -> "pa.DataFrameSchema":
    """What the table of videos must be: its columns in this order, their types and values."""
    import pandera.pandas as pa  # half a second that a build with nothing to do can spare

    return pa.DataFrameSchema(
        {
            "video_id": pa.Column(str, pa.Check.str_matches(rf"^{VIDEO_ID}\Z"), unique=True),
            "title": pa.Column(str, pa.Check.str_matches(r"\S")),
            "channel_title": pa.Column(str, pa.Check.str_matches(r"\S"), nullable=True),
            "category_id": pa.Column("int64", pa.Check.isin(IDS)),
            "label": pa.Column("int64"),
            "publish_time": pa.Column(pd.DatetimeTZDtype("us", "UTC"), nullable=True),
            "tags": pa.Column(str, pa.Check.str_matches(r"\S"), nullable=True),
            "has_thumbnail": pa.Column(bool),
        },
        checks=pa.Check(
            lambda videos: videos["label"] == labels(videos["category_id"]),
            error="label is not the category's",
        ),
        index=pa.Index("int64", pa.Check(lambda index: index == np.arange(len(index))), name=None),
        strict=True,
        ordered=True,
    )


PARQUET = pyarrow.schema(
    [
        pyarrow.field("video_id", pyarrow.string(), nullable=False),
        pyarrow.field("title", pyarrow.string(), nullable=False),
        pyarrow.field("channel_title", pyarrow.string()),
        pyarrow.field("category_id", pyarrow.int64(), nullable=False),
        pyarrow.field("label", pyarrow.int64(), nullable=False),  # 0..13, see ytcat.categories
        pyarrow.field("publish_time", pyarrow.timestamp("us", "UTC")),
        pyarrow.field("tags", pyarrow.string()),  # separated by |
        pyarrow.field("thumbnail", pyarrow.binary()),  # the file, byte for byte
    ]
)
