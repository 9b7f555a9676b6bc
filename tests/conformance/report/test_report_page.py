"""The page as a document: complete, linked, escaped, self-contained and small."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

import pytest

from actcheck.conformance import cli
from actcheck.conformance.report.sides import slug, unique
from actcheck.reference.specification.loading import digest_of, find, load_all
from tests.support.report.report_pages import Parsed, made
from tests.support.report.report_results import ACTIVATIONS, document, entry, large, write

pytestmark = pytest.mark.xdist_group("report_page")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    documents = (large("numpy"), large("torch-cpu", 3), large("torch-cpu", 4) | {"profile": "strict"})
    return made(tmp_path_factory.mktemp("page"), *documents)


def test_every_activation_has_its_section_and_its_definition(page: str) -> None:
    ids = set(Parsed(page).ids)
    assert {slug(a) for a in ACTIVATIONS} <= ids
    assert page.count('<section class="act"') == len(ACTIVATIONS)
    assert page.count('<math display="block"') == len(ACTIVATIONS) - 1
    assert page.count('class="plot"') == 2 * (len(ACTIVATIONS) - 1)
    assert "softmax(Q K^T/sqrt(head_dim) + mask) V" in page


def test_every_link_leads_somewhere_and_every_id_is_unique(page: str) -> None:
    parsed = Parsed(page)
    assert len(parsed.ids) == len(set(parsed.ids))
    inside = {link[1:] for link in parsed.links if link.startswith("#")}
    assert inside <= set(parsed.ids)
    assert {"gelu-numpy-float32", "gelu-torch-cpu-float32", "gelu-torch-cpu-2-bfloat16"} <= inside


def test_nothing_is_loaded_and_only_its_own_script_may_run(page: str) -> None:
    parsed = Parsed(page)
    outside = {link for link in parsed.links if not link.startswith("#")}
    assert outside == {s.url for spec in load_all().values() for s in spec.sources if s.url}
    assert not [tag for tag, attributes in parsed.tags if {"src", "srcset", "style"} & attributes.keys()]
    assert not [a for _, attributes in parsed.tags for a in attributes if a.startswith("on")]
    assert not {"link", "iframe", "object", "embed", "base", "form action"} & {tag for tag, _ in parsed.tags}
    policy = next(a["content"] for t, a in parsed.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    for tag in ("style", "script"):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy


def test_the_matrix_is_a_table_with_headings(page: str) -> None:
    table = page[page.index("<table>") : page.index("</table>")]
    parsed = Parsed(table)
    scopes = [attributes.get("scope") for tag, attributes in parsed.tags if tag == "th"]
    assert scopes.count("col") == 1 + 12
    assert scopes.count("colgroup") == 3
    assert scopes.count("row") == len(ACTIVATIONS)
    assert scopes.count("rowgroup") == 3
    assert None not in scopes


def test_a_cell_tells_grade_number_and_the_rest(tmp_path: Path) -> None:
    checks = (
        entry(grade="tight", max_ulp=[2.4, 2.5]),
        entry(variant={"approximate": "tanh"}, max_ulp=[0.6, 0.7]),
        entry(quantity="gradient", outcome="fail", classes={"wrong_nan": {"count": 2}}, grade="faithful"),
        entry(check="shapes", outcome="known_deviation"),
        entry(check="kinks", outcome="error"),
        entry(check="in_place", outcome="unsupported"),
    )
    page = made(tmp_path, document(*checks))
    (label,) = re.findall(r'aria-label="(gelu on [^"]*)"', page)
    assert label == (
        "gelu on numpy, float32: forward tight 2.50 ULP, proven; gradient faithful 0.76 ULP, proven, fail, "
        "NaN where there is a value, or a value for NaN; 1 other check: error; 1 other check: known deviation"
    )
    assert 'data-o="pass fail known_deviation error unsupported" data-n="1 1 1"' in page


def test_a_cell_has_the_colour_of_its_accuracy(tmp_path: Path) -> None:
    one = {"count": 1, "first": "0x0p+0", "ranges": [["0x0p+0", "0x0p+0"]]}
    sign = entry(outcome="fail", classes={"wrong_zero_sign": one})
    scaled = entry("silu", grade="scaled", max_ulp=[9e6, 9e6], max_scaled_ulp=[1.5, 1.5])
    loose = entry("mish", grade="loose", outcome="fail", max_ulp=[9e6, 9e6], classes={"lost_to_zero": one})
    page = made(tmp_path, document(sign, scaled, loose))
    cells = dict(re.findall(r'aria-label="(\w+) on numpy, float32: [^"]*"><span class="m (\w+)"', page))
    assert cells == {"gelu": "faithful", "silu": "scaled", "mish": "fail"}
    assert '<abbr class="c" title="wrong sign of a zero">±0</abbr>' in page
    assert '<abbr class="c" title="zero for a normal number">→0</abbr>' in page
    assert "silu on numpy, float32: forward scaled 1.50 scaled ULP, proven" in page


def test_a_number_that_only_a_variant_has_says_so(tmp_path: Path) -> None:
    loose = {"grade": "loose", "max_ulp": [2e7, 2e7], "outcome": "fail"}
    slope = {"id": "accuracy-leaky_relu-negative_slope=1e+30-float32-forward"}
    steep = entry("leaky_relu", variant={"negative_slope": 1e30}, **slope, **loose)
    page = made(tmp_path, document(entry("leaky_relu"), steep))
    label = re.search(r'aria-label="leaky_relu on numpy, float32: ([^"]*)"', page)
    assert label
    assert label[1].endswith("fail, with negative_slope=1e+30")
    assert (
        '<abbr class="c" title="the number is that of negative_slope=1e+30; the defaults do better">' in page
    )
    # Where the defaults are as bad, or the error is within the budget, nothing is said.
    for default, variant in (
        (entry("leaky_relu", **loose), steep),
        (entry("leaky_relu"), {**steep, "grade": "tight"}),
    ):
        assert "the number is that of negative" not in made(tmp_path, document(default, variant))


def test_all_that_was_measured_is_told(tmp_path: Path) -> None:
    classes = {
        "wrong_nan": {"count": 1073741824, "first": "0x1p+64", "ranges": [["0x1p+64", "inf"]]},
        "lost_to_zero": {"count": 1, "first": "-0x1p+4", "ranges": [["-0x1p+4", "-0x1p+4"]]},
    }
    failing = entry(
        outcome="fail",
        grade="loose",
        max_ulp=[30, 31],
        classes=classes,
        message="gelu(0x1p+64) is nan",
        worst={"x": "0x1.99999ap-4", "got": "0x1.8p-1", "expected": "0x1.8p+0"},
        rerun="actcheck run --backend numpy --activation gelu --check accuracy-gelu-default-float32-forward",
    )
    told = " ".join(" ".join(Parsed(made(tmp_path, document(failing))).text).split())
    for expected in (
        "wrong NaN for 1,073,741,824 inputs, first 0x1p+64 (1.8446744e19): 0x1p+64 (1.8446744e19) to inf",
        "lost to zero for 1 input: -0x1p+4 (-16)",
        "gelu(0x1p+64) is nan",
        "0x1.99999ap-4 0.1",
        "0x1.8p-1 0.75 0x1.8p+0 1.5",
        "30.0 to 31.0",
        "actcheck run --backend numpy --activation gelu --check accuracy-gelu-default-float32-forward",
        "actcheck run --backend numpy --activation gelu --dtype float32",
    ):
        assert expected in told


def test_defaults_and_conventions_are_set_beside_the_specification(tmp_path: Path) -> None:
    def told(backend: str, slope: float, at_zero: str) -> dict[str, Any]:
        defaults = {"defaults": {"negative_slope": slope}}
        kinks = {"convention": {"0x0.0p+0": at_zero}}
        return document(
            entry("leaky_relu", check="defaults", notes=defaults),
            entry("leaky_relu", check="kinks", quantity="gradient", notes=kinks),
            backend=backend,
        )

    page = made(tmp_path, told("a", 0.01, (0.01).hex()), told("b", 0.2, "0x1p+0"))
    rows = [r for r in re.findall(r"<tr.*?</tr>", page, re.DOTALL) if "leaky_relu</th><td>" in r]
    cells = [re.findall(r"<td>(.*?)</td>", row) for row in rows]
    plain = [[re.sub(r"<.*?>", "", c) for c in row] for row in cells]
    assert plain == [
        ["negative_slope", "0.01", "0.01", "≠ 0.2"],
        ["derivative at 0", "0.01", "0.01", "≠ 1"],
    ]
    assert all(row.startswith('<tr class="differs">') for row in rows)


def test_attention_paths_are_told_apart_on_a_row_without_keys(tmp_path: Path) -> None:
    rows = {
        "training, weights, attn_mask without a key": "NaN",
        "training, weights, key_padding_mask without a key": "NaN",
        "fast, no weights, attn_mask without a key": "NaN",
        "fast, no weights, key_padding_mask without a key": "weights of 0",
    }
    given = dict(load_all()["multihead_attention"].default.given)
    noted = entry("multihead_attention", check="attention", variant=given, notes={"masked_rows": rows})
    page = made(tmp_path, document(noted), document(entry(), backend="other"))
    lines = [r for r in re.findall(r"<tr.*?</tr>", page, re.DOTALL) if "multihead_attention</th><td>" in r]
    cells = [[re.sub(r"<.*?>", "", c) for c in re.findall(r"<td>(.*?)</td>", line)] for line in lines]
    apart = "attn_mask without a key: NaN; key_padding_mask without a key: weights of 0"
    assert cells == [
        ["training, weights", "not defined", "NaN", "not told"],
        ["fast, no weights", "not defined", apart, "not told"],
    ]


def test_a_sum_has_no_input_to_be_shown(tmp_path: Path) -> None:
    worst = {"x": "nan", "got": "0x1p+0", "expected": "0x1.8p+0"}
    page = made(tmp_path, document(entry("multihead_attention", worst=worst, grade="scaled", max_ulp=[3, 3])))
    assert "<code>nan</code>" not in page
    assert "Largest error of each variant" not in page


def test_two_results_of_one_backend_are_compared(tmp_path: Path) -> None:
    old, new = document(entry()), document(entry(outcome="fail", message="now wrong"))
    page = made(tmp_path, old, new)
    assert 'id="changes"' in page
    assert "Newly failing" in page
    assert 'id="changes"' not in made(tmp_path, old, document(entry(), backend="other"))


def test_an_earlier_result_can_be_given(tmp_path: Path) -> None:
    old = write(tmp_path, document(entry(outcome="fail")), "old.json")
    new = write(tmp_path, document(entry()), "new.json")
    assert cli.main(["report", str(new), "--compare", str(old), "-o", str(tmp_path / "r.html")]) == 0
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "Fixed" in page
    assert page.count('<article class="side">') == 1


def test_four_backends_fit(tmp_path: Path) -> None:
    documents = [large(name, i) for i, name in enumerate(("numpy", "torch-cpu", "torch-cuda", "jax"))]
    assert len(made(tmp_path, *documents).encode()) < 3_000_000


def test_a_page_of_nothing_but_failures_fits(tmp_path: Path) -> None:
    documents = [large(name) for name in ("numpy", "torch-cpu", "torch-cuda", "jax")]
    for check in (check for made_up in documents for check in made_up["checks"]):
        check |= {"outcome": "fail", "message": f"{check['id']} is wrong\n" * 40, "segments": None}
    assert len(made(tmp_path, *documents).encode()) < 3_000_000


def test_the_page_is_the_same_each_time(tmp_path: Path) -> None:
    assert made(tmp_path, document(entry())) == made(tmp_path, document(entry()))


def test_names_that_look_alike_get_links_of_their_own(tmp_path: Path) -> None:
    page = made(tmp_path, document(entry("a b"), entry("a-b"), entry("A b"), entry("main"), entry("matrix")))
    parsed = Parsed(page)
    assert len(parsed.ids) == len(set(parsed.ids))
    assert {link[1:] for link in parsed.links if link.startswith("#")} <= set(parsed.ids)


def test_an_activation_without_specification_is_shown(tmp_path: Path) -> None:
    page = made(tmp_path, document(entry("unheard_of")))
    assert 'id="unheard_of"' in page
    assert "No specification of this name is at hand" in page


def test_incomplete_results_and_other_specifications_are_told(tmp_path: Path) -> None:
    page = made(tmp_path, document(entry(), complete=False))
    assert "This run did not finish" in page
    assert "made with other specifications" in page
    for about in (load_all().values(), [find("gelu")]):
        known = digest_of(about)
        assert "made with other specifications" not in made(tmp_path, document(entry(), spec_digest=known))


def test_an_empty_document_makes_a_page(tmp_path: Path) -> None:
    assert "0 checks" in made(tmp_path, document())


def test_names_for_links() -> None:
    assert [slug(n) for n in ("torch-cpu", "path/to.py:Mine", "  ", "É")] == [
        "torch-cpu",
        "path-to-py-mine",
        "unnamed",
        "unnamed",
    ]
    assert unique(["a", "a", "a-2", "a"]) == ["a", "a-2", "a-2-2", "a-3"]


def test_distinct_faults_stand_with_a_script_where_the_backend_is_built_in(tmp_path: Path) -> None:
    document = large("torch-cpu")
    page = made(tmp_path, document)
    standing = sum("known" not in fault for fault in document["faults"])
    assert 0 < standing < len(document["faults"])
    assert f"{standing} distinct faults behind" in page
    assert "listed &amp; &lt;known&gt;" in page
    assert page.count("A script that shows it") == len(document["faults"])
    assert "import torch.nn.functional as F" in page
    assert "A script that shows it" not in made(tmp_path, large("somebody's.py:Class"))


def test_a_section_tells_what_to_know_of_each_backend(tmp_path: Path) -> None:
    document = large("torch-cpu")
    page = made(tmp_path, document)
    name = document["faults"][0]["activations"][0]
    told = [fault["sentence"] for fault in document["faults"] if name in fault["activations"]]
    (section,) = re.findall(rf'<section class="act" id="{name}".*?</section>', page, re.DOTALL)
    assert f"What to know of torch-cpu: {len(told)} fault" in section
    assert all(sentence in section for sentence in told)


def test_a_sentence_of_others_is_only_text(tmp_path: Path) -> None:
    document = large("numpy")
    document["faults"][0] |= {"sentence": "<script>alert(1)</script>", "known": ["<b>x</b>"]}
    page = made(tmp_path, document)
    assert "<script>alert" not in page
    assert "<b>x</b>" not in page


def test_results_of_version_1_still_open(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = large("numpy")
    old = {name: value for name, value in document.items() if name != "faults"}
    old["checks"] = [{n: v for n, v in check.items() if n != "faults"} for check in document["checks"]]
    first = write(tmp_path, old | {"schema": "actcheck-results/1"}, "old.json")
    second = write(tmp_path, document, "new.json")
    assert cli.main(["report", str(first), "-o", str(tmp_path / "page.html")]) == 0
    assert "Distinct faults" not in (tmp_path / "page.html").read_text("utf-8")
    assert cli.main(["compare", str(first), str(second)]) == 0
    assert cli.main(["faults", str(first)]) == 0
    assert "0 distinct faults" in capsys.readouterr().out
