"""What the table of videos must be: its columns in this order, their types and values."""

import numpy as np
import pandas as pd
import pandera.pandas as pa

from ytcat.categories import IDS, labels
from ytcat.corpus import schema

VIDEOS = pa.DataFrameSchema(
    {
        "video_id": pa.Column(str, pa.Check.str_matches(rf"^{schema.VIDEO_ID}\Z"), unique=True),
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
