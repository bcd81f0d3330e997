"""Which modules a chapter can reach."""

from ytcat.report.sources import reachable


def test_imports_are_followed():
    found = reachable("from ytcat.models.text import text_model")
    assert {"src/ytcat/__init__.py", "src/ytcat/models/__init__.py", "src/ytcat/words.py"} <= set(found)
    assert "src/ytcat/figures/style.py" not in found
    assert "src/ytcat/report/book.py" not in found


def test_modules_imported_from_a_package_count():
    assert "src/ytcat/slides.py" in reachable("from ytcat import slides")
    assert "src/ytcat/figures/results.py" in reachable("from ytcat import figures")


def test_other_packages_do_not():
    assert reachable("import pandas\nfrom IPython.display import Markdown") == {}
