"""The BPF interpreter, and the way from tcpdump's filter language to a program of it.

The machine is that of S. McCanne and V. Jacobson, "The BSD Packet Filter" (1993): an accumulator, an index register
and sixteen words of memory. A load beyond the frame ends the program without a match.
"""

from libc.stdint cimport int32_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memset

from ..errors import ControlError

cdef enum:
    MEMORY = 16
    MAX_INSTRUCTIONS = 4096     # as in the kernels that know BPF
    MAX_STEPS = 65536           # only `protochain` jumps back; each turn of its loop is a step on in the frame

# parts of an instruction's code
cdef enum:
    CLASS = 0x07
    LD = 0x00
    LDX = 0x01
    ST = 0x02
    STX = 0x03
    ALU = 0x04
    JMP = 0x05
    RET = 0x06
    MISC = 0x07
    SIZE = 0x18
    WORD = 0x00
    HALF = 0x08
    MODE = 0xe0
    IMM = 0x00
    ABS = 0x20
    IND = 0x40
    MEM = 0x60
    LEN = 0x80
    MSH = 0xa0
    FROM_X = 0x08
    OPERATION = 0xf0
    ADD = 0x00
    SUB = 0x10
    MUL = 0x20
    DIV = 0x30
    OR = 0x40
    AND = 0x50
    LSH = 0x60
    RSH = 0x70
    NEG = 0x80
    MOD = 0x90
    XOR = 0xa0
    JA = 0x00
    JEQ = 0x10
    JGT = 0x20
    JGE = 0x30
    RET_A = 0x10
    TXA = 0x80

LOADS = {LD | mode | size for mode in (ABS, IND) for size in (0x00, 0x08, 0x10)}
MEMORY_CODES = {LD | MEM, LDX | MEM, ST, STX}
ARITHMETIC = {ALU | op | source for op in range(ADD, XOR + 1, 0x10) for source in (0, FROM_X) if op != NEG}
JUMPS = {JMP | op | source for op in range(0x10, 0x50, 0x10) for source in (0, FROM_X)}
KNOWN = LOADS | MEMORY_CODES | ARITHMETIC | JUMPS | {
    LD | IMM, LD | LEN, LDX | IMM, LDX | LEN, LDX | MSH | 0x10, ALU | NEG, JMP | JA, RET, RET | RET_A, MISC, MISC | TXA,
}
MAX_TEXT = 4096     # characters; libpcap's parser and optimizer recurse


# ---- running a program

cdef inline bint fetch(const uint8_t* data, uint32_t n, uint64_t at, uint32_t size, uint32_t* value) noexcept nogil:
    """A word, half word or byte in network order; False when it is not all within the n bytes."""
    cdef uint32_t width = 4 if size == WORD else 2 if size == HALF else 1
    cdef uint32_t i
    if at + width > n:
        return False
    value[0] = 0
    for i in range(width):
        value[0] = value[0] << 8 | data[at + i]
    return True


cdef inline bint load(const bpf_insn_t* insn, const uint8_t* data, uint32_t n, uint32_t length, uint32_t x,
                      const uint32_t* memory, uint32_t* value) noexcept nogil:
    """What LD and LDX read; False for bytes that the frame does not have."""
    cdef uint32_t mode = insn.code & MODE
    if mode == ABS:
        return fetch(data, n, insn.k, insn.code & SIZE, value)
    if mode == IND:
        return fetch(data, n, <uint64_t> x + insn.k, insn.code & SIZE, value)
    if mode == MSH:
        if insn.k >= n:
            return False
        value[0] = (data[insn.k] & 0xf) << 2
    elif mode == MEM:
        value[0] = memory[insn.k]
    else:
        value[0] = length if mode == LEN else insn.k
    return True


cdef inline bint calculate(uint32_t operation, uint32_t operand, uint32_t* a) noexcept nogil:
    """a = a operation operand, modulo 2^32; False for a division by zero."""
    if operation == ADD:
        a[0] += operand
    elif operation == SUB:
        a[0] -= operand
    elif operation == MUL:
        a[0] *= operand
    elif operation == OR:
        a[0] |= operand
    elif operation == AND:
        a[0] &= operand
    elif operation == XOR:
        a[0] ^= operand
    elif operation == NEG:
        a[0] = 0 - a[0]
    elif operation == LSH:
        a[0] = a[0] << operand if operand < 32 else 0
    elif operation == RSH:
        a[0] = a[0] >> operand if operand < 32 else 0
    elif operand == 0:
        return False
    elif operation == DIV:
        a[0] //= operand
    else:
        a[0] %= operand
    return True


cdef inline bint holds(uint32_t operation, uint32_t a, uint32_t operand) noexcept nogil:
    """The condition of a jump."""
    if operation == JEQ:
        return a == operand
    if operation == JGT:
        return a > operand
    if operation == JGE:
        return a >= operand
    return (a & operand) != 0


