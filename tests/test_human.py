"""Own trials are read, counted, and refused with the row at fault."""

import pytest

from ytcat import human
from ytcat.errors import YtcatError


def write(path, *lines):
    path.write_text("condition,category_id,answer\n" + "".join(f"{line}\n" for line in lines))
    return path


def test_accuracy_by_condition(tmp_path):
    trials = human.load_trials(write(tmp_path / "t.csv", "text,10,10", "text,24,10", "image,1,1"))
    table = human.accuracy_by_condition(trials).set_index("condition")
    assert list(table.index) == ["image", "text"]
    assert table.loc["text", ["n", "value"]].tolist() == [2, 0.5]
    assert 0 < table.loc["text", "low"] < 0.5 < table.loc["text", "high"] < 1


@pytest.mark.parametrize(
    "line, says",
    [("sound,10,10", "condition is 'sound'"), ("text,11,10", "category_id is"), ("text,10,29", "answer is")],
)
def test_bad_rows_are_named(tmp_path, line, says):
    with pytest.raises(YtcatError, match=f"t.csv, line 3: {says}"):
        human.load_trials(write(tmp_path / "t.csv", "text,10,10", line))


def test_files_that_are_no_trials_are_refused(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    with pytest.raises(YtcatError, match="lacks the columns"):
        human.load_trials(tmp_path / "t.csv")
    with pytest.raises(YtcatError, match="cannot be read"):
        human.load_trials(tmp_path / "missing.csv")
