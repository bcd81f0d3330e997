"""The schema of an ingested corpus: the columns of its Parquet file, and the form of a video id."""

import pyarrow

# A plain file name; YouTube's own ids, of 11 characters, are among them.
VIDEO_ID = r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}"

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
