"""What a device gives the live loop: where it receives, and what it has to send out at the end of a round."""

from libc.stdint cimport uint32_t, uint64_t

from ..core.graph cimport node_t, worker_t

ctypedef struct rx_queue_t:
    # one receive queue of a device, served by one worker. poll takes what has come, up to a frame or two, hands it
    # to the graph (enqueue_same and the like; the loop dispatches) and returns how many packets that were. It sets
    # `more` when it stopped before the queue was empty: then it is called again without asking the kernel.
    uint32_t (*poll)(worker_t* w, node_t* node, rx_queue_t* queue) noexcept nogil
    void* main                  # the device
    int fd                      # readable when there is something; the loop sleeps on it
    uint32_t node_index         # input node: poll's time and packets are entered there
    uint32_t sw_if_index
    uint32_t queue_id           # of the device's queues
    bint more
    bint broken                 # poll found the file descriptor dead: the loop asks it no more
    uint64_t n_polls
    uint64_t n_packets

ctypedef struct tx_flush_t:
    # called at the end of every round, so that what NAME-tx gathered goes out in one system call; cheap when there
    # is nothing
    void (*flush)(worker_t* w, void* main) noexcept nogil
    void* main
