"""State of NAT44: sessions, users, mappings, pool addresses, and the tables that lead to them.

Names follow VPP: *in2out* is the inside address and port of a session, *out2in* the outside one. The EI
(endpoint-independent) tables hold one side of a session; the ED (endpoint-dependent) ones hold a side and the
external host. Addresses and ports are in network order everywhere but in the keys of static mappings.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t

from ...core.buffer cimport buffer_t
from ...net.fib.fib cimport fib_main_t
from ...tables.bihash cimport bihash_t
from ...tables.pool cimport pool_t
from ...wire.headers cimport IP_PROTOCOL_ICMP, IP_PROTOCOL_TCP, IP_PROTOCOL_UDP, ip4_header_t

cdef enum:
    NAT_NONE = 0xffffffffU      # no session, no user, no mapping
cdef enum:
    ED_MARK = 0xfffffffeU       # value in an EI table, above all sessions: the ED tables know more about the key

# Protocols as the keys hold them
cdef enum:
    NAT_UDP = 0
    NAT_TCP = 1
    NAT_ICMP = 2
    NAT_OTHER = 7               # fits the three bits of a key, and no session has it

cdef enum:
    SESSION_STATIC = 1
    SESSION_UNKNOWN_PROTOCOL = 2    # protocol holds the IP protocol, ports are not part of it
    SESSION_LOAD_BALANCED = 4
    SESSION_TWICE_NAT = 8
    SESSION_ED = 16
    SESSION_FORWARD_BYPASS = 32     # not translated; remembers that the flow began outside
    SESSION_AFFINITY = 64

# session_t.tcp_state: FINs seen, and ACKs of them
cdef enum:
    TCP_FIN_I2O = 1
    TCP_FIN_O2I = 2
    TCP_ACKED_I2O_FIN = 4
    TCP_ACKED_O2I_FIN = 8
    TCP_CLOSED = 15
    TCP_SYN_I2O = 16
    TCP_SYN_O2I = 32
    TCP_SYNS = 48

cdef enum:
    MAPPING_ADDRESS_ONLY = 1
    MAPPING_IDENTITY = 2
    MAPPING_OUT2IN_ONLY = 4
    MAPPING_LOAD_BALANCED = 8

cdef enum:
    TWICE_NAT_NO = 0
    TWICE_NAT_YES = 1
    TWICE_NAT_SELF = 2          # only if client and chosen local are the same host

cdef enum:
    ALLOCATE_DEFAULT = 0
    ALLOCATE_MAP_E = 1
    ALLOCATE_PORT_RANGE = 2

# How far a profile's nodes go; chosen once, at engine start
cdef enum:
    POLICY_IDENTITY_SESSIONS = 1    # an identity mapping makes sessions; else its packets just pass
    POLICY_TCP_STATES = 2           # the endpoint-independent nodes follow TCP to its end
    POLICY_FORWARD_BYPASS = 4       # forwarding a packet from outside leaves a bypass session
    POLICY_PROTOCOL_SESSIONS = 8    # other protocols get sessions; else only address-only mappings serve them
    POLICY_FRAGMENTS_FIRST = 16     # the fragment test comes before that for ICMP
    POLICY_TCP_SYNS = 32            # a pair of SYNs opens a closing session again
    POLICY_PASS_FRAGMENTS = 128     # of a first fragment that passes untranslated the later ones do too
    POLICY_ENDPOINT_DEPENDENT = 64  # all sessions; at a user's limit only one that has timed out is taken over

# Errors of nat44-in2out and its variants
cdef enum:
    IN2OUT_UNSUPPORTED_PROTOCOL = 0
    IN2OUT_GOOD = 1
    IN2OUT_OUT_OF_PORTS = 2
    IN2OUT_BAD_ICMP_TYPE = 4
    IN2OUT_MAX_SESSIONS = 6
    IN2OUT_DROP_FRAGMENT = 7
    IN2OUT_MAX_REASSEMBLIES = 8
    IN2OUT_MAX_FRAGMENTS = 9

# Errors of nat44-out2in
cdef enum:
    OUT2IN_UNSUPPORTED_PROTOCOL = 0
    OUT2IN_GOOD = 1
    OUT2IN_OUT_OF_PORTS = 2
    OUT2IN_BAD_ICMP_TYPE = 3
    OUT2IN_NO_TRANSLATION = 4
    OUT2IN_MAX_SESSIONS = 5
    OUT2IN_DROP_FRAGMENT = 6
    OUT2IN_MAX_REASSEMBLIES = 7
    OUT2IN_MAX_FRAGMENTS = 8

# Errors of nat44-ed-in2out and its variants; those of nat44-ed-out2in are nat44-out2in's
cdef enum:
    ED_IN2OUT_UNSUPPORTED_PROTOCOL = 0
    ED_IN2OUT_GOOD = 1
    ED_IN2OUT_OUT_OF_PORTS = 2
    ED_IN2OUT_BAD_ICMP_TYPE = 3
    ED_IN2OUT_MAX_SESSIONS = 4
    ED_IN2OUT_DROP_FRAGMENT = 5
    ED_IN2OUT_MAX_REASSEMBLIES = 6
    ED_IN2OUT_MAX_FRAGMENTS = 7

# Next indices, declared
cdef enum:
    IN2OUT_NEXT_LOOKUP = 0          # interface-output for the output variants
    IN2OUT_NEXT_DROP = 1
    IN2OUT_NEXT_ICMP_ERROR = 2
    IN2OUT_NEXT_SLOW_PATH = 3
    IN2OUT_NEXT_REASSEMBLY = 4

cdef enum:
    OUT2IN_NEXT_DROP = 0
    OUT2IN_NEXT_LOOKUP = 1
    OUT2IN_NEXT_ICMP_ERROR = 2
    OUT2IN_NEXT_REASSEMBLY = 3
    OUT2IN_NEXT_IN2OUT = 4

# nat44-ed-out2in
cdef enum:
    ED_OUT2IN_NEXT_DROP = 0
    ED_OUT2IN_NEXT_LOOKUP = 1
    ED_OUT2IN_NEXT_ICMP_ERROR = 2
    ED_OUT2IN_NEXT_IN2OUT = 3
    ED_OUT2IN_NEXT_SLOW_PATH = 4
    ED_OUT2IN_NEXT_REASSEMBLY = 5

cdef enum:
    UNDECIDED = 0xffff              # a next index that the tables still have to tell

# One cache line: all that the fast path touches of a session
ctypedef struct session_t:
    uint32_t in_addr
    uint32_t out_addr
    uint16_t in_port
    uint16_t out_port
    uint32_t in_fib
    uint32_t out_fib
    uint8_t protocol            # NAT_*, or the IP protocol with SESSION_UNKNOWN_PROTOCOL
    uint8_t flags
    uint8_t tcp_state
    uint8_t reserved
    uint32_t user
    uint32_t total_packets
    uint64_t total_bytes
    uint64_t last_heard_ns
    uint64_t stamp              # number of the last packet: what makes a session the least recently used one

# The rest of a session, by the same index
ctypedef struct session_cold_t:
    uint32_t previous           # list of the user's sessions, in the order of their making
    uint32_t next
    uint32_t ext_addr           # external host
    uint32_t ext_nat_addr       # twice-nat: as the inside sees it
    uint16_t ext_port
    uint16_t ext_nat_port
    uint32_t i2o_fin_sequence   # host order
    uint32_t o2i_fin_sequence
    uint32_t reserved

ctypedef struct aged_t:
    uint64_t stamp
    uint64_t session

ctypedef struct user_t:
    uint32_t address
    uint32_t fib_index
    uint32_t n_dynamic
    uint32_t n_static
    uint32_t head               # sessions, oldest made first
    uint32_t tail
    # the sessions as they stood when somebody last asked for the oldest, least recently used first
    uint32_t n_aged
    uint32_t next_aged
    uint32_t aged_capacity
    aged_t* aged

ctypedef struct nat_address_t:
    uint32_t address
    uint32_t fib_index          # NAT_NONE: for users of every table
    uint32_t busy[3]            # ports in use, by protocol
    uint64_t* ports             # three bitmaps of 65536 bits

ctypedef struct local_t:
    uint32_t address
    uint16_t port
    uint16_t reserved
    uint32_t fib_index
    uint32_t sum                # of the probabilities up to this one

ctypedef struct mapping_t:
    uint32_t local_addr
    uint32_t external_addr
    uint16_t local_port
    uint16_t external_port
    uint8_t protocol
    uint8_t flags
    uint8_t twice_nat
    uint8_t reserved
    uint32_t fib_index          # of the local side
    uint32_t n_locals
    local_t* locals
    uint32_t affinity           # seconds, 0 without

# What a static mapping makes of an address and port
ctypedef struct match_t:
    uint32_t address
    uint16_t port
    uint16_t reserved
    uint32_t fib_index
    mapping_t* mapping

ctypedef struct addresses_t:
    nat_address_t* elements
    uint32_t n

ctypedef struct ed_key_t:
    uint64_t words[2]

ctypedef struct affinity_t:
    ed_key_t key                # client, service address and port
    uint64_t expires_ns         # once it has no sessions
    uint64_t timeout_ns
    uint32_t n_sessions
    uint32_t backend            # of the mapping's locals

cdef enum:
    MAX_HELD = 64

# A datagram whose fragments pass: what its first one became, or the later ones that wait for that
ctypedef struct datagram_t:
    ed_key_t key                # source, destination, protocol and identification
    uint64_t last_heard_ns
    uint64_t order              # when it was seen first
    uint32_t session            # NAT_NONE: untranslated
    uint32_t n_held
    uint8_t decided             # the first fragment was seen
    uint8_t class_decided       # by nat44-classify
    uint16_t class_next
    uint32_t held[MAX_HELD]

ctypedef struct nat_main_t:
    bihash_t in2out
    bihash_t out2in
    bihash_t in2out_ed
    bihash_t out2in_ed
    bihash_t user_table
    bihash_t by_local
    bihash_t by_external
    bihash_t affinity_table
    pool_t affinities           # of affinity_t
    pool_t sessions             # of session_t
    pool_t cold                 # of session_cold_t, by the same indices
    pool_t users                # of user_t
    pool_t mappings             # of mapping_t
    addresses_t addresses
    addresses_t twice_nat_addresses
    fib_main_t* fib
    uint64_t stamp              # packets of sessions so far
    uint64_t now_ns             # of the last packet that began a session
    uint64_t changes            # sessions made and deleted so far: what was found before may be no more
    uint32_t random_seed
    uint32_t max_sessions
    uint32_t max_per_user
    uint32_t policy             # POLICY_*
    uint32_t inside_fib
    uint32_t outside_fib
    uint32_t* outside_fibs      # tables of the outside interfaces
    uint32_t n_outside_fibs
    uint8_t* roles              # by sw_if_index: ROLE_*
    uint32_t n_roles
    bint forwarding
    uint32_t n_bypass           # bypass sessions
    uint64_t timeouts_ns[4]     # by NAT_*; the fourth is TCP transitory
    uint32_t algorithm          # ALLOCATE_*
    uint16_t psid
    uint16_t psid_offset
    uint16_t psid_length
    uint16_t first_port         # ALLOCATE_PORT_RANGE
    uint16_t last_port
    uint16_t mss                # clamp TCP's MSS option to it, 0 for no clamping
    bihash_t datagram_table
    pool_t datagrams            # of datagram_t
    uint32_t expire_process     # index of the timer that gives up fragments that waited too long
    uint64_t datagram_timeout_ns
    uint32_t max_datagrams
    uint32_t max_held           # fragments of one datagram
    bint drop_fragments
    uint32_t good_in2out        # counters: error codes of the nodes that count for the output variants as well
    uint32_t good_in2out_slow

# roles of an interface
cdef enum:
    ROLE_IN = 1
    ROLE_OUT = 2
    ROLE_OUTPUT_IN = 4          # with the output feature
    ROLE_OUTPUT_OUT = 8

# One side of a packet, inside or outside, with the other as its remote
ctypedef struct flow_t:
    uint32_t address
    uint16_t port
    uint16_t remote_port
    uint32_t remote
    uint32_t fib_index
    uint8_t protocol            # NAT_*


cdef inline session_t* session_at(nat_main_t* nm, uint32_t index) noexcept nogil:
    return &(<session_t*> nm.sessions.elements)[index]


cdef inline session_cold_t* cold_at(nat_main_t* nm, uint32_t index) noexcept nogil:
    return &(<session_cold_t*> nm.cold.elements)[index]


cdef inline user_t* user_at(nat_main_t* nm, uint32_t index) noexcept nogil:
    return &(<user_t*> nm.users.elements)[index]


cdef inline mapping_t* mapping_at(nat_main_t* nm, uint32_t index) noexcept nogil:
    return &(<mapping_t*> nm.mappings.elements)[index]


cdef inline uint8_t interface_role(nat_main_t* nm, uint32_t sw_if_index) noexcept nogil:
    return nm.roles[sw_if_index] if sw_if_index < nm.n_roles else 0


cdef inline uint8_t nat_protocol(uint8_t ip_protocol) noexcept nogil:
    if ip_protocol == IP_PROTOCOL_TCP:
        return NAT_TCP
    if ip_protocol == IP_PROTOCOL_UDP:
        return NAT_UDP
    if ip_protocol == IP_PROTOCOL_ICMP:
        return NAT_ICMP
    return NAT_OTHER


cdef inline uint8_t ip_protocol_of(uint8_t protocol) noexcept nogil:
    """The IP protocol of NAT_*."""
    if protocol == NAT_TCP:
        return IP_PROTOCOL_TCP
    if protocol == NAT_UDP:
        return IP_PROTOCOL_UDP
    return IP_PROTOCOL_ICMP


cdef inline uint64_t ei_key(uint32_t address, uint16_t port, uint8_t protocol, uint32_t fib_index) noexcept nogil:
    """Key of the EI tables; with the port in host order also that of static mappings."""
    return (<uint64_t> address | <uint64_t> port << 32 | <uint64_t> (protocol & 7) << 48
            | <uint64_t> (fib_index & 0x1fff) << 51)


cdef inline void ed_key(ed_key_t* key, uint32_t local, uint32_t remote, uint8_t ip_protocol, uint32_t fib_index,
                        uint16_t local_port, uint16_t remote_port) noexcept nogil:
    key.words[0] = <uint64_t> local | <uint64_t> remote << 32
    key.words[1] = (<uint64_t> ip_protocol | <uint64_t> (fib_index & 0xffffff) << 8 | <uint64_t> local_port << 32
                    | <uint64_t> remote_port << 48)


cdef inline void* ip4_payload(ip4_header_t* ip) noexcept nogil:
    return <uint8_t*> ip + ((ip.version_and_length & 0xf) << 2)


cdef inline uint8_t session_ip_protocol(session_t* s) noexcept nogil:
    return s.protocol if s.flags & SESSION_UNKNOWN_PROTOCOL else ip_protocol_of(s.protocol)


cdef inline void session_heard(nat_main_t* nm, session_t* s, uint64_t now_ns, uint32_t n_bytes) noexcept nogil:
    """Account a packet to a session; it is now the user's most recently used one."""
    nm.stamp += 1
    s.stamp = nm.stamp
    s.last_heard_ns = now_ns
    s.total_packets += 1
    s.total_bytes += n_bytes


cdef inline uint64_t session_timeout_ns(nat_main_t* nm, session_t* s) noexcept nogil:
    """How long the session lives without packets."""
    if s.flags & SESSION_UNKNOWN_PROTOCOL or s.protocol > NAT_ICMP:
        return nm.timeouts_ns[NAT_UDP]
    if s.protocol == NAT_TCP and s.tcp_state:
        return nm.timeouts_ns[3]
    return nm.timeouts_ns[s.protocol]
