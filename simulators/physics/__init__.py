"""Pure models of water, fire and gas: numpy in, numpy out, no clock and no chance."""
