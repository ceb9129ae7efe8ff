import subprocess
import sys

from axolens.records.study import Confusion, Failure, Study
from axolens.report.notebook import register


def test_records_show_the_pages_own_fragments(make):
    register()
    register()

    case = make.page(make.case()._repr_html_())
    assert "The model answers common iguana, with probability 0.380." in case.text
    assert len(case.all("img")) == 3
    assert not [attrs for _, attrs in case.tags if "id" in attrs]
    assert "6.9 times" in make.page(make.pair()._repr_html_()).text
    prediction = make.page(make.prediction()._repr_html_())
    assert "common iguana 0.380" in prediction.text
    assert "crane 0.060" in prediction.text
    assert len(make.page(make.photo()._repr_html_()).all("img")) == 1


def test_a_map_alone_shows_its_place_and_legend(make):
    register()

    page = make.page(make.map(make.photo())._repr_html_())

    assert "Orange speaks for axolotl." in page.text
    assert "at the lower right of the photo" in page.all("img")[0]["alt"]


def test_a_verdict_alone_says_whose_map_it_is_about(make):
    register()

    page = make.page(make.failed()._repr_html_())

    assert page.text.startswith("gradcam for axolotl About this map, not the answer: Not to be read as evidence: where")
    assert "faithfulness failed Hiding it moves 0.52." in page.text
    assert (
        make.page(make.case(verdicts=(make.failed(), make.verdict()))._repr_html_()).text.count("About this map") == 2
    )


def test_a_study_shows_counts_without_reading_its_photos(make):
    class Unread(tuple):
        def __iter__(self):
            raise AssertionError

    register()
    study = Study((), (), (Confusion("axolotl", "newt", 12),), (Failure("<b>.jpg", "not a photo"),))
    object.__setattr__(study, "cases", Unread((make.case(),) * 3))

    text = make.page(study._repr_html_()).text

    assert "Photos 3 Pairs 0 Failed 1" in text
    assert "axolotl newt Wrong 12" in text
    assert "<b>.jpg not a photo" in text


def test_importing_the_report_loads_no_framework_and_no_plotting():
    program = (
        "import sys, axolens.report, axolens.report.page, axolens.report.picture, axolens.report.notebook;"
        "sys.exit(bool({'torch', 'matplotlib', 'keras'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
