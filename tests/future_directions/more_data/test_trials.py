"""The trials that a comparison with people needs, per model."""

from ytcat import reference_runs, slides
from ytcat.evaluation.sample_size import trials_needed
from ytcat.future_directions.more_data.trials import trials_by_model


def test_models_of_slides_reference_runs_and_this_run_are_compared_with_people():
    table = trials_by_model({"title": 0.7, "thumbnail": 0.4, "both": 0.75}, n_test=500)
    recorded = [
        model for runs in reference_runs.read_all() for model in ("text", "fusion") if model in runs.results
    ]
    expected = {"slides": 2, "real videos": len(recorded), "this run": 2}
    assert table["source"].value_counts().to_dict() == expected
    assert table.loc[table["source"] == "slides", "accuracy"].tolist() == [
        slides.RESULTS["text"].top1,
        slides.RESULTS["fusion"].top1,
    ]
    last = table.iloc[-1]
    assert (last["view"], last["name"], last["accuracy"]) == ("both", "this run", 0.75)
    assert (last["tested"], last["trials"]) == (
        500,
        trials_needed(slides.HUMAN_ACCURACY["fusion"], 0.75, 500),
    )
    # Each model against the people who saw the same: titles against people's figure for titles.
    assert dict(zip(table["view"], table["people"], strict=True)) == {
        "title": slides.HUMAN_ACCURACY["text"],
        "both": slides.HUMAN_ACCURACY["fusion"],
    }


def test_a_run_without_thumbnails_compares_the_title_alone():
    table = trials_by_model({"title": 0.7}, n_test=500)
    assert table.loc[table["source"] == "this run", "view"].tolist() == ["title"]
