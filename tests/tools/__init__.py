"""What ./dev does: environment, demo, checks."""
