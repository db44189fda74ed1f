"""Decision tables: many conditions of one shape, a row each, made into profiles.

`cells` reads what a column asks and what a cell answers; `table` reads a whole table with all its
faults; `profiles` makes profiles of its rows; `overlap` finds rows that say the same, or contradict.
"""
