"""Test bed: homes of IS 7 and API Manager made of real WSO2 code from Maven Central."""
