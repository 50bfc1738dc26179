// Puts what the server sends in the place of what is shown; the server has escaped all texts.
"use strict";

function show(parts) {
  const focused = document.activeElement && document.activeElement.id;
  for (const [id, html] of Object.entries(parts)) {
    const place = document.getElementById(id);
    if (!place) continue;
    if (id.startsWith("row-")) {
      const made = document.createElement("template");
      made.innerHTML = html.trim();
      place.replaceWith(made.content);
    } else {
      place.innerHTML = html;
    }
  }
  const again = focused && document.getElementById(focused);
  if (again && again !== document.activeElement) again.focus();
}

const main = document.querySelector("main[data-stream]");
if (main) {
  const status = document.getElementById("connection");
  const source = new EventSource(main.dataset.stream);
  source.onopen = () => { status.textContent = status.dataset.live; };
  source.onerror = () => { status.textContent = status.dataset.cut; };
  source.onmessage = (event) => show(JSON.parse(event.data));
}

const slider = document.getElementById("at");
if (slider) {
  let asked = 0;
  slider.addEventListener("input", async () => {
    const number = ++asked;
    const answer = await fetch(`/replay/part?at=${slider.value}`);
    const parts = await answer.json();
    if (number === asked) show(parts);
  });
}
