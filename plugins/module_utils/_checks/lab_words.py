# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the command ``lab`` says, by language."""

from __future__ import annotations

from ansible_collections.labs.mail.plugins.module_utils._checks.words import french

_FRENCH = {
    "usage": "usage : lab [--lang fr|en] [text | hint [--all] | check | answer … | explain …]",
    "help": """\
usage : lab [--lang fr|en] [text | hint [--all] | check | answer [N TEXTE] | explain …]

L'exercice de cette machine : énoncé, indices, vérification. Seule, la commande dit où vous en êtes.

  text            affiche l'énoncé
  hint            donne un indice, sur ce que la dernière vérification a trouvé
  hint --all      répète les indices déjà donnés
  check           vérifie le travail (en tant que root)
  answer          montre les questions ; answer 1 TEXTE répond à la première
  explain         dit ce que Postfix ferait d'un message ; explain --help en dit plus
  trace, draw     dessinent le chemin d'un message, et la configuration ; de même

  --lang fr|en    langue des messages
  -h, --help      affiche cette aide""",
    "verbs": """\
lab text     affiche l'énoncé
lab hint     donne un indice de plus
lab check    vérifie le travail (en tant que root)""",
    "verb_answer": "lab answer   montre les questions de l'exercice, et y répond",
    "languages": "« {found} » n'est pas une langue de cette commande : écrivez fr ou en.",
    "no_verb": "« {found} » n'est pas une commande de lab.",
    "near": " Vouliez-vous dire « {near} » ?",
    "none": "Aucun exercice n'est en cours sur cette machine ({path}).",
    "root": "La vérification lit le journal et les boîtes : lancez-la en tant que root",
    "sudo": " (sudo lab check).",
    "su": " (su -, puis lab check).",
    "exercise": "Exercice : {title} ({name})",
    "last": "Dernière vérification : {passed} sur {total}, {at} (dite par cette machine)",
    "time": "le %d/%m à %H:%M",
    "never": "Pas encore vérifié.",
    "hints": "Indices : {given} sur {total} donnés",
    "hint_number": "Indice {number} sur {total} : {text}",
    "step": "{kind} ({number} sur 3) : {text}",
    "step_1": "Une question",
    "step_2": "Où regarder",
    "step_3": "Comment cela marche",
    "no_more_steps": "Tout a été dit de ce qui ne va pas ; lab hint --all le répète.",
    "nothing_wrong": "Rien à corriger : toutes les vérifications passent.",
    "changed": "{what} est plus récent que la dernière vérification : lancez lab check d'abord.",
    "failed_first": "À revoir d'abord : {title}.",
    "not_running": "Postfix ne tourne pas.",
    "unloaded": "{path} a changé depuis que Postfix l'a lu.",
    "explained": "Selon Postfix lui-même : {end}{where}",
    "found": "{place} est à relire.",
    "no_hints": "Cet exercice n'a pas d'indice.",
    "no_hint_yet": "Aucun indice n'a encore été donné : lab hint donne le premier.",
    "no_more_hints": "Tous les indices ont été donnés ; lab hint --all les répète.",
    "score": "{passed} sur {total}",
    "no_questions": "Cet exercice ne pose pas de question.",
    "no_answer": "(pas encore de réponse)",
    "how_to_answer": "Pour répondre à la première : lab answer 1 TEXTE",
    "answer_kept": "Réponse {number} notée ; lab check la vérifie.",
    "answer_root": "Répondez en tant que root.",
}

WORDS = {
    "fr": {name: french(text) for name, text in _FRENCH.items()},
    "en": {
        "usage": "usage: lab [--lang fr|en] [text | hint [--all] | check | answer ... | explain]",
        "help": """\
usage: lab [--lang fr|en] [text | hint [--all] | check | answer [N TEXT] | explain ...]

The exercise of this machine: its text, hints and checks. Alone, the command says where you are.

  text            show the assignment
  hint            give a hint, about what the last check found
  hint --all      repeat the hints that were given
  check           check the work (as root)
  answer          show the questions; answer 1 TEXT answers the first
  explain         tell what Postfix would do with a message; explain --help says more
  trace, draw     draw the way of a message, and the configuration; the same

  --lang fr|en    language of the messages
  -h, --help      show this help""",
        "verbs": """\
lab text     show the assignment
lab hint     give one more hint
lab check    check the work (as root)""",
        "verb_answer": "lab answer   show the exercise's questions, and answer them",
        "languages": "{found} is no language of this command: write fr or en.",
        "no_verb": "{found} is no command of lab.",
        "near": " Did you mean {near}?",
        "none": "There is no exercise on this machine ({path}).",
        "root": "Checking reads the log and mailboxes: run it as root",
        "sudo": " (sudo lab check).",
        "su": " (su -, then lab check).",
        "exercise": "Exercise: {title} ({name})",
        "last": "Last check: {passed} of {total}, {at} (said by this machine)",
        "time": "on %Y-%m-%d at %H:%M",
        "never": "Not checked yet.",
        "hints": "Hints: {given} of {total} given",
        "hint_number": "Hint {number} of {total}: {text}",
        "step": "{kind} ({number} of 3): {text}",
        "step_1": "A question",
        "step_2": "Where to look",
        "step_3": "How it works",
        "no_more_steps": "All has been said of what is wrong; lab hint --all repeats it.",
        "nothing_wrong": "Nothing to mend: all checks pass.",
        "changed": "{what} is newer than the last check: run lab check first.",
        "failed_first": "To be mended first: {title}.",
        "not_running": "Postfix is not running.",
        "unloaded": "{path} has changed since Postfix read it.",
        "explained": "By Postfix itself: {end}{where}",
        "found": "{place} is worth reading again.",
        "no_hints": "This exercise has no hints.",
        "no_hint_yet": "No hint has been given yet: lab hint gives the first.",
        "no_more_hints": "All hints have been given; lab hint --all repeats them.",
        "score": "{passed} of {total}",
        "no_questions": "This exercise asks no question.",
        "no_answer": "(no answer yet)",
        "how_to_answer": "To answer the first one: lab answer 1 TEXT",
        "answer_kept": "Answer {number} is kept; lab check checks it.",
        "answer_root": "Answer as root.",
    },
}
