"""How pg-input and pgN-tx print."""

from engine.core.trace import TraceFormat

from ..trace import buffer_decode, rx_text, tx_text

INPUT_FORMAT = TraceFormat(buffer_decode, rx_text)
TX_FORMAT = TraceFormat(buffer_decode, tx_text)
