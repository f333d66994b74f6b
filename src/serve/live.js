// Runs in every page of the preview: reloads it when it changed, swaps its styles, and shows the site's problems over
// it.

const element = document.querySelector("script[data-live]");
const page = location.pathname;
/** What this page has of each file that it uses: its path, and the tag of the version that was loaded. */
const tags = new Map([[page, element.dataset.live]]);

// Reloading, without losing the place.

const STORE = "causerie-live";
const MARKS = "h1, h2, h3, h4, h5, h6, p, li, dt, dd, pre, tr, img, [id]";

/** Elements that can be found again in another version of the page, each by what makes it the only one of its kind. */
function landmarks() {
  const marks = new Map();
  for (const mark of document.body.querySelectorAll(MARKS)) {
    const text = () => mark.getAttribute("src") ?? mark.textContent.trim().slice(0, 200);
    const what = mark.id ? `#${mark.id}` : `${mark.tagName} ${text()}`;
    marks.set(what, marks.has(what) ? null : mark);
  }
  return marks;
}

/** Fields of forms, by what tells them apart. Where two share that, the first one counts. */
function fields() {
  const all = document.querySelectorAll("textarea, select, input:not([type=hidden], [type=password], [type=file])");
  const what = ({ id, name, type, value }) => [id, name, type, type === "radio" ? value : ""].join(" ");
  return new Map([...all].reverse().map((field) => [what(field), field]));
}

/** What a field holds, if it is not what the page put into it. */
function entered(field) {
  const { value, checked, selectionStart: from, selectionEnd: to } = field;
  if (field.options) return [...field.options].some((it) => it.selected !== it.defaultSelected) && { value };
  if (["checkbox", "radio"].includes(field.type)) return checked !== field.defaultChecked && { checked };
  return value !== field.defaultValue && { value, from, to };
}

function enter(field, { value, checked, from, to }) {
  if (checked === undefined) field.value = value;
  else field.checked = checked;
  for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, { bubbles: true }));
  if (typeof from === "number") field.setSelectionRange(from, to);
}

function reload() {
  // A script that sends a form must hear the answer, or what was sent would seem not to be.
  if (gathering.isBusy || document.querySelector("form[aria-busy=true]")) return void setTimeout(reload, 50);
  const place = { tag: tags.get(page), x: scrollX, y: scrollY, marks: [], entries: [], dismissed: problems.dismissed };
  place.gathered = gathering.message;
  const goal = location.hash.slice(1);
  if (!document.getElementById(goal)) place.goal = goal;
  for (const [what, field] of fields()) {
    const entry = entered(field);
    if (entry) place.entries.push([what, entry]);
    if (field === document.activeElement) place.active = what;
  }
  if (scrollY > 0) {
    for (const [what, mark] of landmarks()) {
      const top = mark?.getBoundingClientRect().top;
      if (top >= 0 && top < innerHeight && place.marks.push([what, top]) === 20) break;
    }
  }
  try {
    sessionStorage.setItem(STORE, JSON.stringify(place));
  } catch {
    // A browser may refuse to store; then the page begins at its top.
  }
  location.reload();
}

/** What the page was like before it reloaded itself, if that is how it came here. */
function before() {
  try {
    const place = sessionStorage.getItem(STORE);
    sessionStorage.removeItem(STORE);
    return JSON.parse(place);
  } catch {
    return null;
  }
}

/** Puts what was being written back into its fields. */
function refill(place) {
  const found = fields();
  for (const [what, entry] of place.entries) {
    const field = found.get(what);
    if (field) enter(field, entry);
  }
  found.get(place.active)?.focus({ preventScroll: true });
}

