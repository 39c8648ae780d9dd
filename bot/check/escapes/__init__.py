"""Ways out of the box: what a stack could ask for to reach the machine it runs on."""
