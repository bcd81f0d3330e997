"""Shares as bars, in HTML that follows JupyterLab's colours."""

from collections.abc import Sequence
from html import escape


def bars(rows: Sequence[tuple[str, float]], beside: Sequence[float] = ()) -> str:
    """One bar per row (name, share 0..1); `beside`, as many shares, are marked as lines on the bars."""
    lines = []
    for number, (name, share) in enumerate(rows):
        mark = ""
        if beside:
            mark = (
                f'<span title="{beside[number]:.0%}" style="position: absolute; top: -2px; bottom: -2px; '
                f'left: {100 * beside[number]:.1f}%; border-left: 2px solid currentColor;"></span>'
            )
        lines.append(
            f"<tr><th scope='row' style='text-align: left; padding-right: 12px; font-weight: normal;'>"
            f"{escape(name)}</th>"
            "<td style='width: 320px;'><div style='position: relative; height: 14px;'>"
            f'<span style="display: block; height: 100%; width: {100 * share:.1f}%; '
            f'background: var(--jp-brand-color1, #1976d2);"></span>{mark}</div></td>'
            f"<td style='padding-left: 12px; text-align: right;'>{share:.0%}</td></tr>"
        )
    return f'<table class="ytcat-bars">{"".join(lines)}</table>'
