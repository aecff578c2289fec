"""What would happen to a packet, and why: a dry run through the graph, and its trace read aloud."""

from .explain import explain
from .packet import FlowError, Packet

__all__ = ["FlowError", "Packet", "explain"]
