"""Pictures of what happened: a packet's path, and the graph with its counters. Plain data in, SVG out."""
