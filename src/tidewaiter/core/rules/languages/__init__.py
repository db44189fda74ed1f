"""The words of conditions, one language a file; `language` says what a language has to bring.

A new language is one more file and one more line in `known`; a test fails until it has every word.
"""
