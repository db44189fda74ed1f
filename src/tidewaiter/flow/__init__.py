"""The use cases: one file each, one transaction each.

The flow owns order and transactions and speaks with the world only through ``flow.ports``.
"""
