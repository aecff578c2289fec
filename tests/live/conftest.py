"""Namespaces for tests that drive the Linux stack; where they are not allowed the tests say so and are skipped."""

import os
import shutil
import subprocess

import pytest

from .namespaces import Namespace


def why_not():
    """What keeps this machine from running live tests; None where nothing does."""
    if os.geteuid() != 0:
        return "live tests need root: they make network namespaces and taps"
    if not os.path.exists("/dev/net/tun"):
        return "live tests need /dev/net/tun"
    if shutil.which("ip") is None:
        return "live tests need the `ip` of iproute2"
    name = f"vppsh-try-{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True)
    if made.returncode:
        return f"network namespaces cannot be made here: {made.stderr.strip()}"
    subprocess.run(["ip", "netns", "del", name], check=True)
    return None


@pytest.fixture(scope="session")
def live_allowed():
    reason = why_not()
    if reason:
        pytest.skip(reason)


@pytest.fixture
def namespace(live_allowed):
    """Makes network namespaces that are gone, with all that runs in them, after the test."""
    made = []

    def make(name):
        made.append(Namespace(f"vppsh-{os.getpid()}-{name}"))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def needs():
    """Skip a test where a program is missing."""

    def check(*programs):
        missing = [program for program in programs if shutil.which(program) is None]
        if missing:
            pytest.skip(f"not installed: {', '.join(missing)}")

    return check
