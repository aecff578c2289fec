from engine.core.trace import TraceFormat

from .tunnel import TunnelState

def register(tunnels: TunnelState, name: str, trace_format: TraceFormat) -> None: ...
