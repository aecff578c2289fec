"""Work that a sender left to the card: L4 checksums and TCP segmentation, done here where the way out cannot."""
