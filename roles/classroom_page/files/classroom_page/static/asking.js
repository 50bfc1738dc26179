// What both pages ask the server, and how they say what went wrong.

export const words = JSON.parse(document.getElementById("words").textContent);
export const said = document.getElementById("said");

async function asked(path, body) {
  const headers = { "Content-Type": "application/json" };
  if (document.body.dataset.csrf) headers["X-CSRF-Token"] = document.body.dataset.csrf;
  const options = body === undefined ? {} : { method: "POST", headers, body: JSON.stringify(body) };
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error(words.offline);
  }
  if (response.ok) return response;
  const held = await response.json().catch(() => ({}));
  throw new Error(words[held.said] || words.offline);
}

export async function ask(path, body) {
  const response = await asked(path, body);
  return response.json().catch(() => ({}));
}

// What is answered line by line, each as it comes.
export async function* askLines(path, body) {
  const reader = (await asked(path, body)).body.getReader();
  const decoder = new TextDecoder();
  let begun = "";
  for (;;) {
    const { done, value } = await reader.read().catch(() => ({ done: true }));
    const lines = (begun + (done ? "\n" : decoder.decode(value, { stream: true }))).split("\n");
    begun = lines.pop();
    for (const line of lines) if (line) yield JSON.parse(line);
    if (done) return;
  }
}
