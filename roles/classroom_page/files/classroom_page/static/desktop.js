// The desktop: noVNC on a WebSocket that is opened again after a cut (classroom_page/desktop.py has
// the other end). What is on the screen stays on the machine, and is the same then.

import { words } from "./asking.js";
import RFB from "./novnc/core/rfb.js";

const ALIVE_EACH = 10000;
const DEAD_AFTER = 25000;
const AGAIN_AFTER = [250, 500, 1000, 2000];
const CODES = { 4001: "logged_out", 4003: "too_many" };
const CONTROL = 0xffe3;

const place = document.getElementById("screen");
const status = document.getElementById("connection");
let rfb = null;
let socket = null;
let heard = 0;
let tries = 0;
let before = false;

function say(name, isCut) {
  status.textContent = words[name];
  document.body.classList.toggle("cut", isCut);
}

function connect() {
  const opened = new WebSocket(`wss://${location.host}/desktop`);
  let code = 0;
  socket = opened;
  heard = Date.now();
  // Before noVNC, which is to hear of the screen alone.
  opened.addEventListener("message", (event) => {
    heard = Date.now();
    if (typeof event.data === "string") event.stopImmediatePropagation();
  });
  opened.addEventListener("close", (event) => {
    code = event.code;
  });
  const shown = new RFB(place, opened, { shared: true });
  rfb = shown;
  shown.scaleViewport = true;
  shown.resizeSession = true;
  shown.focusOnClick = true;
  shown.addEventListener("connect", () => {
    tries = 0;
    say(before ? "desktop_again" : "desktop_connected", false);
    before = true;
    shown.focus();
  });
  shown.addEventListener("disconnect", () => {
    if (shown === rfb) cut(code);
  });
}

function cut(code) {
  rfb = null;
  socket = null;
  say(CODES[code] || (before ? "desktop_cut" : "desktop_connecting"), true);
  if (code === 4001) return;
  setTimeout(connect, AGAIN_AFTER[Math.min(tries, AGAIN_AFTER.length - 1)]);
  tries += 1;
}

// Tab is the desktop's: by this key who works without a mouse leaves it.
place.addEventListener(
  "keydown",
  (event) => {
    if (!(event.ctrlKey && event.key === "F6")) return;
    event.preventDefault();
    event.stopPropagation();
    rfb?.sendKey(CONTROL, "ControlLeft", false);
    document.getElementById("back").focus();
  },
  true,
);

setInterval(() => {
  if (!socket) return;
  if (Date.now() - heard > DEAD_AFTER) {
    const dead = rfb;
    cut(0);
    dead?.disconnect();
  } else if (socket.readyState === WebSocket.OPEN) {
    socket.send("p");
  }
}, ALIVE_EACH);
connect();
