"""What is said of a body that is no JSON: the very words of Python's json module, as before."""
import json
import random

import pytest

from http_client import request

SEED = random.randrange(1, 2**31)
DOCUMENTS = ['{"email": "a@b.c", "password": "p\\u00e4\\n", "n": [1, -2.5e+3, null, true]}',
             '{"\\ud83d\\ude00": {"deep": [[], {}, ""]}, "x": "日本語"}', '[0, "a", {"b": false}]']
SPICE = [*'{}[]:,"\\u0123456789abcdefntrE+-. \n\t\x00é', "NaN", "null", "tru", "\\u12", "\\ud800"]


def broken(random_source):
    """A document with a piece cut out, put in, or cut off."""
    text = random_source.choice(DOCUMENTS)
    for _ in range(random_source.randint(1, 3)):
        at = random_source.randrange(len(text) + 1)
        how = random_source.randrange(3)
        if how == 0:
            text = text[:at] + text[at + random_source.randint(1, 3):]
        elif how == 1:
            text = text[:at] + random_source.choice(SPICE) + text[at:]
        else:
            text = text[:at + 1]
    return text


def refuse(constant):
    """As Django REST framework does."""
    raise ValueError(f"Out of range float values are not JSON compliant: {constant!r}")


def complaint(text):
    """What Python says; None if it takes it."""
    try:
        json.loads(text, parse_constant=refuse)
    except ValueError as error:
        return str(error)
    return None


@pytest.mark.parametrize("seed", [7, SEED], ids=["fixed", "fresh"])
def test_it_complains_in_the_words_of_python(server, seed):
    print(f"seed {seed}")
    source = random.Random(seed)
    texts = [broken(source) for _ in range(300)]
    for text, expected in ((text, complaint(text)) for text in texts):
        if text and expected is not None:  # an empty body is no body
            answer = request(server, "POST", "/api/users/login",
                             [("Content-Type", "application/json")], text.encode("utf-8"))
            assert answer.status == 400, repr(text)
            assert answer.json()["detail"] == f"JSON parse error - {expected}", repr(text)
