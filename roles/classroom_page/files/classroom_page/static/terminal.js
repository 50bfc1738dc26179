// The terminal: xterm.js on a WebSocket that is opened again after a cut (classroom_page/terminal.py
// has the other end, and what they say to each other).

import { words } from "./asking.js";

const ALIVE_EACH = 10000;
const DEAD_AFTER = 25000;
const AGAIN_AFTER = [250, 500, 1000, 2000];
const SHOWN_EACH = 65536;
const CODES = { 4000: "ended", 4001: "logged_out", 4003: "too_many" };

// xterm.js writes style sheets, which the page's policy lets pass by their nonce alone.
function allowStyles(nonce) {
  const create = document.createElement.bind(document);
  document.createElement = (name, options) => {
    const made = create(name, options);
    if (String(name).toLowerCase() === "style") made.nonce = nonce;
    return made;
  };
}

// A terminal answers what it is asked in the stream of what is typed. An answer that is late, by a cut
// or by much work, tmux takes for keys, and the shell has it in its line. tmux does without.
function answerNothing(parser) {
  const asked = [
    { final: "c" },
    { prefix: ">", final: "c" },
    { prefix: ">", final: "q" },
    { final: "n" },
    { prefix: "?", final: "n" },
    { intermediates: "$", final: "p" },
    { prefix: "?", intermediates: "$", final: "p" },
  ];
  for (const each of asked) parser.registerCsiHandler(each, () => true);
  parser.registerDcsHandler({ intermediates: "$", final: "q" }, () => true);
  for (const colour of [4, 10, 11, 12]) {
    parser.registerOscHandler(colour, (said) => said.includes("?"));
  }
}

function newTerminal(place) {
  allowStyles(document.body.dataset.nonce);
  const terminal = new window.Terminal({
    fontFamily: "ui-monospace, monospace",
    fontSize: 14,
    cursorBlink: false,
    scrollback: 2000,
    screenReaderMode: true,
    // What is printed makes no link that can be followed: it is a stranger's.
    linkHandler: { activate: () => {} },
    disableStdin: true,
  });
  answerNothing(terminal.parser);
  const fit = new window.FitAddon.FitAddon();
  terminal.loadAddon(fit);
  terminal.open(place);
  terminal.textarea.setAttribute("aria-label", words.terminal);
  new ResizeObserver(() => fit.fit()).observe(place);
  fit.fit();
  // Tab is the shell's: by this key who works without a mouse leaves the terminal.
  terminal.attachCustomKeyEventHandler((event) => {
    if (!(event.ctrlKey && event.key === "F6")) return true;
    if (event.type === "keydown") document.getElementById("check").focus();
    return false;
  });
  return terminal;
}

export function openTerminal(place, status) {
  const terminal = newTerminal(place);
  const random = crypto.getRandomValues(new Uint8Array(16));
  const page = Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
  let socket = null;
  let number = 0;
  let sent = []; // what was typed and may not have arrived
  let shown = 0;
  let heard = 0;
  let tries = 0;
  let before = false;

  function say(name, isCut) {
    status.textContent = words[name];
    document.body.classList.toggle("cut", isCut);
    terminal.options.disableStdin = isCut;
  }

  function size() {
    socket.send(`r${terminal.cols} ${terminal.rows}`);
  }

  function type(text) {
    if (terminal.options.disableStdin) return;
    for (let at = 0; at < text.length; at += 8192) {
      number += 1;
      const message = `i${number} ${text.slice(at, at + 8192)}`;
      sent.push([number, message]);
      socket.send(message);
    }
  }

  function begin(last) {
    // A server that knows nothing of this page may have got it all: better lost than typed twice.
    const isKnown = last !== null;
    const lost = !isKnown && sent.length > 0;
    sent = isKnown ? sent.filter(([each]) => each > last) : [];
    number = sent.length ? sent[sent.length - 1][0] : (last ?? 0);
    for (const [, message] of sent) socket.send(message);
    tries = 0;
    say(lost ? "again_lost" : before ? "again" : "connected", false);
    if (!before) terminal.focus();
    before = true;
    size();
  }

  function show(printed) {
    const current = socket;
    terminal.write(printed, () => {
      shown += printed.length;
      if (shown >= SHOWN_EACH && current.readyState === WebSocket.OPEN) {
        current.send(`a${shown}`);
        shown = 0;
      }
    });
  }

  function hear(event) {
    heard = Date.now();
    if (event.data instanceof ArrayBuffer) {
      show(new Uint8Array(event.data));
      return;
    }
    const told = JSON.parse(event.data);
    if ("last" in told) begin(told.last);
    if ("arrived" in told) sent = sent.filter(([each]) => each > told.arrived);
  }

  function connect() {
    const opened = new WebSocket(`wss://${location.host}/terminal`);
    opened.binaryType = "arraybuffer";
    socket = opened;
    heard = Date.now();
    shown = 0;
    opened.addEventListener("open", () => {
      opened.send(JSON.stringify({ page, columns: terminal.cols, rows: terminal.rows }));
    });
    opened.addEventListener("message", (event) => {
      if (opened === socket) hear(event);
    });
    opened.addEventListener("close", (event) => {
      if (opened === socket) cut(event.code);
    });
  }

  function cut(code) {
    socket = null;
    say(CODES[code] || "cut", true);
    if (code === 4000 || code === 4001) return;
    setTimeout(connect, AGAIN_AFTER[Math.min(tries, AGAIN_AFTER.length - 1)]);
    tries += 1;
  }

  terminal.onData(type);
  terminal.onBinary(type);
  terminal.onResize(() => {
    if (socket && !terminal.options.disableStdin) size();
  });
  setInterval(() => {
    if (!socket) return;
    // Also where nothing answers a new connection: TCP tries again less and less often.
    if (Date.now() - heard > DEAD_AFTER) {
      const dead = socket;
      cut(0);
      dead.close();
    } else if (socket.readyState === WebSocket.OPEN && !terminal.options.disableStdin) {
      socket.send("p");
    }
  }, ALIVE_EACH);
  connect();
}
