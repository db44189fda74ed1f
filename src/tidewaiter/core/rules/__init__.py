"""Rules: conditions over features, as typed trees with three-valued logic.

Read in this order: `nodes` (the tree), `form` (how it is written), `literals` and `forms` (what a
literal may be), `evaluate` (what it means: the specification), `check` (mistakes of authors),
`explain` (why it held), `words` (how it reads), `ruleset` (all profiles of one day).
"""
