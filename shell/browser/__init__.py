"""The trace browser: packets, their way node by node, what each node changed of them, and what decided."""
