"""draw.py - every place in src where a usual operator can change the program, and a draw from them by a seed.

The operators: a relation (< becomes <= or >=), an integer constant plus or minus one, a negated condition, a deleted
statement or call, two neighbouring arguments swapped, a status that is no longer checked.
"""
import collections, glob, os, random, re

Drawn = collections.namedtuple("Drawn", "operator file line begin end new")

RELATIONS = {"<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"], "==": ["!="], "!=": ["=="]}
NOT_CALLED = {"if", "while", "for", "switch", "return", "sizeof", "defined", "assert"}


def without_texts(source):
    """The source with comments and directives blanked and literals made of quotes; each character keeps its place."""
    blank = lambda match: re.sub(r"[^\n]", match.group()[0] if match.group()[0] in "\"'" else " ", match.group())
    texts = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|^[ \t]*\#(?:\\\n|[^\n])*'
    return re.sub(texts, blank, source, flags=re.S | re.M)


def closing(code, at):
    """The place of the bracket that closes the one at `at`; None where there is none."""
    depth = 0
    for i in range(at, len(code)):
        depth += (code[i] in "([{") - (code[i] in ")]}")
        if depth == 0:
            return i
    return None


def arguments_of(code, begin, end):
    """Begin and end of each argument between two brackets."""
    places, depth, first = [], 0, begin
    for i in range(begin, end):
        depth += (code[i] in "([{") - (code[i] in ")]}")
        if code[i] == "," and depth == 0:
            places.append((first, i))
            first = i + 1
    places.append((first, end))
    trim = lambda a, b: (a + len(code[a:b]) - len(code[a:b].lstrip()), b - len(code[a:b]) + len(code[a:b].rstrip()))
    return [trim(a, b) for a, b in places]


def changes(source):
    """(operator, begin, end, new text) of each possible change."""
    code = without_texts(source)
    for match in re.finditer(r" (<|<=|>|>=|==|!=) ", code):
        for new in RELATIONS[match.group(1)]:
            yield "relation", match.start(1), match.end(1), new
    for match in re.finditer(r"(?<![\w.])\d+(?![\w.])", code):
        for step in 1, -1:
            yield "constant", match.start(), match.end(), str(int(match.group()) + step)
    for match in re.finditer(r"\b(?:if|while) \(", code):
        end = closing(code, match.end() - 1)
        if end is not None:
            yield "condition", match.end(), end, f"!({source[match.end():end]})"
    target = r"\*?[A-Za-z_]\w*(?:(?:->|\.)\w+|\[[^;\n]*?\])*"
    starts = rf"{target} [-+*/|&^]?=|{target}(?:\+\+|--);|(?:\+\+|--){target};|([a-z_]\w*)\("
    for match in re.finditer(rf"(?:^ +|\) )((?:{starts})[^;{{}}]*;?)", code, re.M):
        begin = match.start(1)
        end = code.index(";", begin) + 1 if ";" in code[begin:] else begin
        if match.group(2) not in NOT_CALLED and code[begin:end].count("(") == code[begin:end].count(")"):
            yield "deletion", begin, end, "{}"
    for match in re.finditer(r"\b([a-z_]\w*)\(", code):
        end = closing(code, match.end() - 1)
        before = code[: match.start()].rstrip()
        defined = re.search(r"[\w*]$", before) and not before.endswith("return")
        if match.group(1) in NOT_CALLED or end is None or defined:
            continue
        places = arguments_of(code, match.end(), end)
        for (a, b), (c, d) in zip(places, places[1:]):
            if source[a:b] != source[c:d]:
                yield "arguments", a, d, source[c:d] + source[b:c] + source[a:b]
    for match in re.finditer(r"\bMLP_TRY\(", code):
        yield "status", match.start(), match.end(), "(void)("


def draw(root, seed):
    """All changes in the order of the draw: each time an operator first, then one of its places."""
    by_operator = collections.defaultdict(list)
    for path in sorted(glob.glob(os.path.join(root, "src", "*", "*.c"))):
        with open(path, encoding="utf-8") as file:
            source = file.read()
        for operator, begin, end, new in changes(source):
            line = source.count("\n", 0, begin) + 1
            by_operator[operator].append(Drawn(operator, os.path.relpath(path, root), line, begin, end, new))
    chance = random.Random(seed)
    for operator in sorted(by_operator):
        chance.shuffle(by_operator[operator])
    while by_operator:
        operator = chance.choice(sorted(by_operator))
        yield by_operator[operator].pop()
        if not by_operator[operator]:
            del by_operator[operator]
