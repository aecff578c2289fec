"""How ethernet-input's trace entry prints: the header alone."""

from engine.core.trace import TraceFormat
from engine.wire.text import ethernet_decode, ethernet_text

INPUT_FORMAT = TraceFormat(lambda data, vpp: ethernet_decode(data), ethernet_text)
