"""How long the functions of a file are: C++ and JavaScript by braces, Python by its tree."""
import ast
import re

# Strings, characters and comments, so that a brace inside them does not count.
QUIET = re.compile(
    r'R"(?P<raw>[^(\s]*)\(.*?\)(?P=raw)"|//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`", re.DOTALL)
NOT_A_FUNCTION = re.compile(
    r"^\s*(?:}\s*)?(if|for|while|switch|catch|else|do|try|namespace|class|struct|enum|union|extern"
    r"|import|export\s+(?:default\s+)?class|#)\b")
BODY = re.compile(r"(\)|\bconst|\bnoexcept|\boverride|\bfinal|\bmutable|=>|->\s*[\w:<>,&* ]+)\s*$")
NAME = re.compile(r"([~\w:]+)\s*\(")


def long_functions(suffix, text):
    """Yields (line, name, lines of the body with its braces) for each function."""
    if suffix == ".py":
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield node.lineno, node.name, node.end_lineno - node.lineno + 1
        return
    quiet = QUIET.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)
    yield from _by_braces(quiet)


def _by_braces(text):
    stack, line, start = [], 1, 0
    for at, ch in enumerate(text):
        if ch == "\n":
            line += 1
        elif ch == "{":
            stack.append((line, _function_name(text[start:at])))
            start = at + 1
        elif ch == "}":
            start = at + 1
            if stack:
                first, name = stack.pop()
                if name:
                    yield first, name, line - first + 1
        elif ch == ";":
            start = at + 1


def _function_name(head):
    """The name if what stands before a brace opens a function, else None."""
    if "(" not in head or NOT_A_FUNCTION.match(head):
        return None
    # A constructor's initialisers stand between its parameters and its body.
    if not BODY.search(head) and not re.search(r"\)\s*:\s*\w", head):
        return None
    found = NAME.search(head)
    return found.group(1) if found else "a function"
