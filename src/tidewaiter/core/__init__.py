"""The pure core: declarations, features, rules, draw, scores, selection, learning, evidence.

No input or output, no clock, no framework, no global randomness: clock, seed and history are
arguments.  Read in the order of the flow: declaration, features, rules, draw, scoring,
selection, decision, control, learning, ledger.
"""
