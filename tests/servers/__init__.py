"""Real servers that the test run starts itself: loopback only, ports per run, ended by their pid."""
