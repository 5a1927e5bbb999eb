"""What the robot says and does: pure rules, no database, no clock."""
