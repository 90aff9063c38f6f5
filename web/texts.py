"""Every text of the customer's pages, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

LANGUAGES: Mapping[str, str] = {"en": "English", "zh": "中文"}
"""The languages there are texts in, each by its own name."""

TAGS: Mapping[str, str] = {"en": "en", "zh": "zh-CN"}
"""What the pages say in their ``lang`` attributes."""

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

_TEXTS: Mapping[str, tuple[str, str]] = {
    # The page itself.
    "title": ("Your complaint {ref}", "您的投诉 {ref}"),
    "error_title": ("Please check: {title}", "请检查：{title}"),
    "skip": ("Skip to the content", "跳到正文"),
    "languages": ("Language", "语言"),
    "how_it_stands": ("How it stands", "当前状态"),
    "next": ("What happens next:", "接下来："),
    "reply_by": ("You hear from us by", "我们将在此时间前答复您"),
    "opened_at": ("Received", "受理时间"),
    "closed_at": ("Closed", "办结时间"),
    "about": ("What it is about", "投诉内容"),
    "your_decision": ("Your decision", "请您确认"),
    "solutions": ("The solutions", "解决方案"),
    "agreed": ("You chose this solution", "您已选择此方案"),
    "history": ("What has happened so far", "处理经过"),
    "nothing_yet": ("Nothing yet: your complaint has just arrived.", "暂无记录：您的投诉刚刚提交。"),
    "more": ("What else you can do", "您还可以"),
    "contacts": ("Whom you can turn to, in this order", "您可以依次联系"),
    "contacts.phone": ("Telephone:", "电话："),
    "contacts.email": ("E-mail:", "电子邮箱："),
    "contacts.web": ("Website:", "网站："),
    "contacts.address": ("Address:", "地址："),
    "external": ("If you would rather turn to somebody else", "您也可以联系以下机构"),
    "private": (
        "This page is private. Whoever has its address can read it and decide in your name: "
        "do not pass it on.",
        "本页面为您专用。任何人凭此网址均可查看并代您操作，请勿转发。",
    ),
    "zone": ("All times are those of {zone}.", "本页时间均为 {zone} 时间。"),
    # Where a complaint stands, and what that means for the customer.
    "status.new": ("Received", "已收到"),
    "status.review": ("Being looked at", "核查中"),
    "status.handling": ("Being worked on", "处理中"),
    "status.proposing": ("A solution is being worked out", "正在制定解决方案"),
    "status.approval": ("A solution is being checked", "解决方案审核中"),
    "status.decision": ("Waiting for your decision", "等待您的确认"),
    "status.fulfilment": ("Being carried out", "正在落实"),
    "status.callback": ("We would like to hear whether it is put right", "等待回访"),
    "status.closed": ("Closed", "已办结"),
    "next.new": (
        "Your complaint has arrived and will be taken up shortly.",
        "我们已收到您的投诉，很快会开始处理。",
    ),
    "next.review": (
        "We look at what happened. Then we tell you what follows.",
        "我们正在核查情况，随后告知您结果。",
    ),
    "next.handling": (
        "Those who can solve it are working on it. Then we tell you what we found.",
        "负责部门正在处理，处理后会告知您结果。",
    ),
    "next.proposing": (
        "We work out what we can offer you. Then we ask whether you agree.",
        "我们正在制定方案，完成后会征求您的意见。",
    ),
    "next.approval": (
        "What we can offer you is being checked. Then we tell you about it.",
        "方案正在审核，通过后会告知您。",
    ),
    "next.decision": (
        "Please read what we offer below, then accept it or tell us what is still missing.",
        "请阅读下方的解决方案，选择接受，或告诉我们还有哪些问题。",
    ),
    "next.fulfilment": (
        "What was agreed is being carried out. Afterwards we ask whether you are satisfied.",
        "我们正在落实承诺的事项，完成后会回访您是否满意。",
    ),
    "next.callback": (
        "We will call you to ask whether you are satisfied. If you are not, we go on.",
        "我们会致电回访您是否满意；如不满意，我们会继续处理。",
    ),
    "next.closed": ("Nothing more is planned.", "没有后续安排。"),
    "next.closed.reopen": (
        "Nothing more is planned. If it is not put right, you can have it opened again below.",
        "没有后续安排。如问题仍未解决，您可以在下方要求重新处理。",
    ),
    # The forms.
    "required": ("(needed)", "（必填）"),
    "optional": ("(if you like)", "（选填）"),
    "accept": ("Accept a solution", "接受方案"),
    "accept.one": ("Accept this solution", "接受此方案"),
    "accept.option": ("Which solution do you accept?", "您接受哪个方案？"),
    "accept.comment": ("Anything you want to add", "补充说明"),
    "accept.button": ("Accept", "接受"),
    "reject": ("Reject what is offered", "不接受"),
    "reject.effect": (
        "We then go on working on it with what you tell us.",
        "我们会根据您的意见继续处理。",
    ),
    "reject.reason": ("What is not right?", "不接受的原因"),
    "reject.demand": ("What would put it right?", "您的新诉求"),
    "reject.button": ("Reject", "不接受"),
    "add_information": ("Add information", "补充信息"),
    "add_information.effect": (
        "Whoever works on your complaint will read it.",
        "处理人员会看到您补充的内容。",
    ),
    "add_information.text": ("What should we know?", "补充内容"),
    "add_information.button": ("Send", "提交"),
    "withdraw": ("Withdraw the complaint", "撤回投诉"),
    "withdraw.effect": (
        "We then stop working on it and close the complaint.",
        "撤回后我们将停止处理并办结此投诉。",
    ),
    "withdraw.reason": ("Why do you withdraw it?", "撤回原因"),
    "withdraw.button": ("Withdraw", "撤回"),
    "reopen": ("Have it opened again", "要求重新处理"),
    "reopen.effect": ("We then take it up once more.", "我们会再次处理您的投诉。"),
    "reopen.reason": ("What is not put right?", "还有什么没有解决？"),
    "reopen.button": ("Open again", "重新处理"),
    # What came of a form.
    "done.accept": ("Thank you. We have noted that you accept.", "谢谢，您已接受方案。"),
    "done.reject": (
        "Thank you. We have noted that you do not accept, and go on working on it.",
        "谢谢，我们已记录您的意见，将继续处理。",
    ),
    "done.add_information": ("Thank you. Your information has arrived.", "谢谢，您补充的信息已收到。"),
    "done.withdraw": ("Your complaint is withdrawn and closed.", "您的投诉已撤回并办结。"),
    "done.reopen": ("Your complaint is open again.", "您的投诉已重新处理。"),
    "error.form": (
        "Nothing was sent yet. Something is missing or not right:",
        "尚未提交，有内容缺失或有误：",
    ),
    "error.moved_on": (
        "Something changed while you were writing, so nothing was sent. Please look at how it stands now, "
        "then send it again. What you wrote is still there.",
        "在您填写期间情况有变，因此尚未提交。请查看最新状态后重新提交，您填写的内容已保留。",
    ),
    "error.not_now": (
        "This is no longer possible, because the complaint has moved on. Nothing was changed.",
        "投诉状态已变化，目前不能执行此操作。未做任何更改。",
    ),
    "error.unavailable": (
        "We cannot take this at the moment. What you wrote is still there: please send it again in a minute. "
        "It will count once, however often you send it.",
        "系统暂时无法受理。您填写的内容已保留，请稍后重新提交；重复提交只计一次。",
    ),
    "error.needed": ("{label} – please fill this in.", "{label}：请填写。"),
    "error.choose": ("{label} – please choose one.", "{label}：请选择一项。"),
    "error.too_long": ("{label} – at most {most} characters, please.", "{label}：最多 {most} 个字。"),
    "error.characters": (
        "{label} – it contains characters we cannot keep. Please type it anew.",
        "{label}：包含无法保存的字符，请重新输入。",
    ),
    "you_wrote": ("What you wrote", "您填写的内容"),
    # Pages without a complaint.
    "problem.404.title": ("This link leads nowhere", "链接无效"),
    "problem.404.text": (
        "It may be incomplete or no longer valid. Please copy the whole address from our latest message, or "
        "contact us and name the reference of your complaint.",
        "链接可能不完整或已失效。请从我们最近的消息中复制完整网址，或联系我们并告知投诉编号。",
    ),
    "problem.413.title": ("That is too much at once", "内容过长"),
    "problem.413.text": (
        "Nothing was sent. Please go back, shorten your text and send it again.",
        "尚未提交。请返回缩短内容后重新提交。",
    ),
    "problem.500.title": ("Something went wrong on our side", "系统出现问题"),
    "problem.500.text": (
        "We have noted it. Please try again later.",
        "我们已记录该问题，请稍后再试。",
    ),
    "problem.503.title": ("We are not available at the moment", "暂时无法访问"),
    "problem.503.text": (
        "Your complaint is safe. Please try again in a minute.",
        "您的投诉已妥善保存，请稍后再试。",
    ),
    "again": ("Try again", "重试"),
    "send_again": ("Send it again", "重新提交"),
}


def spoken(*wishes: str) -> str:
    """The first of these languages (tags such as ``zh-CN``) there are texts in; English if none is."""
    tags = (wish.strip()[:2].lower() for wish in wishes)
    return next((tag for tag in tags if tag in LANGUAGES), "en")


def text(language: str, key: str, **values: object) -> str:
    """The text under ``key``, with ``values`` filled in. KeyError when there is none."""
    english, chinese = _TEXTS[key]
    chosen = chinese if language == "zh" else english
    return chosen.format(**values) if values else chosen


def instant(language: str, at: datetime) -> str:
    """An instant to the minute, as it is written in that language, in the time zone it has."""
    if language == "zh":
        return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}, {at:%H:%M}"
