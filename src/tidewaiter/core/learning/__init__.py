"""Learning: from control results to labels, to honest figures, to a challenger that may be proposed.

Read in this order: :mod:`labels` (what a result teaches), :mod:`intervals` and :mod:`estimate` (what
a policy finds, from logged probabilities), :mod:`gates` (what a challenger must pass), :mod:`drift`
(has the world moved away from the model).  Nothing is imported here: the numeric libraries behind
some of them cost time at start that a decision does not need.
"""
