"""Argument types of the bridge's commands."""

from engine.cli import Names

ETHERTYPE = Names({"dot1q": True, "dot1ad": False})
SWITCH = Names({"0": False, "1": True})
