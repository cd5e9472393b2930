"""How fast the collection is beside a playbook that people write by hand for the same document."""
