"""One HTML page with all traced packets: their pictures and their traces. It refers to nothing outside itself."""

from collections.abc import Sequence
from html import escape

from ..trace_text import clock
from .headers import flow
from .path import draw
from .story import Path
from .svg import MONO, SANS

COLUMNS = ("#", "time", "in", "packet", "as it left", "out", "verdict")
CSS = f"""
body {{ font: 14px/1.5 {SANS}; color: #1e293b; margin: 2rem auto; max-width: 1300px; padding: 0 1rem; }}
h1 {{ font-size: 1.4rem; }} table {{ border-collapse: collapse; width: 100%; margin: 1rem 0 2rem; }}
td, th {{ text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #e2e8f0; }}
td.flow, pre {{ font-family: {MONO}; font-size: 12px; }} th {{ color: #475569; font-weight: 600; }}
section {{ margin: 2.5rem 0; break-inside: avoid; }} svg {{ max-width: 100%; height: auto; }}
.dropped {{ color: #b91c1c; font-weight: 600; }} .sent {{ color: #15803d; }}
summary {{ color: #475569; cursor: pointer; }}
pre {{ background: #f8fafc; border: 1px solid #e2e8f0; border-radius: 8px; padding: 1rem; overflow-x: auto; }}
a {{ color: #1d4ed8; text-decoration: none; }} @media print {{ details {{ display: none; }} body {{ margin: 0; }} }}
"""


def page(journeys: Sequence[Sequence[Path]], title: str = "Traced packets") -> str:
    """The whole file."""
    heads = "".join(f"<th>{name}</th>" for name in COLUMNS)
    rows = "".join(_row(number, journey) for number, journey in enumerate(journeys, 1))
    sections = "".join(_section(number, journey) for number, journey in enumerate(journeys, 1))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{CSS}</style></head>\n<body><h1>{escape(title)}</h1>\n"
        f"<table><tr>{heads}</tr>{rows}</table>\n{sections}</body></html>\n"
    )


def live_page(svg: str, seconds: int = 2) -> str:
    """A page of one picture that is drawn anew: the browser reads the file again and again."""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="{seconds}">'
        f"<title>Node graph</title><style>{CSS}</style></head>\n<body>{svg}</body></html>\n"
    )


def _row(number: int, journey: Sequence[Path]) -> str:
    first, last = journey[0], journey[-1]
    verdict = escape(f"{last.verdict} {last.reason}".strip())
    return (
        f'<tr><td><a href="#p{number}">{number}</a></td><td>{clock(first.time)}</td><td>{escape(first.enters)}</td>'
        f'<td class="flow">{escape(flow(first.before))}</td><td class="flow">{escape(flow(last.after))}</td>'
        f'<td>{escape(last.leaves)}</td><td class="{last.verdict}">{verdict}</td></tr>\n'
    )


def _section(number: int, journey: Sequence[Path]) -> str:
    trace = "\n".join(f"{step.node}\n{_indented(step.text)}" for path in journey for step in path.steps)
    return (
        f'<section id="p{number}">{draw([journey], f"Packet {number}")}'
        f"<details><summary>trace</summary><pre>{escape(trace)}</pre></details></section>\n"
    )


def _indented(text: str) -> str:
    return "  " + text.replace("\n", "\n  ")