cdef uint32_t bpf_run(const bpf_insn_t* code, const uint8_t* data, uint32_t n, uint32_t length) noexcept nogil:
    """What the program returns for a frame: 0 when it does not match.

    n: bytes at data. length: of the whole frame, which may go on elsewhere.
    """
    cdef uint32_t memory[MEMORY]
    cdef uint32_t a = 0, x = 0, pc = 0, operand, kind, _step
    cdef const bpf_insn_t* insn
    memset(memory, 0, sizeof(memory))
    for _step in range(MAX_STEPS):
        insn = &code[pc]
        pc += 1
        kind = insn.code & CLASS
        operand = x if insn.code & FROM_X else insn.k
        if kind == LD:
            if not load(insn, data, n, length, x, memory, &a):
                return 0
        elif kind == JMP:
            if insn.code & OPERATION == JA:
                pc += <int32_t> insn.k
            else:
                pc += insn.jt if holds(insn.code & OPERATION, a, operand) else insn.jf
        elif kind == RET:
            return a if insn.code & RET_A else insn.k
        elif kind == ALU:
            if not calculate(insn.code & OPERATION, operand, &a):
                return 0
        elif kind == LDX:
            if not load(insn, data, n, length, x, memory, &x):
                return 0
        elif kind == ST:
            memory[insn.k] = a
        elif kind == STX:
            memory[insn.k] = x
        elif insn.code & TXA:
            a = x
        else:
            x = a
    return 0


# ---- making one

def check_instruction(int at, int n, int code, int jt, int jf, k) -> bool:
    """Whether an instruction is one, and leads nowhere but to another of the n."""
    cdef int32_t offset
    if code not in KNOWN or not 0 <= jt <= 255 or not 0 <= jf <= 255 or not 0 <= k <= 0xffffffff:
        return False
    if code in MEMORY_CODES:
        return k < MEMORY
    if code & CLASS == ALU and not code & FROM_X:
        operation = code & OPERATION
        return k < 32 if operation in (LSH, RSH) else k != 0 if operation in (DIV, MOD) else True
    if code == JMP | JA:
        offset = <int32_t> <uint32_t> k
        return 0 <= at + 1 + <long long> offset < n
    return code not in JUMPS or at + 1 + max(jt, jf) < n


cdef class PacketFilter:
    """A filter program, checked once so that running it needs to check the packet only.

    instructions: (code, jt, jf, k) of each, 1 to 4096. text: what it was compiled from.
    Raises ControlError for what is no program.
    """

    def __cinit__(self, instructions, str text=""):
        cdef int i, n
        program = [tuple(instruction) for instruction in instructions]
        n = len(program)
        if not 1 <= n <= MAX_INSTRUCTIONS:
            raise ControlError(f"a filter has 1 to {MAX_INSTRUCTIONS} instructions, not {n}")
        if program[n - 1][0] & CLASS != RET or not all(check_instruction(i, n, *program[i]) for i in range(n)):
            raise ControlError("the filter is no valid BPF program")
        self.code = <bpf_insn_t*> calloc(n, sizeof(bpf_insn_t))
        if self.code == NULL:
            raise MemoryError("no memory for a filter")
        for i in range(n):
            self.code[i].code, self.code[i].jt, self.code[i].jf, self.code[i].k = program[i]
        self.n_instructions, self.text = n, text

    def __dealloc__(self):
        free(self.code)

    def run(self, const uint8_t[::1] frame not None, length=None) -> int:
        """What the program returns for a frame, 0 for no match. length: of the whole frame, when this is its start."""
        cdef uint32_t n = frame.shape[0]
        return bpf_run(self.code, &frame[0] if n else NULL, n, n if length is None else length)

    def matches(self, const uint8_t[::1] frame not None, length=None) -> bool:
        return self.run(frame, length) != 0


def compile_filter(str text) -> PacketFilter:
    """A filter from an expression as tcpdump takes it (pcap-filter(7)), for Ethernet frames.

    Raises ControlError with libpcap's own words when the expression is wrong, and when libpcap is not there.
    """
    try:
        import cypcap
    except ImportError as error:
        raise ControlError(f"filters need libpcap, which the package cypcap brings along: {error}") from None
    if len(text) > MAX_TEXT or not text.isascii() or "\0" in text:
        raise ControlError(f"a filter expression is at most {MAX_TEXT} characters of ASCII")
    try:
        program = cypcap.compile(cypcap.DatalinkType.EN10MB, 262144, text, True, cypcap.NETMASK_UNKNOWN)
    except cypcap.Error as error:
        *_, reason = error.args
        raise ControlError(reason) from None
    return PacketFilter(program, text)
