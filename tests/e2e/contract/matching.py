"""Templates of the recorded cases: filling variables in, and comparing answers with them."""
import base64
import re

VARIABLE = re.compile(r"\{\{([a-z]+\.[a-z0-9_]+)\}\}")


def fill(text, variables):
    """Puts saved values in place of {{name}}."""
    return VARIABLE.sub(lambda found: str(variables.get(found.group(1), "MISSING")), text)


def content(body, variables):
    """The bytes of a recorded body: text, base64, or parts that repeat."""
    if body is None:
        return None
    if isinstance(body, str):
        return fill(body, variables).encode("utf-8", "surrogatepass")
    if "base64" in body:
        return base64.b64decode(body["base64"])
    text = "".join(_part(part, variables) for part in body["parts"])
    return text.encode("utf-8", "surrogatepass")


def _part(part, variables):
    if "text" in part:
        return fill(part["text"], variables)
    if "repeat" in part:
        return fill(part["repeat"], variables) * part["count"]
    first, last = part["range"]
    return part["sep"].join(part["format"] % number for number in range(first, last + 1))


def same(want, got, variables):
    """Whether a JSON value is what the recording wants; members may not be missing or surplus."""
    if isinstance(want, str) and want.startswith("{{"):
        return _placeholder(want, got, variables)
    if isinstance(want, dict):
        if not isinstance(got, dict):
            return False
        keys = set(want) - {"{{more}}"}
        complete = keys <= set(got) if "{{more}}" in want else keys == set(got)
        return complete and all(same(want[key], got[key], variables) for key in keys)
    if isinstance(want, list):
        return (isinstance(got, list) and len(want) == len(got)
                and all(same(w, g, variables) for w, g in zip(want, got)))
    return type(want) is type(got) and want == got


def _placeholder(want, got, variables):
    if want == "{{jwt}}":
        return isinstance(got, str) and got.count(".") == 2
    if want in ("{{int}}", "{{unix seconds}}"):
        return isinstance(got, int) and not isinstance(got, bool)
    if want.startswith("{{any"):
        return True
    if want.startswith("{{prefix:"):
        return isinstance(got, str) and got.startswith(want[9:-2])
    return want[2:-2] not in variables or variables[want[2:-2]] == got


def same_frame(want, got, user_id):
    """Whether a frame is the recorded one, to the letter but for ids and times."""
    if got is None or want[0] != got[0]:
        return False
    if want[0] != "text":
        content_got = got[1].decode("latin1") if isinstance(got[1], bytes) else got[1]
        return want[1] == content_got
    if "...(" in want[1]:  # a long text that the recording abridged
        return True
    pattern = re.escape(want[1].replace("{{uid.a}}", str(user_id)))
    return re.fullmatch(pattern.replace(re.escape("{{ts}}"), r"\d+"), got[1]) is not None
