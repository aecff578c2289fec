"""The results of `make bench` beside what others cost: tables and a picture, for docs/performance.md.

usage: python -m benchmarks.report build/benchmark.json [--write]
"""

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "performance.md"
PICTURE = HERE.parent / "docs" / "img" / "performance.svg"
BEGIN, END = "<!-- figures: written by `make figures` -->", "<!-- end of figures -->"

Rows = dict[str, dict[str, Any]]


def load(path: str) -> tuple[Rows, dict[str, Any]]:
    """Results by benchmark, and what pytest-benchmark knows of the machine."""
    data = json.loads(Path(path).read_text())
    return {row["name"]: row["extra_info"] for row in data["benchmarks"]}, data["machine_info"]


def number(value: Any) -> str:
    return "" if value is None else f"{value:g}"


def path_table(rows: Rows, reference: dict[str, Any]) -> list[str]:
    out = ["| path | vppsh, ns | goal | VPP | FastClick | VPP / vppsh |", "|---|---:|---:|---:|---:|---:|"]
    for name, other in reference["paths"].items():
        if name not in rows:
            continue
        ns = rows[name]["ns_per_packet"]
        ratio = f"{other['vpp'] / ns:.1f}" if "vpp" in other else ""
        cells = [other["title"], f"**{ns:.0f}**", *(number(other.get(key)) for key in ("goal", "vpp", "fastclick"))]
        out.append(f"| {' | '.join(cells)} | {ratio} |")
    return out


def node_table(rows: Rows, reference: dict[str, Any]) -> list[str]:
    out = ["| node | vppsh, clk | VPP, clk | |", "|---|---:|---:|---|"]
    for node, cases in reference["nodes"].items():
        for case in cases:
            clocks = rows.get(case["run"], {}).get("clocks", {}).get(node)
            if clocks is not None:
                out.append(f"| {node} | **{clocks:.0f}** | {case['vpp']} | {case.get('note', '')} |")
    return out


def other_table(rows: Rows, reference: dict[str, Any]) -> list[str]:
    """Whatever else was measured per packet."""
    known = set(reference["paths"])
    out = ["| benchmark | ns a packet | million a second |", "|---|---:|---:|"]
    for name, info in rows.items():
        if name not in known and "ns_per_packet" in info:
            out.append(f"| {name} | {info['ns_per_packet']:.0f} | {1e3 / info['ns_per_packet']:.1f} |")
    return out


def machine_line(machine: dict[str, Any]) -> str:
    cpu = machine.get("cpu", {})
    return (
        f"{cpu.get('brand_raw', machine['processor'] or machine['machine'])}, Linux {machine['release']}, "
        f"Python {machine['python_version']}, `-O3 -march={machine.get('vppsh_march')}`, "
        f"commit {machine.get('vppsh_commit')}."
    )


# ---- the picture

BAR, GAP, LEFT, SCALE = 11, 12, 250, 0.95
COLOURS = {"vppsh": "#0b7285", "VPP": "#adb5bd", "FastClick": "#dee2e6"}
SHOWN = (
    "test_routing[W1]",
    "test_routing_100k_routes",
    "test_acl_sessions[W2]",
    "test_acl_1000_mixed_rules",
    "test_dynamic_nat[W2]",
    "test_pod_to_service[W1]",
    "test_pod_to_service[W2]",
)


def picture(rows: Rows, reference: dict[str, Any]) -> str:
    """Bars of nanoseconds a packet, ours above the others'."""
    parts: list[str] = []
    y = 36
    for name in SHOWN:
        other = reference["paths"][name]
        ours = rows[name]["ns_per_packet"]
        bars = [("vppsh", ours), ("VPP", other.get("vpp")), ("FastClick", other.get("fastclick"))]
        parts.append(f'<text x="{LEFT - 10}" y="{y + BAR + 5}" text-anchor="end">{other["title"]}</text>')
        for who, ns in bars:
            if ns is not None:
                width = max(2, ns * SCALE)
                parts.append(f'<rect x="{LEFT}" y="{y}" width="{width:.0f}" height="{BAR}" fill="{COLOURS[who]}"/>')
                parts.append(f'<text x="{LEFT + width + 5:.0f}" y="{y + BAR - 1}" class="n">{ns:.0f}</text>')
                y += BAR + 2
        y += GAP
    legend = "".join(
        f'<rect x="{LEFT + 120 * i}" y="10" width="12" height="12" fill="{colour}"/>'
        f'<text x="{LEFT + 120 * i + 18}" y="20">{who}</text>'
        for i, (who, colour) in enumerate(COLOURS.items())
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="920" height="{y}" viewBox="0 0 920 {y}" '
        'font-family="system-ui, sans-serif" font-size="13"><style>.n{font-size:11px;fill:#495057}</style>'
        f'<rect width="920" height="{y}" fill="#fff"/>{legend}'
        f'<text x="900" y="20" text-anchor="end" class="n">nanoseconds a packet, one core</text>'
        f'{"".join(parts)}</svg>\n'
    )


def figures(path: str) -> tuple[str, str]:
    """The generated part of the page, and the picture."""
    rows, machine = load(path)
    reference = tomllib.loads((HERE / "reference.toml").read_text())
    parts = [
        machine_line(machine),
        "",
        "### Whole paths",
        "",
        *path_table(rows, reference),
        "",
        "### Nodes",
        "",
        *node_table(rows, reference),
        "",
        "### Everything else measured per packet",
        "",
        *other_table(rows, reference),
    ]
    return "\n".join(parts) + "\n", picture(rows, reference)


def main(arguments: list[str]) -> int:
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    text, svg = figures(arguments[0])
    if "--write" not in arguments:
        print(text)
        return 0
    page = PAGE.read_text()
    before, rest = page.split(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{rest.split(END)[1]}")
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(svg)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
