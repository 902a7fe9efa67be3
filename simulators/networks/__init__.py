"""Real pipe networks: EPANET files, stepped live, with leaks, pumps, valves and people's demand."""
