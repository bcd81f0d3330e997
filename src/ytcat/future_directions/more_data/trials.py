"""How many trials of people would distinguish them from a model."""

from collections.abc import Mapping

import pandas as pd

from ytcat import reference_runs, slides
from ytcat.evaluation.sample_size import trials_needed
from ytcat.views import VIEWS


def trials_by_model(this_run: Mapping[str, float], n_test: int) -> pd.DataFrame:
    """Trials of people needed to distinguish them from each model of the title, and of title and thumbnail.

    Each model is held against the people who saw what it reads, as the slides print them. One row per model:
    `view`, `name` ("slides", a corpus, "this run"), `source` (see `ytcat.figures.SOURCES`), `people` and
    `accuracy` (0..1), `tested` (videos), `trials` (inf: no number is enough). The models are those of the
    slides, of the reference runs and of this run: `this_run` are the accuracies by view, on `n_test` videos.
    """
    rows = []
    for view in (VIEWS["title"], VIEWS["both"]):
        models = [("slides", "slides", slides.RESULTS[view.slides_model].top1, slides.N_TEST)]
        models += [
            (runs.name, "real videos", model["top1"], model["n_videos"])
            for runs in reference_runs.read_all()
            if (model := runs.results.get(view.slides_model))
        ]
        if view.key in this_run:
            models.append(("this run", "this run", this_run[view.key], n_test))
        people = slides.HUMAN_ACCURACY[view.slides_model]
        for name, source, accuracy, tested in models:
            row = {"view": view.key, "name": name, "source": source, "people": people}
            row |= {"accuracy": accuracy, "tested": tested}
            rows.append(row | {"trials": trials_needed(people, accuracy, tested)})
    return pd.DataFrame(rows)
