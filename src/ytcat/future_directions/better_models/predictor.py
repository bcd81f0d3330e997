"""A trained model for use: asked of videos, from titles, thumbnails, or both.

It imports neither TensorFlow nor scikit-learn, which take seconds, unless Keras computes the networks.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ytcat import cluster
from ytcat.categories import IDS
from ytcat.exceptions import YtcatError
from ytcat.future_directions.better_models import persistence, sentence_encoder
from ytcat.future_directions.thumbnail_features import encoder as enlarged
from ytcat.future_directions.thumbnail_features import openvino
from ytcat.pretrained.minilm import tokenizer
from ytcat.views import label

if TYPE_CHECKING:
    import pandas as pd
    from tokenizers import Tokenizer

    from ytcat.corpus.ingest import Unlabelled
    from ytcat.quiet_tensorflow import keras

PRECISION = "f32"  # of the networks that OpenVINO reads from a model folder
BLOCK_SIZE = 8 * enlarged.PICTURES_PER_BATCH  # thumbnails in memory at once, at most
ANSWERED_AT_ONCE = 2048  # videos, whose features are in memory
VIDEOS_PER_TASK = 256  # of a cluster: their thumbnails are sent along, about 1 MB

# Of videos that are answered from the same view: the view, titles, pictures.
Asked = tuple[str, list[str], list[bytes | None]]
# Where a worker finds the same model: its folder, the backend, name and hash of each file.
Place = tuple[Path, str, tuple[tuple[str, str], ...]]


def view_phrase(view: str) -> str:
    """A view in a sentence, such as "thumbnail and title"."""
    return label(view).lower()


class Predictor:
    """A trained model that answers from titles, thumbnails, or both."""

    def __init__(self, folder: Path, backend: str = openvino.KERAS) -> None:
        """Read the model of a folder; `backend` computes its networks.

        OpenVINO reads the networks of the folder; one that is not there is computed by Keras, or, for
        thumbnails, converted. Raises YtcatError if the folder is no model, or if there is no such backend.
        """
        self.model, self.about, self._files = persistence.load(folder)
        self._folder = folder
        self.backend = openvino.usable(backend)

    def answer(self, titles: list[str], pictures: list[bytes | None]) -> tuple[np.ndarray, np.ndarray]:
        """The view that each of n videos is answered from, (n,) str, and probabilities (n, 14) float32.

        A title may be "", a picture (the bytes of an image file) None. Raises YtcatError for a video with
        neither, or with a thumbnail alone if the model reads titles alone; ValueError for a picture that
        cannot be read. Many videos are answered on the cluster at `DASK_SCHEDULER_ADDRESS`, if it is set.
        """
        views = np.array([self._view(*video) for video in zip(titles, pictures, strict=True)], dtype=str)
        if (views == "").any():
            ways = " or the ".join(view_phrase(view) for view in self.model.views)
            raise YtcatError(f"This model answers from the {ways}: give that.")
        on_cluster = bool(cluster.address()) and len(titles) > VIDEOS_PER_TASK
        blocks = _blocks(views, VIDEOS_PER_TASK if on_cluster else ANSWERED_AT_ONCE)
        asked = [
            (str(views[rows[0]]), [titles[row] for row in rows], [pictures[row] for row in rows])
            for rows in blocks
        ]
        answers = (
            cluster.computed(_answer_on_worker, asked, self._place, what="Predictions")
            if on_cluster
            else enumerate(map(self._answer_block, asked))
        )
        probabilities = np.empty((len(titles), len(IDS)), dtype=np.float32)
        for number, answered in answers:
            probabilities[blocks[number]] = answered
        return views, probabilities

    def table(self, videos: "Unlabelled") -> "tuple[pd.DataFrame, dict[str, int]]":
        """One row per video that the model can answer, and how many videos were answered from each view.

        Columns: `video_id`, `category_id`, and `p_<YouTube id>` of each of the 14 categories. Raises
        YtcatError if the model can answer none.
        """
        import pandas as pd

        from ytcat.runs import PROBABILITY_COLUMNS

        known = list(zip(videos.video_ids, videos.titles, videos.pictures, strict=True))
        known = [video for video in known if self._view(*video[1:])] or known
        video_ids, titles, pictures = map(list, zip(*known, strict=True))
        views, probabilities = self.answer(titles, pictures)
        table = pd.DataFrame(probabilities, columns=PROBABILITY_COLUMNS)
        table.insert(0, "video_id", video_ids)
        table.insert(1, "category_id", np.array(IDS)[probabilities.argmax(axis=1)])
        return table, pd.Series(views).value_counts().to_dict()

    def _view(self, title: str, picture: bytes | None) -> str:
        """The view to answer from: both where the video has both and the model reads both; "" for none."""
        known = self.model.views
        present = [view for view, value in (("title", title.strip()), ("thumbnail", picture)) if value]
        if len(present) == 2 and "both" in known:
            return "both"
        return next((view for view in present if view in known), "")

    def _answer_block(self, asked: Asked) -> np.ndarray:
        """Probabilities (k, 14) float32 of k videos that are answered from the same view."""
        view, titles, pictures = asked
        return self.model.probabilities(self._scores(view, titles, pictures), view)

    @property
    def _place(self) -> Place:
        return self._folder.absolute(), self.backend, tuple(sorted(self._files.items()))

    def _scores(self, view: str, titles: list[str], pictures: list[bytes | None]) -> dict[str, np.ndarray]:
        """The encoders of titles and thumbnails run at once: neither keeps two cores busy on its own."""
        parts = self.model.views[view]
        with ThreadPoolExecutor(1) as pool:
            thumbnails = None if view == "title" else pool.submit(self._thumbnails, pictures)
            scores = {"minilm": self._fine_tuned(titles)} if "minilm" in parts else {}
            sentences = self._embed(titles) if self.model.has_kernels and view != "thumbnail" else None
        return scores | self.model.scores(view, titles, sentences, thumbnails and thumbnails.result())

    def _fine_tuned(self, titles: list[str]) -> np.ndarray:
        """Scores (n, 14) of the fine-tuned sentence encoder."""
        if network := self._network("minilm"):
            return self._over_batches(network, len(IDS), titles)
        return sentence_encoder.scores(self._keras_minilm, titles)

    def _embed(self, titles: list[str]) -> np.ndarray:
        """As `sentence_encoder.embed`."""
        if network := self._network("sentences"):
            means = self._over_batches(network, sentence_encoder.DIMENSIONS, titles)
            return means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
        return sentence_encoder.embed(titles)

    def _thumbnails(self, pictures: list[bytes]) -> np.ndarray:
        """Pooled features (n, 5336) of the enlarged thumbnails."""
        from ytcat.corpus.thumbnails import image_from_bytes

        encoder, blocks = self._network("thumbnails") or self._keras_encoder, []
        for start in range(0, len(pictures), BLOCK_SIZE):
            images = np.stack([image_from_bytes(picture) for picture in pictures[start : start + BLOCK_SIZE]])
            blocks.append(enlarged.encode(encoder, enlarged.prepare(images))["pooled"])
        return np.concatenate(blocks)

    def _network(self, name: str) -> openvino.CompiledModel | None:
        """A network of the folder, if OpenVINO computes and the folder has it."""
        if self.backend == openvino.KERAS or f"{name}.xml" not in self._files:
            return None
        if name not in self._networks:
            path = self._folder / f"{name}.xml"
            try:
                self._networks[name] = openvino.CompiledModel(path, precision=PRECISION)
            except RuntimeError as error:
                raise YtcatError(f"{path} is not a network of `ytcat train` ({error}).") from error
        return self._networks[name]

    def _over_batches(self, network: openvino.CompiledModel, width: int, titles: list[str]) -> np.ndarray:
        return sentence_encoder.over_batches(
            lambda ids: network.answers([ids])[0][0], width, titles, self._wordpiece
        )

    @cached_property
    def _networks(self) -> dict[str, openvino.CompiledModel]:
        return {}

    @cached_property
    def _wordpiece(self) -> "Tokenizer":
        return tokenizer(sentence_encoder.LENGTH, self._folder / persistence.TOKENIZER)

    @cached_property
    def _keras_minilm(self) -> "keras.Model":
        return persistence.load_minilm(self._folder)

    @cached_property
    def _keras_encoder(self) -> "keras.Model | openvino.CompiledModel":
        from ytcat.future_directions.thumbnail_features import store

        return store.encoder(self.backend)


def _blocks(views: np.ndarray, size: int) -> list[np.ndarray]:
    """The rows of videos that are answered from the same view, at most `size` at once."""
    rows_by_view = [np.flatnonzero(views == view) for view in np.unique(views)]
    return [rows[start : start + size] for rows in rows_by_view for start in range(0, len(rows), size)]


def _answer_on_worker(asked: Asked, place: Place) -> np.ndarray:
    return _loaded(place)._answer_block(asked)


@lru_cache(maxsize=1)
def _loaded(place: Place) -> Predictor:
    """The model of that place, loaded once for all blocks."""
    folder, backend, _ = place
    predictor = Predictor(folder, backend)
    if predictor._place != place:
        raise YtcatError(
            f"A worker has another model at {folder}, or no OpenVINO: all machines must share the folder and "
            "have the same packages."
        )
    return predictor
