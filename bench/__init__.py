"""Speed, measured as ratios in one run: ours and a bare equivalent, in turns, on one machine.

`make bench` prints a table; `make bench ARGS="--json FILE"` writes the numbers as well. Servers
listen on the loopback address only, loops are bounded, and every process is stopped by its id.
"""
