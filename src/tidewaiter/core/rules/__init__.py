"""Rules: conditions over features, as typed trees with three-valued logic, and the profiles that use them.

Read in this order: `nodes` (the tree), `form` (how it is written as data), `text` (as text), `literals`
and `forms` (what a literal and a code may be), `evaluate` (what it means: the specification),
`compiled` (the same, fast), `profile` (a condition with its papers), `check` and `checks` (what authors
get wrong), `explain` (why it held), `words` and `languages` (how it reads), `ruleset` (all profiles
together, with a version).
"""
