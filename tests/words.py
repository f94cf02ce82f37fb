#!/usr/bin/env python3
"""words.py [FILE ...] - looks for the words of words.txt and says what to write instead.

Prints "file:line: 'word': write ..." for each one and exits 1 if there is any. Case does not matter, and a phrase is
found across the end of a line. Without FILE it reads standard input, such as the output of --help."""

import pathlib
import re
import sys

GAP = r"[\s#*/\"]+"  # between two words of a phrase: the next line may begin with a comment sign


def pattern(phrase):
    return GAP.join(re.escape(word).replace(r"\*", r"\w*") for word in phrase.split())


def read_list(path):
    """[(regular expression, what to write, phrases in which the word is right)]"""
    rules = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            words, advice = line.split(" -> ")
            advice, *right = advice.rstrip(")").split(" (not: ") if "(not: " in advice else [advice]
            found = "|".join(pattern(word) for word in words.split(", "))
            right = [re.compile(pattern(phrase), re.I) for phrase in ", ".join(right).split(", ") if phrase]
            rules.append((re.compile(rf"(?<![^\W_])(?:{found})(?![^\W_])", re.I), advice, right))
    return rules


def check(name, text, rules):
    found = []
    for rule, advice, right in rules:
        allowed = [m.span() for phrase in right for m in phrase.finditer(text)]
        for m in rule.finditer(text):
            if not any(start <= m.start() and m.end() <= end for start, end in allowed):
                word = " ".join(re.split(GAP, m[0]))
                found.append((text.count("\n", 0, m.start()) + 1, word, advice))
    for line, word, advice in sorted(found):
        print(f"{name}:{line}: '{word}': write {advice}")
    return bool(found)


rules = read_list(pathlib.Path(__file__).with_name("words.txt"))
if len(sys.argv) == 1:
    sys.exit(check("standard input", sys.stdin.read(), rules))
sys.exit(max([check(path, pathlib.Path(path).read_text(encoding="utf-8"), rules) for path in sys.argv[1:]]))
