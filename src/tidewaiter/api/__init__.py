"""The HTTP interface: one file a noun; errors become problem details (RFC 9457)."""
