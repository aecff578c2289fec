"""Trace entries of the Geneve nodes, as VPP prints them."""

from engine.net.tunnel.trace import formats

INPUT_FORMAT, ENCAP_FORMAT = formats("GENEVE")
