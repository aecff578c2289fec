"""TCP connections as NAT follows them: to the ACKs of both FINs."""

from libc.stdint cimport uint32_t

from ...wire.headers cimport TCP_FLAG_ACK, TCP_FLAG_FIN, TCP_FLAG_SYN, swap32, tcp_header_t
from .nat44 cimport (
    POLICY_TCP_SYNS,
    TCP_ACKED_I2O_FIN,
    TCP_ACKED_O2I_FIN,
    TCP_CLOSED,
    TCP_FIN_I2O,
    TCP_FIN_O2I,
    TCP_SYN_I2O,
    TCP_SYN_O2I,
    TCP_SYNS,
    cold_at,
    nat_main_t,
    session_at,
    session_cold_t,
    session_t,
)
from .sessions cimport session_delete


cdef void tcp_advance_i2o(session_t* s, session_cold_t* cold, tcp_header_t* tcp) noexcept nogil:
    if tcp.flags & TCP_FLAG_FIN:
        cold.i2o_fin_sequence = swap32(tcp.sequence)
        s.tcp_state |= TCP_FIN_I2O
    if tcp.flags & TCP_FLAG_ACK and s.tcp_state & TCP_FIN_O2I:
        if swap32(tcp.acknowledgement) > cold.o2i_fin_sequence:
            s.tcp_state |= TCP_ACKED_O2I_FIN


cdef void tcp_advance_o2i(session_t* s, session_cold_t* cold, tcp_header_t* tcp) noexcept nogil:
    if tcp.flags & TCP_FLAG_FIN:
        cold.o2i_fin_sequence = swap32(tcp.sequence)
        s.tcp_state |= TCP_FIN_O2I
    if tcp.flags & TCP_FLAG_ACK and s.tcp_state & TCP_FIN_I2O:
        if swap32(tcp.acknowledgement) > cold.i2o_fin_sequence:
            s.tcp_state |= TCP_ACKED_I2O_FIN


cdef bint tcp_advance(nat_main_t* nm, uint32_t index, tcp_header_t* tcp, bint from_inside) noexcept nogil:
    """Take a packet into the state; true when both FINs are acknowledged: the session is deleted."""
    cdef session_t* s = session_at(nm, index)
    cdef session_cold_t* cold = cold_at(nm, index)
    if nm.policy & POLICY_TCP_SYNS:
        if tcp.flags & TCP_FLAG_ACK and s.tcp_state & TCP_SYNS == TCP_SYNS:
            s.tcp_state = 0
        if tcp.flags & TCP_FLAG_SYN:
            s.tcp_state |= TCP_SYN_I2O if from_inside else TCP_SYN_O2I
    if from_inside:
        tcp_advance_i2o(s, cold, tcp)
    else:
        tcp_advance_o2i(s, cold, tcp)
    if s.tcp_state & TCP_CLOSED != TCP_CLOSED:
        return False
    session_delete(nm, index)
    return True
