"""pcap trace: packets that come in, leave or are dropped, written to files."""
