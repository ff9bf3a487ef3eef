"""Comments read: languages, sentences, aspects, polarity, traps."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from loyalty_research.drivers import feedback
from loyalty_research.drivers.feedback.lexicon import load_lexicon
from loyalty_research.drivers.feedback.scoring import score_sentence
from loyalty_research.drivers.feedback.script import language_of, to_simplified
from loyalty_research.drivers.feedback.search import Search, first_letters, trie
from loyalty_research.drivers.feedback.text import LONGEST, clean, folded, split_sentences
from loyalty_research.errors import DataError, MissingTableError, ParameterError

ROOT = Path(__file__).resolve().parents[3]


def frame(*texts: str, **columns) -> pd.DataFrame:
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(len(texts)), unit="D")
    data = {"feedback_id": np.arange(len(texts)), "posted_at": days, "text": list(texts)}
    return pd.DataFrame(data | columns)


def said(text: str) -> dict[str, int]:
    """Return the polarity by aspect over all sentences of a text."""
    rows = feedback.read(frame(text)).mentions
    return {a: int(np.sign(x)) for a, x in rows.groupby("aspect")["score"].sum().items()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("服务很好，价格有点贵，不过味道没得说！", {"service": 1, "price": -1, "product": 1}),
        ("这家店没踩雷", {"product": 1}),
        ("不难吃", {"product": 1}),
        ("店员爱答不理的", {"service": -1}),
        ("服务态度没得说", {"service": 1}),
        ("环境和服务都不错", {"environment": 1, "service": 1}),
        ("没有热水", {"product": -1}),
        ("房间有点小，但是很干净", {"environment": -1, "hygiene": 1}),
        ("等了40分钟才拿到", {"waiting": -1}),
        ("等了5分钟，不算久", {"waiting": 1}),
        ("味道没有以前好", {"product": -1}),
        ("希望服务能改进", {"service": -1}),
        ("快递很快，包装严实", {"delivery": 1}),
        ("停车特别不方便", {"environment": -1}),
        ("性價比高，服務態度很差", {"price": 1, "service": -1}),
        ("好好好好吃", {"product": 1}),
        ("The coffee was not good, but the staff were friendly.", {"product": -1, "service": 1}),
        ("waited 20 minutes", {"waiting": -1}),
        ("not bad", {"product": 1}),
        ("Ａｐｐ闪退", {"app": -1}),
    ],
)
def test_what_a_sentence_says(text, expected) -> None:
    assert said(text) == expected


def test_a_question_praises_nothing() -> None:
    assert said("服务好吗？") == {"service": 0}


def test_negation_turns_round() -> None:
    lexicon = load_lexicon()
    for word in ("满意", "干净", "热情", "方便"):
        plain, turned = (score_sentence(text, lexicon).score for text in (word, f"不{word}"))
        assert plain > 0 > turned


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("很好喝", "zh"),
        ("這家店的服務很好", "zh_hant"),
        ("really good", "en"),
        ("iPhone很好用", "zh"),
        ("great coffee 好", "en"),
        ("とても美味しいです", "other"),
        ("정말 맛있어요", "other"),
        ("Очень вкусно", "other"),
        ("Das Essen war leider kalt und teuer", "other"),
        ("👍👍", "none"),
        ("12345 !!!", "none"),
        ("", "none"),
    ],
)
def test_language(text, language) -> None:
    assert language_of(text) == language


def test_sentences() -> None:
    text = clean(
        "很好。下次再来！3.5分不高<br>Great.Really 挺好.不贵…… 3~5天到~~ &amp; "
        "www.a.cn/x 13800138000"
    )
    assert split_sentences(text) == [
        "很好。", "下次再来！", "3.5分不高", "Great.Really 挺好.", "不贵……", "3~5天到~~",
    ]  # fmt: skip


def test_long_text_without_an_end_is_cut_and_keeps_all_its_letters() -> None:
    text = "服务很好，" * 20_000
    pieces = split_sentences(clean(text))
    assert max(map(len, pieces)) <= LONGEST
    assert "".join(pieces) == text


def test_time_is_bounded_on_text_made_to_be_slow() -> None:
    begun = time.process_time()
    for part in ("都是", "很", "等了", "(", "&lt;", "不", "价格也", "1-", "！", "没有"):
        feedback.read(frame(part * (100_000 // len(part))))
    assert time.process_time() - begun < 20


def test_folding() -> None:
    assert folded("ＡＢＣ１２，好好好好吃sooooo") == "abc12,好吃soo"
    assert to_simplified("服務態度") == "服务态度"


def test_what_cannot_be_read_is_counted() -> None:
    reading = feedback.read(
        frame(
            "😀😀",
            "",
            "。。。",
            "とても美味しいです",
            "味道很好味道很好啊",
            "味道很好味道很好啊",
            "x" * 6_000,
        )
    )
    assert reading.notes == {
        "read": 7, "outside_period": 0, "empty": 1, "symbols_only": 2, "other_language": 1,
        "traditional": 0, "english": 1, "repeated": 0, "long": 1, "no_aspect": 1,
    }  # fmt: skip
    assert reading.reviews["readable"].tolist() == [False] * 4 + [True] * 3


def test_a_text_that_stands_twice_is_marked() -> None:
    reading = feedback.read(frame("这家店的味道真的很好", "这家店的味道真的很好", "好", "好"))
    assert reading.reviews["repeated"].tolist() == [False, True, False, False]


def test_no_comment_in_the_period() -> None:
    reading = feedback.read(frame("味道很好"), period=("2030-01-01", "2030-12-31"))
    assert len(reading.reviews) == len(reading.mentions) == 0
    assert reading.notes["outside_period"] == 1
    assert {"polarity", "month", "language"} <= set(reading.reviews)
    assert reading.words([]).counts.shape[0] == 0


def test_mentions_point_at_their_sentences() -> None:
    reading = feedback.read(frame("味道很好。服务很差。", "价格贵"))
    rows = reading.mentions
    texts = reading.texts(rows["row"], rows["sentence"])
    assert dict(zip(rows["aspect"], texts, strict=True)) == {
        "product": "味道很好。", "service": "服务很差。", "price": "价格贵",
    }  # fmt: skip


def test_quotes_are_masked() -> None:
    reading = feedback.read(frame("王女士说微信号abc12345可以联系，味道很好"))
    assert "王女士" not in reading.texts([0])[0]


def test_the_same_comments_in_another_order_are_read_alike() -> None:
    data = frame("味道很好。服务很差。", "价格贵", "great coffee", "排队等了半小时")
    one, two = feedback.read(data), feedback.read(data.iloc[::-1])
    pd.testing.assert_frame_equal(one.reviews, two.reviews)
    pd.testing.assert_frame_equal(one.mentions, two.mentions)


def test_words_keep_names_whole_and_leave_out_stop_words() -> None:
    data = frame("雪顶绿妍真的很好喝，我们都喜欢", "The matcha latte was delicious 100%")
    counted = feedback.read(data, words=("雪顶绿妍",)).words([0, 1])
    assert "雪顶绿妍" in counted.vocabulary
    assert not {"我们", "真的", "the", "100"} & set(counted.vocabulary)
    column = counted.vocabulary.index("matcha")
    assert counted.counts.toarray()[:, column].tolist() == [0, 1]


def test_jieba_keeps_its_cache_in_ours(loyalty_cache) -> None:
    feedback.read(frame("味道很好")).words([0])
    assert (loyalty_cache / "jieba" / "words.cache").is_file()


def test_words_of_the_brand_name_an_aspect() -> None:
    data = frame("雪王币太少")
    assert not len(feedback.read(frame("云朵币太少")).mentions.query("aspect == 'membership'"))
    reading = feedback.read(data, aspects={"membership": ["雪王币"]})
    assert reading.mentions["aspect"].tolist() == ["membership"]


def test_mistakes_are_told() -> None:
    with pytest.raises(MissingTableError, match="posted_at"):
        feedback.read(pd.DataFrame({"feedback_id": [1], "text": ["a"]}))
    with pytest.raises(ParameterError, match="taste"):
        feedback.read(frame("好"), aspects={"taste": ["味道"]})
    with pytest.raises(ParameterError, match="positions"):
        feedback.read(frame("好")).texts([3])
    with pytest.raises(ParameterError, match="sentence"):
        feedback.read(frame("好")).texts([0], [5])


def test_a_lexicon_that_is_wrong_is_told(tmp_path) -> None:
    folder = tmp_path / "data" / "feedback"
    folder.mkdir(parents=True)
    with pytest.raises(DataError, match=r"aspects\.yaml"):
        load_lexicon(home=tmp_path)
    (folder / "aspects.yaml").write_text(
        "aspects: {service: {patterns: {good: ['(']}}}", encoding="utf-8"
    )
    with pytest.raises(DataError, match="regular expression"):
        load_lexicon(home=tmp_path)


def test_every_aspect_has_words_and_no_pattern_is_unbounded() -> None:
    document = yaml.safe_load((ROOT / "data/feedback/aspects.yaml").read_text(encoding="utf-8"))
    assert set(document["aspects"]) == set(feedback.ASPECTS)
    sentiment = yaml.safe_load((ROOT / "data/feedback/sentiment.yaml").read_text(encoding="utf-8"))
    parts = [*document["aspects"].values(), sentiment]
    for part in parts:
        for patterns in part["patterns"].values():
            for pattern in patterns:
                plain = pattern.replace("*+", "").replace("++", "")
                assert "*" not in plain, pattern
                assert "+" not in plain.replace(r"\d+", "").replace("十半几]+", "").replace(
                    "\\d]+", ""
                ), pattern


def test_search_takes_the_longest_word_and_patterns_first() -> None:
    search = Search(["不", "不错", "app", "apple"], {"p": "不错的?人", "q": "[a-c]x"})
    assert [m[0] for m in search.find("不错的人不错不app-apple,snapp bx")] == [
        "不错的人", "不错", "不", "app", "apple", ",", " ", "bx",
    ]  # fmt: skip
    assert first_letters("(?:很|太)好") is not None
    assert first_letters("很?好") is None
    assert first_letters("[a-z]x") is None
    assert trie(["ab", "abc", "b"]) == "(?:ab(?:c)?|b)"
