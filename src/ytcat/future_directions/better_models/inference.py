"""A fitted ensemble as arrays, which answers with numpy and scipy alone.

scikit-learn takes a second to import, and so does skops, which reads scikit-learn's models: most of the time
of a single answer. The arrays are those that scikit-learn has fitted, and they give the same answers.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse
from scipy.special import expit, softmax

from ytcat.categories import N_CATEGORIES
from ytcat.future_directions.better_models.kernel_functions import Features, kernels_of
from ytcat.models import late_fusion
from ytcat.views import view_of

if TYPE_CHECKING:
    from ytcat.future_directions.better_models.ensemble import Ensemble

LINEAR, VIEW_OF_LINEAR = "title_linear", "title"
_CSR = ("data", "indices", "indptr")
_WORD = re.compile(r"(?u)\b\w\w+\b")  # as scikit-learn has it
_SPACES = re.compile(r"\s\s+")


@dataclass(frozen=True)
class Vectorizer:
    """A fitted TfidfVectorizer of scikit-learn: lower case, logarithmic counts, rows of unit length."""

    analyzer: str  # "word" or "char_wb"
    ngram_range: tuple[int, int]
    columns: dict[str, int]  # by term
    idf: np.ndarray  # (m,) float64

    def transform(self, titles: Sequence[str]) -> scipy.sparse.csr_array:
        """The weights of the terms in each title, (n, m) float64."""
        indices, counts, ends = [], [], [0]
        for title in titles:
            count = Counter(self.columns[term] for term in self._terms(title.lower()) if term in self.columns)
            present = sorted(count)
            indices += present
            counts += [count[column] for column in present]
            ends.append(len(indices))
        weights = (np.log(np.array(counts, dtype=np.float64)) + 1) * self.idf[
            np.array(indices, dtype=np.int64)
        ]
        rows = np.repeat(np.arange(len(titles)), np.diff(ends))
        weights /= np.sqrt(np.bincount(rows, weights**2, minlength=len(titles)))[rows]
        return scipy.sparse.csr_array((weights, indices, ends), shape=(len(titles), len(self.idf)))

    def _terms(self, title: str) -> list[str]:
        first, last = self.ngram_range
        if self.analyzer == "word":
            words = _WORD.findall(title)
            return [
                " ".join(words[start : start + n])
                for n in range(first, last + 1)
                for start in range(len(words) - n + 1)
            ]
        terms = []
        for word in _SPACES.sub(" ", title).split():
            padded = f" {word} "
            for n in range(first, last + 1):
                terms += [padded[start : start + n] for start in range(max(len(padded) - n, 0) + 1)]
                if n >= len(padded):  # a short word counts once
                    break
        return terms


@dataclass(frozen=True)
class InferenceModel:
    """What answers for a trained `Ensemble`, apart from its networks."""

    vectorizers: tuple[Vectorizer, ...]
    views: dict[str, tuple[str, ...]]  # the parts of each view that the model answers from
    weights: dict[str, np.ndarray]  # of the parts of each view, in their order
    arrays: Mapping[str, np.ndarray]  # those of `export`, by name

    @property
    def has_kernels(self) -> bool:
        """Whether the model compares videos, and so needs sentence embeddings."""
        return "sentences" in self.arrays

    def scores(
        self,
        view: str,
        titles: Sequence[str],
        sentences: np.ndarray | None = None,
        thumbnails: np.ndarray | None = None,
    ) -> dict[str, np.ndarray]:
        """Scores (n, 14), by name, of those parts of a view that are no networks.

        `sentences` (n, 384) and `thumbnails` (n, 5336) float32 are needed by the kernels of the view.
        """
        parts = [name for name in self.views[view] if name == LINEAR or f"{name}_dual" in self.arrays]
        kernel_views = {name: view_of(name).key for name in parts if name != LINEAR}
        read = {VIEW_OF_LINEAR if name == LINEAR else kernel_views[name] for name in parts}
        words = self._words(titles) if read - {"thumbnail"} else None
        scores = {LINEAR: late_fusion.log_scores(self._linear(words))} if LINEAR in parts else {}
        if kernel_views:
            seen = self._standardized(thumbnails) if read & {"thumbnail", "both"} else None
            here, trained = Features(words, sentences, seen), self._trained(set(kernel_views.values()))
            grams = kernels_of(kernel_views.values(), here, trained)
            for name, of_view in kernel_views.items():
                scores[name] = self.arrays[f"{name}_priors"] + grams[of_view] @ self.arrays[f"{name}_dual"]
        return scores

    def probabilities(self, scores: Mapping[str, np.ndarray], view: str) -> np.ndarray:
        """(n, 14) float32 from the scores of all parts of a view."""
        return late_fusion.combine([scores[name] for name in self.views[view]], self.weights[view])

    def _words(self, titles: Sequence[str]) -> scipy.sparse.csr_array:
        weights = [vectorizer.transform(titles) for vectorizer in self.vectorizers]
        return scipy.sparse.hstack(weights, format="csr")

    def _trained(self, views: set[str]) -> Features:
        """What the kernels of the views compare with: the training videos."""
        words = sentences = thumbnails = None
        if views - {"thumbnail"}:
            parts = (self.arrays[f"words_{part}"] for part in _CSR)
            n_terms = sum(len(vectorizer.idf) for vectorizer in self.vectorizers)
            sentences = self.arrays["sentences"]
            words = scipy.sparse.csr_array(tuple(parts), shape=(len(sentences), n_terms))
        if views - {"title"}:
            thumbnails = self.arrays["thumbnails"]
        return Features(words, sentences, thumbnails)

    def _standardized(self, thumbnails: np.ndarray) -> np.ndarray:
        """As StandardScaler and `normalize` of scikit-learn: standardized, then of unit length."""
        scaled = thumbnails - self.arrays["thumbnail_mean"].astype(thumbnails.dtype)
        scaled /= self.arrays["thumbnail_scale"].astype(thumbnails.dtype)
        norms = np.sqrt(np.einsum("ij,ij->i", scaled, scaled))
        norms[norms < 10 * np.finfo(norms.dtype).eps] = 1
        return scaled / norms[:, None]

    def _linear(self, words: scipy.sparse.csr_array) -> np.ndarray:
        """As `baselines.predict` of a fitted LogisticRegression: probabilities (n, 14) float32."""
        decisions = words @ self.arrays["linear_coefficients"].T + self.arrays["linear_intercepts"]
        if decisions.shape[1] == 1:  # of two categories, the second's
            second = expit(decisions)
            present = np.hstack([1 - second, second])
        else:
            present = softmax(decisions, axis=1)
        probabilities = np.zeros((len(decisions), N_CATEGORIES), dtype=np.float32)
        probabilities[:, self.arrays["linear_classes"]] = present
        return probabilities


def export(ensemble: "Ensemble") -> tuple[list[dict[str, Any]], dict[str, np.ndarray]]:
    """The vectorizers of a trained ensemble, fit for JSON, and the arrays of its other parts, by name."""
    frozen = ensemble.frozen
    vectorizers = [
        {
            "analyzer": vectorizer.analyzer,
            "ngram_range": vectorizer.ngram_range,
            "terms": sorted(vectorizer.vocabulary_, key=vectorizer.vocabulary_.get),
        }
        for _, vectorizer in frozen.tfidf[0].transformer_list
    ]
    arrays = {f"idf_{i}": v.idf_ for i, (_, v) in enumerate(frozen.tfidf[0].transformer_list)}
    if any(LINEAR in parts for parts in ensemble.views.values()):
        linear = frozen.tfidf[-1]
        arrays["linear_coefficients"], arrays["linear_intercepts"] = linear.coef_, linear.intercept_
        arrays["linear_classes"] = linear.classes_
    if frozen.features is not None:
        arrays |= {f"words_{part}": getattr(frozen.features.words, part) for part in _CSR}
        arrays["sentences"] = frozen.features.sentence
    if frozen.scaler is not None:
        arrays["thumbnails"] = frozen.features.thumbnail
        arrays["thumbnail_mean"], arrays["thumbnail_scale"] = frozen.scaler.mean_, frozen.scaler.scale_
    for name, fitted in frozen.kernels.items():
        arrays[f"{name}_dual"], arrays[f"{name}_priors"] = fitted.dual_coef_, fitted.priors_
    return vectorizers, arrays


def restore(
    vectorizers: Sequence[Mapping[str, Any]],
    arrays: Mapping[str, np.ndarray],
    views: Mapping[str, Sequence[str]],
    weights: Mapping[str, Sequence[float]],
) -> InferenceModel:
    """The model of what `export` gave, with the views and the weights of the ensemble."""
    made = [
        Vectorizer(
            entry["analyzer"],
            tuple(entry["ngram_range"]),
            {term: column for column, term in enumerate(entry["terms"])},
            arrays[f"idf_{number}"],
        )
        for number, entry in enumerate(vectorizers)
    ]
    return InferenceModel(
        tuple(made),
        {view: tuple(parts) for view, parts in views.items()},
        {view: np.array(values) for view, values in weights.items()},
        arrays,
    )
