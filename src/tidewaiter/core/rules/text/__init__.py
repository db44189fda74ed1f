"""The text of a condition: what people write and read, to the tree and back without loss.

Read in this order: `places` (a stretch of the text, shown to people), `tokens` (characters to words),
`grammar` (words to a tree, with every fault), `printing` (a tree to its one canonical text) and
`judged` (a text with all that is wrong with it: its form and its meaning).
"""
