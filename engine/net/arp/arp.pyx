"""What the ARP nodes share: making requests, and handing over what was learned."""

from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

from ...core.buffer cimport (
    SW_IF_INDEX_RX,
    SW_IF_INDEX_TX,
    buffer_advance,
    buffer_alloc,
    buffer_current,
    buffer_data,
    buffer_t,
)
from ...core.graph cimport NO_INDEX, Graph, dispatch_pending, frame_t, get_buffer, open_frame, wake_process, worker_t
from ...wire.headers cimport ETHERTYPE_ARP, ETHERTYPE_IP4, arp_header_t, swap16, swap32
from ..fib.fib cimport Fib
from ..interface.interface cimport INTERFACE_ADMIN_UP, interface_t

cdef void put_ethernet(const interface_t* interface, buffer_t* b, const uint8_t* destination) noexcept nogil:
    """Put an Ethernet header in front of an ARP message, with the tags of the interface it leaves by."""
    cdef uint8_t mac[6]
    cdef uint8_t* at
    memcpy(mac, destination, 6)         # it may stand where the header goes
    buffer_advance(b, -<int> (ETHERNET_HEADER + interface.n_tag_bytes))
    at = buffer_current(b)
    memcpy(at, mac, 6)
    memcpy(at + 6, interface.mac, 6)
    memcpy(at + 12, interface.tags, interface.n_tag_bytes)
    at[12 + interface.n_tag_bytes] = ETHERTYPE_ARP >> 8
    at[13 + interface.n_tag_bytes] = ETHERTYPE_ARP & 0xff


cdef uint32_t make_request(worker_t* w, arp_main_t* am, uint32_t sw_if_index, uint32_t source,
                           uint32_t target) noexcept nogil:
    """A new packet that asks for target's MAC address, ready for NAME-output; NO_INDEX when there is no buffer.

    source, target: IPv4 addresses, network order. The packet is counted as generated.
    """
    cdef uint32_t index
    cdef buffer_t* b
    cdef uint8_t broadcast[6]
    cdef arp_header_t* arp
    cdef interface_t* interface = &am.interfaces.interfaces[sw_if_index]
    if buffer_alloc(w.cache, &index, 1) == 0:
        return NO_INDEX
    b = get_buffer(w, index)
    memset(b, 0, sizeof(buffer_t))
    b.current_data, b.current_length = 0, sizeof(arp_header_t)
    b.current_config_index = NO_INDEX
    b.sw_if_index[SW_IF_INDEX_RX] = b.sw_if_index[SW_IF_INDEX_TX] = sw_if_index
    memset(broadcast, 0xff, 6)
    put_ethernet(interface, b, broadcast)
    arp = <arp_header_t*> buffer_data(b)
    arp.hardware_type, arp.protocol_type = swap16(HARDWARE_ETHERNET), swap16(ETHERTYPE_IP4)
    arp.hardware_length, arp.protocol_length, arp.opcode = 6, 4, swap16(OPCODE_REQUEST)
    memcpy(arp.sender_mac, interface.mac, 6)
    memset(arp.target_mac, 0, 6)
    arp.sender_address, arp.target_address = source, target
    w.n_generated += 1
    return index


cdef void learn(worker_t* w, arp_main_t* am, uint32_t sw_if_index, uint32_t address, const uint8_t* mac) noexcept nogil:
    """Note a neighbour for the control plane, which takes it over before the next packets enter."""
    cdef learned_t* entry
    if am.n_learned == MOST_LEARNED:
        return
    entry = &am.learned[am.n_learned]
    am.n_learned += 1
    entry.sw_if_index, entry.address = sw_if_index, address
    memcpy(entry.mac, mac, 6)
    wake_process(w, am.process, w.now_ns)


cdef uint64_t learn_process(worker_t* w, void* main, uint64_t now_ns) noexcept nogil:
    with gil:
        (<ArpState> main).take_over()
    return <uint64_t> -1


cdef class ArpState:
    """The packet path's part of ARP; config.Arp is the whole."""

    def __cinit__(self, Graph graph, Fib fib, *_args, **_named):
        self.graph, self.fib = graph, fib
        self.main.fib = &fib.main
        self.main.interfaces = fib.main.interfaces
        self.main.process = graph.add_process("arp-learn", learn_process, <void*> self, <uint64_t> -1)

    def __dealloc__(self):
        free(self.main.proxies)

    def set_proxies(self, ranges):
        """ranges: (low, high, fib_index) of the addresses answered for, in host order. Raises MemoryError."""
        cdef uint32_t i
        cdef proxy_range_t* new = <proxy_range_t*> malloc((len(ranges) + 1) * sizeof(proxy_range_t))
        if new == NULL:
            raise MemoryError("no memory for proxied addresses")
        for i, (low, high, fib_index) in enumerate(ranges):
            new[i].low, new[i].high, new[i].fib_index = low, high, fib_index
        free(self.main.proxies)
        self.main.proxies, self.main.n_proxies = new, len(ranges)

    def set_throttle(self, uint32_t multiplier, uint32_t shift, uint32_t mask):
        """How targets fall together: see throttle_t. mask is below 512."""
        self.main.throttle.multiplier, self.main.throttle.shift = multiplier, shift
        self.main.throttle.mask = mask & (64 * THROTTLE_WORDS - 1)

    def take_learned(self) -> list:
        """(sw_if_index, address in host order, MAC) of neighbours learned since the last call."""
        cdef uint32_t i
        cdef learned_t* entry
        found = []
        for i in range(self.main.n_learned):
            entry = &self.main.learned[i]
            found.append((entry.sw_if_index, swap32(entry.address), (<uint8_t*> entry.mac)[:6]))
        self.main.n_learned = 0
        return found

    def send_request(self, uint32_t sw_if_index, uint32_t source, uint32_t target):
        """Ask for a neighbour (addresses in host order) at once; silent when the interface is down."""
        cdef worker_t* w = self.graph.worker
        cdef interface_t* interface = &self.main.interfaces.interfaces[sw_if_index]
        cdef uint32_t index
        if not interface.flags & INTERFACE_ADMIN_UP:
            return
        index = make_request(w, &self.main, sw_if_index, swap32(source), swap32(target))
        if index == NO_INDEX:
            return
        cdef frame_t* frame = open_frame(w, interface.output_node)
        frame.indices[frame.n_vectors] = index
        frame.n_vectors += 1
        dispatch_pending(w)
