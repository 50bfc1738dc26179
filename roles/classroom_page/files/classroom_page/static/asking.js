// What both pages ask the server, and how they say what went wrong.

export const words = JSON.parse(document.getElementById("words").textContent);
export const said = document.getElementById("said");

export async function ask(path, body) {
  const headers = { "Content-Type": "application/json" };
  if (document.body.dataset.csrf) headers["X-CSRF-Token"] = document.body.dataset.csrf;
  const options = body === undefined ? {} : { method: "POST", headers, body: JSON.stringify(body) };
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error(words.offline);
  }
  const held = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(words[held.said] || words.offline);
  return held;
}
