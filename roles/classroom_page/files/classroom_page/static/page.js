// The assignment, and the buttons beside the terminal.

import { ask, askLines, said, words } from "./asking.js";
import { openTerminal } from "./terminal.js";

const language = document.documentElement.lang;
const answer = document.getElementById("answer");
const MARKS = { passed: "✓", failed: "✗", skipped: "-", unchecked: "?" };

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function result(check) {
  const item = element("li", "", { class: check.outcome });
  item.append(element("span", MARKS[check.outcome], { class: "mark", "aria-hidden": "true" }));
  item.append(`${check.title[language]} (${words[check.outcome]})`);
  if (check.outcome !== "passed") {
    const list = element("dl");
    for (const name of ["expected", "seen"]) {
      if (check[name][language]) {
        list.append(element("dt", words[name]), element("dd", check[name][language]));
      }
    }
    if (list.children.length) item.append(list);
  }
  return item;
}

async function check() {
  const list = element("ul");
  answer.replaceChildren(list);
  const outcomes = [];
  for await (const told of askLines("/api/check", {})) {
    if (told.check) {
      outcomes.push(told.check.outcome);
      list.append(result(told.check));
    } else if (told.said) {
      throw new Error(words[told.said] || words.offline);
    } else if (told.done) {
      const passed = outcomes.filter((outcome) => outcome === "passed").length;
      return words.score.replace("{passed}", passed).replace("{total}", outcomes.length);
    } else if (!told.exercise) {
      return words.no_exercise;
    }
  }
  throw new Error(words.offline);
}

function showHint(held) {
  if (!held.exercise) return words.no_exercise;
  answer.replaceChildren(element("p", held.text, { class: "text" }));
  return "";
}

function picture() {
  return new Promise((done) => {
    const image = element("img", "", { alt: words.picture_text });
    image.addEventListener("load", () => {
      answer.replaceChildren(image);
      done(words.picture_text);
    });
    image.addEventListener("error", () => done(words.no_picture));
    image.src = `/api/picture/${language}?${Date.now()}`;
  });
}

function button(id, waiting, action) {
  const found = document.getElementById(id);
  found.addEventListener("click", async () => {
    // Not disabled, which would take the focus away from who works by keyboard.
    if (found.getAttribute("aria-disabled") === "true") return;
    found.setAttribute("aria-disabled", "true");
    said.textContent = waiting;
    answer.replaceChildren();
    try {
      said.textContent = await action(found);
    } catch (error) {
      said.textContent = error.message;
    }
    found.removeAttribute("aria-disabled");
  });
}

async function raise(hand) {
  const { up } = await ask("/api/hand", { up: hand.getAttribute("aria-pressed") !== "true" });
  hand.setAttribute("aria-pressed", String(up));
  hand.textContent = up ? words.hand_down : words.hand_up;
  return up ? words.hand_is_up : words.hand_is_down;
}

async function showAssignment() {
  const place = document.getElementById("assignment");
  try {
    const held = await ask("/api/assignment");
    place.textContent = held.exercise
      ? `${held.title[language]}\n\n${held.assignment[language].trim()}`
      : words.no_exercise;
  } catch (error) {
    place.textContent = error.message;
  }
}

button("check", words.checking, check);
button("hint", words.waiting, async () => showHint(await ask("/api/hint", { language })));
button("picture", words.waiting, picture);
button("hand", words.waiting, raise);
button("logout", words.waiting, async () => {
  await ask("/api/logout", {});
  location.reload();
});
showAssignment();
openTerminal(document.getElementById("terminal"), document.getElementById("connection"));
