"""The README's one picture is the report's own figure."""

import re

from ytcat import paths, slides
from ytcat.report.pages import headline


def test_the_readme_shows_the_headline_figure():
    drawn = paths.BOOK / "_static" / "readme.svg"
    assert drawn.read_bytes() == headline().light_svg, (
        'draw it again: python -c "from ytcat.report.pages import headline; '
        "open('book/_static/readme.svg', 'wb').write(headline().light_svg)\""
    )
    assert f"({drawn.relative_to(paths.ROOT)})" in (paths.ROOT / "README.md").read_text()


def test_every_percentage_of_the_readme_is_the_slides():
    written = set(re.findall(r"\d+\.\d+%", (paths.ROOT / "README.md").read_text()))
    assert written == {f"{result.top1:.2%}" for result in slides.RESULTS.values()}
