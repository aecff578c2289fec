"""ip4-input: is it a sound IPv4 packet, and which arc does it take (behaviour of VPP 18.x)."""

from libc.stdint cimport int32_t, uint8_t, uint16_t, uint32_t, uint64_t

from ...core.buffer cimport (
    SW_IF_INDEX_RX,
    buffer_at,
    buffer_current,
    buffer_length,
    buffer_pool_t,
    buffer_t,
    likely,
)
from ...core.features cimport arc_start
from ...core.graph cimport (
    FRAME_SIZE,
    FRAME_TRACE,
    NO_INDEX,
    enqueue_frame,
    frame_t,
    get_buffer,
    node_t,
    set_error,
    worker_t,
)
from ...wire.checksum cimport ip4_header_checksum_ok
from ...wire.headers cimport ICMP_TIME_EXCEEDED, ip4_header_t, swap16
from .ip4 cimport (
    IP4_ERROR_BAD_CHECKSUM,
    IP4_ERROR_BAD_LENGTH,
    IP4_ERROR_FRAGMENT_OFFSET_ONE,
    IP4_ERROR_NONE,
    IP4_ERROR_OPTIONS,
    IP4_ERROR_TIME_EXPIRED,
    IP4_ERROR_TOO_SHORT,
    IP4_ERROR_VERSION,
    Ip4,
    arc_entry,
    arc_entry_t,
    ip4_main_t,
    set_icmp_error,
    trace_headers,
)

from .trace import HEADERS_FORMAT

cdef enum:
    NEXT_DROP = 0
    NEXT_OPTIONS = 2
    NEXT_LOOKUP = 3
    NEXT_MULTICAST = 4
    NEXT_ICMP_ERROR = 5
    ODD = 0xffff                # all bits set, not a next index: decided when the plain ones are done


ctypedef packed struct header_words_t:
    uint32_t version_to_length
    uint32_t fragment
    uint32_t ttl_to_checksum
    uint32_t src
    uint32_t dst


cdef inline bint is_multicast(ip4_header_t* ip) noexcept nogil:
    return (<uint8_t*> &ip.dst)[0] & 0xf0 == 0xe0


cdef inline bint is_checksum_right(header_words_t* words) noexcept nogil:
    """Of a header without options: its sum is a multiple of 65535, as one's complement has it (RFC 1071)."""
    return (<uint64_t> words.version_to_length + words.fragment + words.ttl_to_checksum + words.src + words.dst
            ) % 65535 == 0


cdef inline uint32_t is_odd(ip4_header_t* ip, buffer_t* b, bint verify) noexcept nogil:
    """Not sound, multicast, with options or in several buffers.

    No branches: every check gives a number that is negative when it fails, and one sign is looked at in the end.
    """
    cdef int32_t length = swap16(ip.length)
    cdef int32_t signs = (
        (length - <int32_t> sizeof(ip4_header_t))
        | (b.current_length - length)
        | (ip.ttl - 1)
        | -(ip.version_and_length ^ 0x45)
        | (((ip.flags_and_offset & swap16(0x1fff)) ^ swap16(1)) - 1)
        | (((<uint8_t*> &ip.dst)[0] & 0xf0 ^ 0xe0) - 1)
    )
    cdef uint32_t odd = <uint32_t> signs >> 31
    if verify:
        odd |= not is_checksum_right(<header_words_t*> ip)
    return odd


cdef uint32_t find_error(ip4_header_t* ip, buffer_t* b, bint verify) noexcept nogil:
    """The error of a packet; of several the last in this order, which is VPP's."""
    cdef uint32_t length = swap16(ip.length), error = IP4_ERROR_NONE
    cdef uint32_t header_length = (ip.version_and_length & 0xf) * 4
    if header_length != sizeof(ip4_header_t):
        error = IP4_ERROR_OPTIONS
    if ip.version_and_length >> 4 != 4:
        error = IP4_ERROR_VERSION
    if verify and (header_length < sizeof(ip4_header_t) or not ip4_header_checksum_ok(ip, header_length)):
        error = IP4_ERROR_BAD_CHECKSUM
    if ip.ttl < 1:
        error = IP4_ERROR_TIME_EXPIRED
    if (swap16(ip.flags_and_offset) & 0x1fff) == 1:
        error = IP4_ERROR_FRAGMENT_OFFSET_ONE
    if length < sizeof(ip4_header_t):
        error = IP4_ERROR_TOO_SHORT
    if length > buffer_length(b) or b.current_length < sizeof(ip4_header_t):
        error = IP4_ERROR_BAD_LENGTH
    return error


