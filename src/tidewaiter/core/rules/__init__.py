"""Rules: conditions over features, as typed trees with three-valued logic, and the profiles that use them.

Read in this order: `nodes` (the tree), `form` (how it is written), `literals` and `forms` (what a
literal and a code may be), `evaluate` (what it means: the specification), `compiled` (the same,
fast), `profile` (a condition with its papers), `checks` and `check` (what authors get wrong),
`explain` (why it held), `words` (how it reads), `ruleset` (all profiles together, with a version).
"""
