"""How arp-input's trace entry prints."""

from engine.core.trace import TraceFormat
from engine.wire.text import arp_decode, arp_text

INPUT_FORMAT = TraceFormat(lambda data, vpp: arp_decode(data), arp_text)