cdef uint16_t handle_odd(worker_t* w, node_t* node, buffer_t* b, bint verify) noexcept nogil:
    """Next index of a packet that is not plain."""
    cdef ip4_main_t* im = <ip4_main_t*> node.main
    cdef ip4_header_t* ip = <ip4_header_t*> buffer_current(b)
    cdef uint32_t error = find_error(ip, b, verify)
    if error == IP4_ERROR_NONE:
        if is_multicast(ip):
            return arc_start(w, im.multicast, b.sw_if_index[SW_IF_INDEX_RX], b, NEXT_MULTICAST)
        return arc_start(w, im.unicast, b.sw_if_index[SW_IF_INDEX_RX], b, NEXT_LOOKUP)
    set_error(b, node, error)
    if error == IP4_ERROR_TIME_EXPIRED:
        set_icmp_error(b, ICMP_TIME_EXCEEDED, 0, 0)
        return NEXT_ICMP_ERROR
    return NEXT_OPTIONS if error == IP4_ERROR_OPTIONS else NEXT_DROP


cdef void handle_odd_ones(worker_t* w, node_t* node, frame_t* frame, uint16_t* nexts, bint verify) noexcept nogil:
    cdef uint32_t i
    for i in range(frame.n_vectors):
        if nexts[i] == ODD:
            nexts[i] = handle_odd(w, node, get_buffer(w, frame.indices[i]), verify)


cdef inline void input_frame(worker_t* w, node_t* node, frame_t* frame, bint verify) noexcept nogil:
    """Packets of one interface stand together: what depends on it is looked up once for all of them."""
    cdef ip4_main_t* im = <ip4_main_t*> node.main
    cdef buffer_pool_t pool = w.pool[0]
    cdef uint16_t nexts[FRAME_SIZE]
    cdef uint32_t i, n = frame.n_vectors, run_start = 0, n_odd = 0, sw_if_index = NO_INDEX
    cdef arc_entry_t entry
    cdef buffer_t* b
    cdef uint32_t odd
    if frame.flags & FRAME_TRACE:
        trace_headers(w, node, frame)
    for i in range(n):
        b = buffer_at(&pool, frame.indices[i])
        if b.sw_if_index[SW_IF_INDEX_RX] != sw_if_index:
            if i:
                w.interface_counters[sw_if_index].ip4 += i - run_start
            run_start, sw_if_index = i, b.sw_if_index[SW_IF_INDEX_RX]
            entry = arc_entry(w, im.unicast, sw_if_index, NEXT_LOOKUP)
        odd = is_odd(<ip4_header_t*> buffer_current(b), b, verify)
        b.current_config_index, b.feature_arc_index = entry.config_index, entry.arc_index
        nexts[i] = <uint16_t> (entry.next_index | -<int32_t> odd)
        n_odd += odd
    w.interface_counters[sw_if_index].ip4 += n - run_start
    if not likely(n_odd == 0, 1):
        handle_odd_ones(w, node, frame, nexts, verify)
    enqueue_frame(w, node, frame, nexts)


cdef void ip4_input(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    input_frame(w, node, frame, True)


cdef void ip4_input_no_checksum(worker_t* w, node_t* node, frame_t* frame) noexcept nogil:
    """For devices that have verified the header checksum."""
    input_frame(w, node, frame, False)


def register(Ip4 ip4):
    profile = ip4.profile
    ip4.graph.register("ip4-input", ip4_input, &ip4.main, "internal", profile.input_nexts, profile.errors,
                       None, None, HEADERS_FORMAT, 0)
    ip4.graph.register("ip4-input-no-checksum", ip4_input_no_checksum, &ip4.main, "internal", (), (),
                       "ip4-input", "ip4-input", HEADERS_FORMAT, 0)
