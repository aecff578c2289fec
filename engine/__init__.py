"""vppsh's engine: a vector packet processor.

from engine import Engine, CliError
with Engine(profile="18.10") as vpp:
    vpp.exec("node.vpp")
    run = vpp.replay({"tap2": "in.pcap"})
"""

from typing import TYPE_CHECKING, Any

from .cli import CliError
from .errors import CaptureError, ControlError, VppshError

if TYPE_CHECKING:
    from .engine import Engine
    from .replay import Run

__all__ = ["CaptureError", "CliError", "ControlError", "Engine", "Run", "VppshError"]


def __getattr__(name: str) -> Any:
    """Engine and Run when they are asked for: the shell needs the protocol, not the packet path."""
    if name == "Engine":
        from .engine import Engine

        return Engine
    if name == "Run":
        from .replay import Run

        return Run
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
