"""A picture of a picture: what Chromium makes of an SVG or a page, as PNG.

python -m shell.diagram.shot FILE.svg FILE.png [SCALE]
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 120  # seconds


class NoBrowserError(RuntimeError):
    """Chromium is not installed."""


def browser() -> str | None:
    """Where Chromium is."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def chromium(page: Path, *options: str) -> str:
    """Open a file without a window; what is printed.

    Raises:
        NoBrowserError: there is no Chromium.
        subprocess.SubprocessError: it failed.
    """
    program = browser()
    if program is None:
        raise NoBrowserError(f"none of {', '.join(NAMES)} is installed")
    with tempfile.TemporaryDirectory() as profile:
        command = [program, *FLAGS, f"--user-data-dir={profile}", *options, page.absolute().as_uri()]
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True).stdout


def shoot(svg: Path, png: Path, scale: float = 1) -> None:
    """Write what a browser shows of an SVG, in its own size times `scale`."""
    size = re.search(r'width="([\d.]+)" height="([\d.]+)"', svg.read_text(encoding="utf-8"))
    width, height = (int(float(side)) for side in size.groups()) if size else (1280, 1024)
    how = (f"--window-size={width},{height}", f"--force-device-scale-factor={scale}", f"--screenshot={png.absolute()}")
    chromium(svg, "--hide-scrollbars", *how)


def main(argv: Sequence[str]) -> int:
    """Exit status: 0, 1 without a browser, 2 wrong usage."""
    if len(argv) not in (2, 3):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        shoot(Path(argv[0]), Path(argv[1]), float(argv[2]) if len(argv) == 3 else 1)
    except NoBrowserError as error:
        print(f"no screenshot: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
