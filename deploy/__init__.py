"""What installs, starts and watches Tocsin outside its own processes."""