/** Brings what was in view back to where it was, though the page above it may be longer or shorter now. */
function restore(place) {
  // Who was sent to what was not there yet, like a reply of theirs, goes there now.
  const goal = place.goal && document.getElementById(place.goal);
  if (goal) return goal.scrollIntoView({ behavior: "instant" });
  if (place.y === 0) return;
  // First to the same height, so that what sticks to the window, and is always in view, does not count as moved.
  scrollTo({ left: place.x, top: place.y, behavior: "instant" });
  const marks = landmarks();
  const kept = place.marks.find(([what]) => marks.get(what));
  if (kept) {
    const top = marks.get(kept[0]).getBoundingClientRect().top;
    scrollBy({ left: 0, top: top - kept[1], behavior: "instant" });
  }
}

/** Restores the place now, and again when images have their sizes, unless the reader moved on in between. */
function settle(place) {
  restore(place);
  const moved = new AbortController();
  for (const name of ["wheel", "touchmove", "keydown", "pointerdown"]) {
    addEventListener(name, () => moved.abort(), { signal: moved.signal, passive: true });
  }
  const again = () => {
    restore(place);
    moved.abort();
  };
  const loaded = () => requestAnimationFrame(() => moved.signal.aborted || again());
  addEventListener("load", loaded, { signal: moved.signal });
}

// Styles.

/** The path of an address on this server, under whichever name of this machine. */
function pathOf(address) {
  const loopback = /^(localhost|.*\.localhost|127\.0\.0\.1|\[::1\])$/;
  const url = URL.parse(address, location.href);
  if (!url?.protocol.startsWith("http") || url.port !== location.port) return null;
  const isHere = url.hostname === location.hostname;
  return isHere || (loopback.test(url.hostname) && loopback.test(location.hostname)) ? url.pathname : null;
}

const styleSheets = () => [...document.querySelectorAll('link[rel~="stylesheet"][href]')];

/** Loads a style sheet anew beside the one that it replaces, which goes when the new one is there. */
function restyle(path, tag) {
  const old = styleSheets().filter((link) => pathOf(link.href) === path);
  // Another style sheet imports it.
  if (old.length === 0) return reload();
  for (const link of old) {
    // This one is not there yet, and need not come.
    if (link.dataset.liveNext !== undefined) {
      link.remove();
      continue;
    }
    const next = link.cloneNode();
    const address = new URL(link.href);
    address.searchParams.set("live", tag);
    next.href = address.href;
    next.dataset.liveNext = "";
    const swap = () => {
      if (!next.isConnected) return;
      delete next.dataset.liveNext;
      link.remove();
    };
    next.addEventListener("load", swap, { once: true });
    next.addEventListener("error", swap, { once: true });
    link.after(next);
  }
}

// Problems.

const STYLE = `
  :host { all: initial; color-scheme: light dark; }
  * { box-sizing: border-box; }
  dialog, .badge {
    font: 16px/1.5 system-ui, sans-serif;
    color: light-dark(#1f1b18, #f2ede8);
    background: light-dark(#fffdfb, #1d1a17);
    border: 1px solid light-dark(#b3261e, #ff8a80);
  }
  dialog {
    width: min(64rem, 100vw - 2rem); max-width: none; max-height: calc(100vh - 4rem);
    margin: 2rem auto auto; padding: 0; border-top-width: 5px; border-radius: 6px; overflow: hidden;
    box-shadow: 0 8px 40px #0006;
  }
  dialog[open] { display: flex; flex-direction: column; }
  dialog::backdrop { background: #0007; }
  header { display: flex; gap: 1rem; align-items: center; justify-content: space-between; padding: .75rem 1rem 0; }
  h2 { margin: 0; font-size: 1.25rem; }
  p { margin: 0; padding: 0 1rem .75rem; color: light-dark(#5c524b, #b9aea5); font-size: .875rem; }
  .list { overflow: auto; padding: 0 1rem 1rem; }
  pre {
    margin: 0 0 .75rem; padding: .75rem 1rem; overflow-x: auto; tab-size: 4;
    font: 14px/1.45 ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace;
    background: light-dark(#f6f1ec, #292420); border-left: 4px solid light-dark(#b3261e, #ff8a80);
  }
  pre.warning { border-left-color: light-dark(#8a5a00, #f2c14e); }
  button {
    padding: .2rem .75rem; font: inherit; cursor: pointer;
    color: inherit; background: none; border: 1px solid currentColor; border-radius: 4px;
  }
  :focus-visible { outline: 3px solid light-dark(#0b57d0, #a8c7fa); outline-offset: 2px; }
  .list:focus-visible { outline-offset: -3px; }
  .badge { position: fixed; z-index: 2147483647; inset: auto 1rem 1rem auto; }
  [hidden] { display: none; }
`;

