"""What authors get wrong in conditions, one mistake a file.

Mistakes are refused: nothing with one of them loads.  Remarks are told and refuse nothing: what holds
never or always, narrows nothing, or is covered by another profile (`remarks`); they rest on `values`
(which values make a literal true) and `solving` (whether any values make a condition true).
"""
