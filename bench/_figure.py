"""One kind of figure: estimates with their intervals beside the truth, as an SVG without a library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

__all__ = ["Bar", "Panel", "intervals_svg"]

_WIDTH: Final = 760
_LEFT: Final = 190
_RIGHT: Final = 40
_ROW: Final = 26
_TITLE: Final = 34
_FOOT: Final = 48
_STYLE: Final = (
    "text{font:14px system-ui,sans-serif;fill:#1f2933}.t{font-weight:600}.s{fill:#52606d;font-size:12px}"
    ".g{stroke:#cbd2d9}.b{stroke:#1f5f99;stroke-width:3}.d{fill:#1f5f99}"
    ".w .b{stroke:#b3541e}.w .d{fill:#b3541e}"
    ".r{stroke:#1f2933;stroke-width:2;stroke-dasharray:4 3}"
    "@media(prefers-color-scheme:dark){text{fill:#e4e7eb}.s{fill:#9aa5b1}.g{stroke:#3e4c59}.b{stroke:#7cb5ec}"
    ".d{fill:#7cb5ec}.w .b{stroke:#f0a868}.w .d{fill:#f0a868}.r{stroke:#e4e7eb}}"
)


class Bar(NamedTuple):
    """One estimate."""

    name: str
    value: float
    low: float
    high: float
    #: Whether it is told in the colour of what misleads.
    misleads: bool


class Panel(NamedTuple):
    """Estimates of one truth."""

    title: str
    truth: float
    bars: Sequence[Bar]


def intervals_svg(panels: Sequence[Panel], axis: str, description: str) -> str:
    """Return a figure of *panels* one below the other, on a common *axis* from 0 to 1."""
    height = sum(_TITLE + _ROW * len(panel.bars) for panel in panels) + _FOOT
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
            f'aria-label="{escape(description, {chr(34): "&quot;"})}"><style>{_STYLE}</style>'
        )
    ]
    top = 0
    for panel in panels:
        parts += _panel(panel, top)
        top += _TITLE + _ROW * len(panel.bars)
    for tick in range(0, 11, 2):
        x = _x(tick / 10)
        parts.append(
            f'<text class="s" x="{x:.0f}" y="{top + 18}" text-anchor="middle">{tick / 10:.1f}</text>'
        )
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    parts.append(
        f'<text class="s" x="{middle:.0f}" y="{top + 38}" text-anchor="middle">{escape(axis)}</text></svg>'
    )
    return "\n".join(parts) + "\n"


def _panel(panel: Panel, top: int) -> list[str]:
    bottom = top + _TITLE + _ROW * len(panel.bars)
    parts = [f'<text class="t" x="8" y="{top + 22}">{escape(panel.title)}</text>']
    for tick in range(0, 11, 2):
        x = _x(tick / 10)
        parts.append(f'<line class="g" x1="{x:.0f}" x2="{x:.0f}" y1="{top + _TITLE - 4}" y2="{bottom}"/>')
    for at, bar in enumerate(panel.bars):
        y = top + _TITLE + _ROW * at + _ROW // 2
        parts.append(
            f'<g class="{"w" if bar.misleads else "k"}"><text x="8" y="{y + 5}">{escape(bar.name)}</text>'
            f'<line class="b" x1="{_x(bar.low):.1f}" x2="{_x(bar.high):.1f}" y1="{y}" y2="{y}"/>'
            f'<circle class="d" cx="{_x(bar.value):.1f}" cy="{y}" r="5"/></g>'
        )
    x = _x(panel.truth)
    parts.append(f'<line class="r" x1="{x:.1f}" x2="{x:.1f}" y1="{top + _TITLE - 4}" y2="{bottom}"/>')
    return parts


def _x(share: float) -> float:
    """Return where a share from 0 to 1 lies; what lies beyond is drawn at the edge."""
    return _LEFT + min(1.0, max(0.0, share)) * (_WIDTH - _LEFT - _RIGHT)
