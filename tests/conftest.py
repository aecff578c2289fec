"""What all tests share."""

import os
from pathlib import Path

import hypothesis

import engine

# A sanitizer or an assertion-laden build is slow now and then; that is no failure.
hypothesis.settings.register_profile("vppsh", deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "vppsh"))


def pytest_report_header() -> str:
    """Which build is under test: the folder's own, a checked one, or one that was installed."""
    return f"engine: {Path(engine.__file__).parent}"
