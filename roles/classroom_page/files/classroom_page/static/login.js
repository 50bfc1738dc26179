// The form by which a student comes in.

import { ask, said, words } from "./asking.js";

const form = document.getElementById("login");
const button = form.querySelector("button");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  said.textContent = words.waiting;
  const student = document.getElementById("student").value;
  const card = document.getElementById("card").value;
  try {
    await ask("/api/login", { student, words: card });
    location.reload();
  } catch (error) {
    said.textContent = error.message;
    button.disabled = false;
  }
});
