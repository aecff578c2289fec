"""Capture files: readers behind one Source, and the writer."""