const problems = {
  /** What they were when the reader put them away. */
  dismissed: null,
  shown: "",

  /** Shows problems, or none. Those that were put away stay so until they are others. */
  show(text) {
    const { summary, problems: list, more } = JSON.parse(text);
    this.shown = text;
    if (list.length === 0) {
      this.dismissed = null;
      if (this.dialog) {
        this.dialog.close();
        this.host.remove();
      }
      return;
    }
    if (!this.dialog) this.draw();
    if (!this.host.isConnected) document.documentElement.append(this.host);
    this.title.textContent = `The site has ${summary}`;
    this.badge.textContent = summary;
    this.list.replaceChildren(
      ...list.map(({ level, text }) => {
        const box = document.createElement("pre");
        box.className = level;
        box.textContent = text;
        return box;
      }),
    );
    if (more > 0) this.list.append(`And ${more} more: the terminal has them all.`);
    if (this.dismissed !== text) this.open();
    else this.badge.hidden = false;
  },

  open() {
    this.badge.hidden = true;
    if (!this.dialog.open) this.dialog.showModal();
  },

  draw() {
    this.host = document.createElement("div");
    const root = this.host.attachShadow({ mode: "open" });
    const style = new CSSStyleSheet();
    style.replaceSync(STYLE);
    root.adoptedStyleSheets = [style];
    root.innerHTML = `
      <dialog role="alertdialog" aria-labelledby="title" aria-describedby="hint" lang="en" dir="ltr">
        <header><h2 id="title"></h2><button class="close" autofocus>Close</button></header>
        <p id="hint">This goes away by itself once they are mended. Escape closes it.</p>
        <div class="list" tabindex="0" role="group" aria-label="Problems"></div>
      </dialog>
      <button class="badge" lang="en" hidden></button>`;
    this.dialog = root.querySelector("dialog");
    this.title = root.querySelector("h2");
    this.list = root.querySelector(".list");
    this.badge = root.querySelector(".badge");
    root.querySelector(".close").addEventListener("click", () => this.dialog.close());
    this.badge.addEventListener("click", () => this.open());
    // The page's own shortcuts rest while it is covered.
    this.dialog.addEventListener("keydown", (event) => event.stopPropagation());
    this.dialog.addEventListener("close", () => {
      if (this.dialog.open || !this.host.isConnected) return;
      this.dismissed = this.shown;
      this.badge.hidden = false;
    });
  },
};

// Replies from elsewhere.

const GATHER_STYLE = `
  :host { all: initial; color-scheme: light dark; }
  div {
    position: fixed; z-index: 2147483646; inset: auto auto 1rem 1rem; max-width: calc(100vw - 2rem);
    display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; box-sizing: border-box;
    padding: .5rem; font: 14px/1.4 system-ui, sans-serif; border-radius: 6px;
    color: light-dark(#1f1b18, #f2ede8); background: light-dark(#fffdfb, #1d1a17); border: 1px solid currentColor;
  }
  button { padding: .2rem .75rem; font: inherit; cursor: pointer; color: inherit; background: none; border: 1px solid; border-radius: 4px; }
  output:empty { display: none; }
  :focus-visible { outline: 3px solid light-dark(#0b57d0, #a8c7fa); outline-offset: 2px; }
  @media print { div { display: none; } }
`;

