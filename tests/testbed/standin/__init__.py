"""A stand-in for API Manager 4.3 to 4.7, where WSO2's own classes cannot be had; see README.md."""
