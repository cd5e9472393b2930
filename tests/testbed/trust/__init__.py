"""A JVM that trusts what its truststore says, and peers for it."""