const gathering = {
  isBusy: false,
  /** The outcome of the last time, also after the page has reloaded itself. */
  message: "",

  /** Offers to ask these networks for replies to the page. */
  show(networks) {
    this.host?.remove();
    if (networks.length === 0) return;
    this.host = document.createElement("div");
    const root = this.host.attachShadow({ mode: "open" });
    const style = new CSSStyleSheet();
    style.replaceSync(GATHER_STYLE);
    root.adoptedStyleSheets = [style];
    root.innerHTML = `<div lang="en" dir="ltr"><button></button><output></output></div>`;
    this.button = root.querySelector("button");
    this.button.textContent = `Gather replies from ${[...new Set(networks)].join(", ")}`;
    this.button.addEventListener("click", () => this.run());
    this.output = root.querySelector("output");
    this.output.textContent = this.message;
    document.documentElement.append(this.host);
  },

  async run() {
    if (this.isBusy) return;
    this.isBusy = true;
    this.output.textContent = "Asking …";
    try {
      const address = new URL(`/-/gather?page=${encodeURIComponent(page)}`, location.origin);
      this.message = await (await fetch(address, { method: "POST" })).text();
    } catch {
      this.message = "The preview does not answer.";
    }
    this.output.textContent = this.message;
    this.isBusy = false;
  },
};

// Events.

const SOONEST = 250;
const LATEST = 4000;
let stream = null;
let wait = SOONEST;
let timer = 0;

/** The files that this page is made of, the page itself first. */
function watched() {
  const files = new Map([[page, tags.get(page)]]);
  const use = (address, tag = "") => {
    const path = pathOf(address);
    if (!path || path === page || path.startsWith("/-/")) return;
    files.set(path, tags.get(path) ?? (tag || files.get(path) || ""));
  };
  for (const link of styleSheets()) use(link.href);
  for (const script of document.scripts) if (script.src) use(script.src);
  for (const image of document.images) if (image.currentSrc) use(image.currentSrc);
  for (const entry of performance.getEntriesByType("resource")) {
    const tag = entry.serverTiming?.find((timing) => timing.name === "live")?.description;
    // Besides what stands in the page, its style sheets use files, and its scripts other scripts.
    if (["css", "script"].includes(entry.initiatorType) || files.has(pathOf(entry.name))) use(entry.name, tag);
  }
  return files;
}

function connect() {
  clearTimeout(timer);
  if (stream || document.hidden) return;
  const query = [...watched()].map(([path, tag]) => `watch=${encodeURIComponent(tag + path)}`);
  // A page may have a base of its own, to which a mere path would be relative.
  stream = new EventSource(new URL(`/-/live?${query.join("&")}`, location.origin));
  const on = (name, act) => stream.addEventListener(name, ({ data }) => act(data));
  on("open", () => (wait = SOONEST));
  on("reload", reload);
  on("tags", (data) => Object.entries(JSON.parse(data)).forEach(([path, tag]) => tags.set(path, tag)));
  on("styles", (data) => {
    for (const [path, tag] of Object.entries(JSON.parse(data))) {
      tags.set(path, tag);
      restyle(path, tag);
    }
  });
  on("problems", (data) => problems.show(data));
  on("discussed", (data) => gathering.show(JSON.parse(data)));
  // It would connect again by itself, but say what the page had at first.
  on("error", () => {
    disconnect();
    timer = setTimeout(connect, wait);
    wait = Math.min(wait * 2, LATEST);
  });
}

function disconnect() {
  clearTimeout(timer);
  stream?.close();
  stream = null;
}

// A browser opens few connections to one server, so that hidden pages must not hold theirs.
document.addEventListener("visibilitychange", () => (document.hidden ? disconnect() : connect()));
addEventListener("pagehide", disconnect);
addEventListener("pageshow", ({ persisted }) => persisted && connect());
// A reload would put an end to a form that is being sent. Some addresses, of e-mail for one, leave the page where it
// is: then it listens again.
addEventListener("beforeunload", () => {
  disconnect();
  timer = setTimeout(connect, 3000);
});

const place = before();
if (place) {
  problems.dismissed = place.dismissed;
  gathering.message = place.gathered ?? "";
  refill(place);
  settle(place);
}
// Should a reload ever change nothing, the next one has time.
if (place?.tag === tags.get(page)) timer = setTimeout(connect, 1000);
else connect();
