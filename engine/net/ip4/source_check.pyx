"""ip4-source-check-via-rx and -via-any: packets whose source is not where they come from are dropped (RFC 3704)."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t

from ...core.buffer cimport SW_IF_INDEX_RX, buffer_current, buffer_t
from ...core.features cimport feature_next
from ...core.graph cimport FRAME_SIZE, FRAME_TRACE, enqueue_frame, frame_t, get_buffer, node_t, set_error, worker_t
from ...wire.headers cimport ip4_header_t
from ..fib.fib cimport NO_INTERFACE, fib_lookup, interface_fib_index, load_balance_uses
from .ip4 cimport IP4_ERROR_UNICAST_SOURCE_CHECK, Ip4, ip4_main_t, trace_headers

from ...errors import ControlError
from .trace import HEADERS_FORMAT

cdef enum:
    NEXT_DROP = 0
    BROADCAST = 0xffffffffU

MODES = {"strict": "ip4-source-check-via-rx", "loose": "ip4-source-check-via-any"}


cdef inline bint may_come(ip4_main_t* im, buffer_t* b, bint any_interface) noexcept nogil:
    """The source is reached by the interface it came by (any_interface: by some); groups and broadcast may come."""
    cdef ip4_header_t* ip = <ip4_header_t*> buffer_current(b)
    cdef uint32_t sw_if_index = b.sw_if_index[SW_IF_INDEX_RX]
    if ip.src == BROADCAST or (<uint8_t*> &ip.src)[0] & 0xf0 == 0xe0:
        return True
    return load_balance_uses(im.fib, fib_lookup(im.fib, interface_fib_index(im.fib, sw_if_index), ip.src),
                             <uint32_t> NO_INTERFACE if any_interface else sw_if_index)


cdef inline void check_frame(worker_t* w, node_t* node, frame_t* frame, bint any_interface) noexcept nogil:
    """Every packet gets the check's error, as in VPP: one that passes keeps it as long as nobody else sets one."""
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i
    cdef buffer_t* b
    if frame.flags & FRAME_TRACE:
        trace_headers(w, node, frame)
    for i in range(frame.n_vectors):
        b = get_buffer(w, frame.indices[i])
        nexts[i] = feature_next(w, b)
        set_error(b, node, IP4_ERROR_UNICAST_SOURCE_CHECK)
        if not may_come(<ip4_main_t*> node.main, b, any_interface):
            nexts[i] = NEXT_DROP
    enqueue_frame(w, node, frame, nexts)


cdef void source_check_via_rx(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    check_frame(w, node, frame, False)


cdef void source_check_via_any(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    check_frame(w, node, frame, True)


def set_source_check(Ip4 ip4, uint32_t sw_if_index, str mode, bint on):
    """Turn the check of an interface on or off. mode: "strict" or "loose". Raises ControlError for another."""
    if mode not in MODES:
        raise ControlError(f"no source check mode {mode}")
    ip4.features.enable("ip4-unicast", MODES[mode], sw_if_index, on)


def register(Ip4 ip4):
    ip4.graph.register("ip4-source-check-via-rx", source_check_via_rx, &ip4.main, "internal", ("ip4-drop",), (),
                       "ip4-input", None, HEADERS_FORMAT, 0)
    ip4.graph.register("ip4-source-check-via-any", source_check_via_any, &ip4.main, "internal", ("ip4-drop",), (),
                       "ip4-input", None, HEADERS_FORMAT, 0)
    ip4.features.add_feature("ip4-unicast", "ip4-source-check-via-rx", runs_after=("ip4-not-enabled",))
    ip4.features.add_feature("ip4-unicast", "ip4-source-check-via-any", runs_after=("ip4-source-check-via-rx",))
