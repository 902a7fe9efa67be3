"""YAML keeps its lines, means what it looks like, and cannot be made to harm."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.config.marked_yaml import DEPTH_MAX, load_marked, read_marked


def told(text):
    return [str(one) for one in read_marked(text, file="f.yaml")[1]]


def test_every_key_and_item_knows_its_line():
    root, complaints = read_marked("a:\n  - 1\n  - {b: 2,\n     c: 3}\nd: 4\n", file="f")

    assert not complaints
    assert root.plain() == {"a": [1, {"b": 2, "c": 3}], "d": 4}
    assert root.key_lines == {"a": 1, "d": 5}
    assert [item.line for item in root.value["a"].value] == [2, 3]
    assert root.value["a"].value[1].key_lines == {"b": 3, "c": 4}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12), ("-7", -7), ("1.5", 1.5), ("1e3", 1000.0), (".5", 0.5), ("true", True),
        ("null", None), ("~", None), ("", None),
        # What YAML 1.1 would turn into something nobody meant.
        ("no", "no"), ("on", "on"), ("12:30", "12:30"), ("012", "012"),
        ("2026-11-23", "2026-11-23"),
        (".nan", ".nan"), (".inf", ".inf"), ("1_000", "1_000"), ("0x1F", "0x1F"),
        ("'12'", "12"), ('"true"', "true"), ("!!python/object:os.system x", "x"),
        ("99999999999999999999", 1e20),
    ],
)  # fmt: skip
def test_a_scalar_is_what_it_looks_like(text, value):
    root, complaints = read_marked(f"key: {text}", file="f")

    assert not complaints
    assert root.plain() == {"key": value}
    assert type(root.plain()["key"]) is type(value)


def test_every_duplicate_is_named_and_the_first_stays():
    root, complaints = read_marked("a: 1\nb: {c: 1, c: 2}\na: 3\n", file="f.yaml")

    assert root.plain() == {"a": 1, "b": {"c": 1}}
    assert [str(one) for one in complaints] == [
        "f.yaml:2: key 'c' stands twice, first at line 2; keep one of them",
        "f.yaml:3: key 'a' stands twice, first at line 1; keep one of them",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a:\n\t- 1", "f.yaml:2: a tab is used as indentation; indent with spaces"),
        ("a: 1\n---\nb: 2", "f.yaml:2: a second document starts; keep one document per file"),
        ("? [a, b]\n: 1", "f.yaml:1: a key is a list, a mapping or an alias; use a plain word"),
        ("a: {<<: {b: 1}}", "f.yaml:1: merge key '<<' is not understood; write the merged keys"),
        ("a: *nobody", "f.yaml:1: alias 'nobody' names nothing yet; write the value out"),
        ("a: &me\n  b: *me", "f.yaml:2: alias 'me' names nothing yet; write the value out"),
        ("a: [1, 2", "is not valid YAML"),
        ("a: 'open", "is not valid YAML"),
        ("a: \x07", "is not valid YAML: control characters are not allowed"),
    ],
)
def test_what_cannot_be_read_is_one_line(text, said):
    (line,) = told(text)

    assert said in line
    assert "\n" not in line


def test_an_alias_repeats_a_value():
    root, complaints = read_marked("a: &hours [1, 2]\nb: *hours\n", file="f")

    assert not complaints
    assert root.plain() == {"a": [1, 2], "b": [1, 2]}
    assert root.value["b"].line == 2


def test_depth_costs_a_complaint_and_no_stack():
    assert told("[" * (DEPTH_MAX + 1) + "]" * (DEPTH_MAX + 1))
    assert "nested deeper" in told("[" * 100_000)[0]
    assert not told("[" * DEPTH_MAX + "]" * DEPTH_MAX)


def test_a_billion_laughs_are_stopped():
    rows = ["a0: &a0 [" + ", ".join(["ha"] * 10) + "]"]
    rows += [f"a{i}: &a{i} [" + ", ".join([f"*a{i - 1}"] * 10) + "]" for i in range(1, 12)]

    assert "use fewer aliases" in told("\n".join(rows))[0]


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=8),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(st.text("abcdef", min_size=1, max_size=4), below, max_size=3)
    ),
    max_leaves=8,
)


@given(json_values)
@example({"a": [1, 2.5, "x", None, True]})
def test_json_read_as_yaml_is_the_same_value(value):
    text = json.dumps({"value": value}, ensure_ascii=True)

    root, complaints = read_marked(text, file="f")

    if "\\ud" in text:  # YAML has no surrogate pairs
        return
    assert not complaints
    assert root.plain() == {"value": value}


@given(st.text(max_size=60))
def test_no_text_at_all_can_make_reading_fail(text):
    root, complaints = read_marked(text, file="f")

    assert root is not None or complaints
    assert all("\n" not in str(one) for one in complaints)


def test_files_that_are_none_say_so(tmp_path):
    big = tmp_path / "big.yaml"
    big.write_text("a: 1\n" * 10)

    def said(path, **limit):
        return str(load_marked(path, **limit)[1][0])

    assert said(tmp_path / "gone.yaml").endswith("there is no such file; create it or name another")
    assert said(tmp_path).endswith("is a folder, not a file; name a file inside it")
    assert "is larger than 20 bytes" in said(big, bytes_max=20)


def test_a_byte_order_mark_is_passed_over(tmp_path):
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")

    assert load_marked(path)[0].plain() == {"a": 1}
