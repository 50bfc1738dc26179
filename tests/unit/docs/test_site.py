"""What the site makes of plain texts, links and French spaces."""

from __future__ import annotations

import pytest

from docs.site.exercise_pages import _paragraphs
from docs.site.links import LinkError, on_the_site
from docs.site.plain_text import blocks, in_line
from docs.site.playbook_pages import leading_comment
from docs.site.typography import SPACE, french
from tests.support.collection import ROOT


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("smtpd_sender_restrictions, then", "`smtpd_sender_restrictions`, then"),
        ("in /etc/postfix/access.", "in `/etc/postfix/access`."),
        ("(/var/mail)", "(`/var/mail`)".replace("(", "\\(").replace(")", "\\)")),
        ("hash:/etc/postfix/access, puis", "`hash:/etc/postfix/access`, puis"),
        ("la marque /X-Spam-Level/ se", "la marque /X-Spam-Level/ se"),
        ("~/Maildir : $mydomain", "`~/Maildir` : `$mydomain`"),
        ("entrée/sortie", "entrée/sortie"),
        ("directeur@<votre domaine>", r"directeur@\<votre domaine\>"),
        ("mail pour rss@, *et* [ici]", r"mail pour rss@, \*et\* \[ici\]"),
        ("main.cf a", "`main.cf` a"),
    ],
)
def test_words_of_code_are_code_and_all_else_is_as_it_was(text, markdown):
    assert in_line(text) == markdown


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("One\ntwo\n\nThree", ["One\ntwo", "Three"]),
        ("Type:\n\n    telnet a 25\n    quit\n", ["Type:", "```text\ntelnet a 25\nquit\n```"]),
        ("- one,\n  and more\n- two", ["- one,\n  and more\n- two"]),
        ("+ no list\n1. no list", ["\\+ no list\n1\\. no list"]),
    ],
)
def test_paragraphs_lists_and_commands_stay_apart(text, markdown):
    assert blocks(text) == markdown


def test_what_is_corrected_of_the_course_stands_apart():
    assignment = "Faites.\n\nCorrigé par rapport au cours : le point."
    assert list(_paragraphs(assignment, {"corrected": "Corrigé"})) == [
        "Faites.",
        ":::{admonition} Corrigé\n:class: note\nLe point.\n:::",
    ]


@pytest.mark.parametrize(
    ("link", "on_page"),
    [
        ("reset.md", "reset.md"),
        ("reset.md#how", "reset.md#how"),
        ("../student/lab.md", "../student/lab.md"),
        ("../../../plugins/modules/postfix_main.py", "../reference/postfix_main_module.rst"),
        ("../../../roles/postfix", "../reference/postfix_role.rst"),
        ("../../../playbooks/check.yml", "../playbooks.md#check"),
        ("../../../exercises/canonical.yml", "../exercises/canonical.md"),
        ("../../../exercises", "../exercises/index.md"),
        ("../../../CONTRIBUTING.md", "../contributor/contributing.md"),
        ("../../images/thunderbird-inbox.png", "../../images/thunderbird-inbox.png"),
        ("../../../galaxy.yml", "https://git.example/blob/main/galaxy.yml"),
        ("https://www.postfix.org/", "https://www.postfix.org/"),
        ("#here", "#here"),
    ],
)
def test_a_link_to_a_file_becomes_one_to_its_page(link, on_page):
    assert page(f"[a]({link})") == f"[a]({on_page})"


def page(text, language="en"):
    source = f"docs/{language}/teacher/exercises.md"
    return on_the_site(text, source, "teacher/exercises.md", language, ROOT, "https://git.example")


def test_a_french_page_leads_to_english_ones_by_their_inventory():
    assert page("[a](../../en/contributor/exercises.md)", "fr") == (
        "[a](inv:en:std:doc#contributor/exercises)"
    )
    assert page("[a](../../../plugins/modules/postfix_main.py)", "fr") == (
        "[a](inv:en:std:doc#reference/postfix_main_module)"
    )


def test_a_link_to_no_file_is_refused_with_its_line():
    with pytest.raises(LinkError, match=r"exercises\.md:3: there is no docs/en/teacher/gone\.md"):
        page("# A\n\n[a](gone.md)")


@pytest.mark.parametrize(
    "code", ["`[a](gone.md)`", "    [a](gone.md)\n", "```text\n[a](gone.md)\n```"]
)
def test_code_is_left_as_it_is(code):
    assert page(code) == code


@pytest.mark.parametrize(
    ("text", "spaced"),
    [
        ("Il y a : oui", f"Il y a{SPACE}: oui"),
        ("« mot » ; oui !", f"«{SPACE}mot{SPACE}»{SPACE}; oui{SPACE}!"),
        ("`a : b` ; c", f"`a : b`{SPACE}; c"),
        (":::{note}\n:class: a", ":::{note}\n:class: a"),
        ("| a | : |\n|---|---|", "| a | : |\n|---|---|".replace("| :", f"|{SPACE}:")),
    ],
)
def test_no_line_breaks_before_french_punctuation(text, spaced):
    assert french(text) == spaced


def test_a_playbook_is_described_by_the_comment_above_its_first_play():
    assert leading_comment("---\n# Does a.\n# And b.\n- name: A\n  # no\n") == "Does a.\nAnd b."
    assert not leading_comment("---\n- name: A\n  # no\n")
