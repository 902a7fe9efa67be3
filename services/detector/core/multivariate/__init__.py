"""How unlikely several channels of one thing are together: arrays in, one surprise a group out."""
