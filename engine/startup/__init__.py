"""VPP's startup.conf: what an engine and its daemon are told before they start."""

from .startup import Startup, read_startup
from .system import Cpu, Unix

__all__ = ["Cpu", "Startup", "Unix", "read_startup"]
