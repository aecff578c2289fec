"""Live traffic: the loop that drives a worker, and the barrier at which it stands while control code runs."""
