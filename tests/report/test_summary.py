import pytest

from axolens.records.study import Confusion, Failure, Study
from axolens.report.page import write_report
from axolens.report.summary import confusion_table, sentences

COUNTED = (Confusion("axolotl", "axolotl", 9), Confusion("axolotl", "common_iguana", 1))


def shown(make, study, tmp_path):
    write_report(study, tmp_path / "report.html")
    return make.page((tmp_path / "report.html").read_text(encoding="utf-8"))


def test_the_page_begins_with_one_sentence_and_what_it_does_not_say(make, tmp_path):
    right = [make.case(make.photo(f"{i}.jpg", "common_iguana", digest=f"{i}")) for i in range(3)]
    page = shown(make, Study([*right, make.case(), make.case(make.photo("?.jpg", None))]), tmp_path)

    # 3 of 4: z² = 3.8415, middle (0.75 + 0.48018)/1.96036 = 0.62753, half 0.99979 sqrt(0.046875 + 0.060023) = 0.32688
    said = "The model answered 3 of 4 photos with a known truth rightly (75 %, 95 % interval 30 to 95 %)."
    assert f"Summary {said} That is counted on these photos, not on photos in general" in page.text


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ((), ()),
        (("open",) * 3, ()),
        (("right",), ("The model answered the one photo rightly.",)),
        (("wrong", "open"), ("The model answered the one photo with a known truth wrongly.",)),
    ],
)
def test_no_share_is_made_of_fewer_than_two_photos(states, said):
    assert sentences(states) == said


def test_confusions_say_in_words_which_are_wrong_and_those_come_first(make, tmp_path):
    page = shown(make, Study((make.case(),), (), COUNTED), tmp_path)

    assert "Right or wrong Photos axolotl common iguana Wrong 1 axolotl axolotl Right 9" in page.text
    assert [row["class"] for row in page.all("tr") if row.get("class") in ("right", "wrong")] == ["wrong", "right"]


def test_a_folder_name_with_spaces_is_its_class():
    assert confusion_table((Confusion("Common iguana", "common_iguana", 1),)).states == ("right",)


def test_a_wrong_answer_alone_says_that_nothing_was_at_hand(make, tmp_path):
    said = "No photo of common iguana was at hand to lay beside it."
    pair = make.pair()
    iguanas = (*COUNTED, Confusion("common_iguana", "common_iguana", 1))

    assert said in shown(make, Study((make.case(),), (), COUNTED), tmp_path).text
    for study in (
        Study((pair.case,), (pair,), COUNTED),  # it has a pair
        Study((make.case(make.photo(truth="common_iguana")),), (), COUNTED),  # it is right
        Study((make.case(),), (), iguanas),  # there was one
        Study((make.case(),)),  # nobody looked
    ):
        assert said not in shown(make, study, tmp_path).text


def test_photos_without_a_truth_come_without_empty_counts(make, tmp_path):
    photos = [make.case(make.photo(f"{i}.jpg", None, digest=f"{i}")) for i in range(2)]
    page = shown(make, Study(photos), tmp_path)

    assert "Summary Photos 2 All photos" in page.text
    assert "Photos (2) 0.jpg truth not known" in page.text
    for noise in ("Right", "Wrong", "True classes", "True class ", "not given 0", "interval 0", "Failed"):
        assert noise not in page.text.split("How to read this")[1].split("Numbers and settings")[0]
    failed = shown(make, Study(photos, failures=(Failure("x.jpg", "x"),)), tmp_path)
    assert "Summary Photos 3 Failed 1" in failed.text


def test_notes_of_a_study_name_classes_readably_and_files_exactly(make, tmp_path):
    note = "common_iguana/a_b.jpg was taken for common_iguana."
    page = shown(make, Study((make.case(),), notes=(note,)), tmp_path)

    assert "common_iguana/a_b.jpg was taken for common iguana." in page.text
