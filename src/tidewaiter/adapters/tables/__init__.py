"""Tables of rules that people keep in spreadsheets: read safely, made into profiles and lists as text.

`rows` reads a CSV or Excel file; `decision` makes profiles of a decision table; `selectivity` of a table
of selectivity criteria.
"""
