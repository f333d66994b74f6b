// Single keys, and what spares a click. The page does everything without it.
"use strict";

const replies = [...document.querySelectorAll(".reply")];
const boxes = replies.map(reply => reply.querySelector("input[type=checkbox]"));
const told = document.getElementById("told");
const switched = document.getElementById("keys");
const PLACE = "causerie.moderation.place";
const KEYS = "causerie.moderation.keys";

// A browser may be told to keep nothing.
const kept = (name, storage) => { try { return storage().getItem(name); } catch { return null; } };
const keep = (name, value, storage) => { try { storage().setItem(name, value); } catch { /* as if nothing was kept */ } };
const session = () => sessionStorage;
const local = () => localStorage;

const current = () => replies.indexOf(document.activeElement?.closest(".reply"));

function go(place) {
  const reply = replies[Math.max(0, Math.min(place, replies.length - 1))];
  if (!reply) return;
  reply.focus({ preventScroll: true });
  reply.scrollIntoView({ block: "nearest" });
}

// After a decision the next reply stands where the last one was.
const last = kept(PLACE, session);
keep(PLACE, "", session);
if (told) {
  if (replies.length && last && !document.getElementById("typed")) go(Number(last));
  else told.focus();
}

function open(reply, kind) {
  const details = reply.querySelector(`details.${kind}`);
  if (!details) return;
  details.open = true;
  const field = details.querySelector("textarea");
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
}

function press(reply, action) {
  reply.querySelector(`.decide button[value=${action}]`)?.click();
}

const commands = {
  j: place => go(place + 1),
  k: place => go(place < 0 ? 0 : place - 1),
  a: (_, reply) => reply && press(reply, "approve"),
  s: (_, reply) => reply && press(reply, "spam"),
  r: (_, reply) => reply && press(reply, "reject"),
  u: (_, reply) => {
    const own = reply?.querySelector(".decide button[value=undo]");
    (own ?? told?.querySelector("button[value=undo]"))?.click();
  },
  e: (_, reply) => reply && open(reply, "edit"),
  c: (_, reply) => reply && open(reply, "answer"),
  x: (place, reply) => reply && boxes[place].click(),
  "/": () => document.getElementById("search").focus(),
};

switched.checked = kept(KEYS, local) !== "off";
switched.addEventListener("change", () => keep(KEYS, switched.checked ? "on" : "off", local));
document.querySelector(".keys").hidden = false;

document.addEventListener("keydown", event => {
  const at = event.target;
  if (event.key === "Escape") {
    const details = at.closest?.("details[open]");
    if (details) {
      details.open = false;
      details.querySelector("summary").focus();
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat && !"jk".includes(event.key)) return;
  if (!switched.checked || at.matches("textarea, input:not([type=checkbox])")) return;
  const command = Object.hasOwn(commands, event.key) && commands[event.key];
  if (!command) return;
  event.preventDefault();
  const place = current();
  command(place, replies[place]);
});

// How many are chosen, and all of them at once.
const all = document.getElementById("all");
const chosen = document.getElementById("chosen");
function count() {
  const number = boxes.filter(box => box.checked).length;
  chosen.textContent = number === 0 ? "None is chosen" : `${number} chosen`;
  all.checked = number === boxes.length;
  all.indeterminate = number > 0 && number < boxes.length;
}
if (all) {
  all.closest("label").hidden = false;
  all.addEventListener("change", () => {
    boxes.forEach(box => { box.checked = all.checked; });
    count();
  });
  boxes.forEach(box => box.addEventListener("change", count));
  count();
}

// Nothing is sent twice, and nothing that was typed is lost by a decision about something else.
let sending = null;
document.addEventListener("submit", event => {
  if (sending) {
    event.preventDefault();
    return;
  }
  sending = event.target;
  keep(PLACE, String(Math.max(0, current())), session);
});
window.addEventListener("pageshow", () => { sending = null; });
window.addEventListener("beforeunload", event => {
  const fields = [...document.querySelectorAll("textarea:not([readonly])")];
  const typed = fields.some(field => field.value !== field.defaultValue && field.form !== sending);
  if (typed) {
    event.preventDefault();
    sending = null;
  }
});
