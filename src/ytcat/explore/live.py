"""A title, and where the model reads it a thumbnail, answered as it is typed."""

from collections.abc import Callable
from html import escape

import ipywidgets
import numpy as np

from ytcat.categories import NAMES
from ytcat.exceptions import YtcatError
from ytcat.explore import title_box
from ytcat.explore.bars import bars
from ytcat.views import label

SHOWN = 5  # categories
# As `Predictor.answer`: from the titles ("": none) and picture files (None: none) of n videos, the view that
# each is answered from, and probabilities (n, 14).
Answer = Callable[[list[str], list[bytes | None]], tuple[np.ndarray, np.ndarray]]


def published(titles: list[str], pictures: list[bytes | None]) -> tuple[np.ndarray, np.ndarray]:
    """The answers of the book's title box, trained on real titles; pictures are not read."""
    model, _ = title_box.read(title_box.MODEL)
    return np.full(len(titles), "title"), model.predict(titles)


def ask(answer: Answer = published, title: str = "", thumbnails: bool = False) -> ipywidgets.VBox:
    """A field for a title, and with `thumbnails` a button for a picture; the answer below follows each key.

    `answer` is a trained model, such as `Predictor(folder).answer`; the default is the book's title box.
    """
    text = ipywidgets.Text(title, description="Title", layout={"width": "95%"})
    upload = ipywidgets.FileUpload(accept="image/*", description="Thumbnail")
    shown = ipywidgets.HTML()

    def update(_: object = None) -> None:
        picture = bytes(upload.value[0]["content"]) if upload.value else None
        if not text.value.strip() and picture is None:
            shown.value = "<p>Type a title.</p>"
            return
        try:
            (view,), (probabilities,) = answer([text.value], [picture])
        except (YtcatError, ValueError) as error:
            shown.value = f'<p role="alert">{escape(str(error))}</p>'
            return
        order = np.argsort(-probabilities, kind="stable")[:SHOWN]
        rows = [(NAMES[k], float(probabilities[k])) for k in order]
        shown.value = f"<p>Answered from: {escape(label(view).lower())}</p>{bars(rows)}"

    for widget in (text, upload):
        widget.observe(update, "value")
    update()
    return ipywidgets.VBox([text, upload, shown] if thumbnails else [text, shown]).add_class("ytcat-live")
