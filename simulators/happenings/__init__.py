"""What can go wrong in a simulated city: each kind turns its physics into traces of sensors."""
