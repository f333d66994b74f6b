// Sends a reply without leaving the page, and shows it in its place. A draft is stored until the reply is accepted. reply.js
// loads this when the form is used.
export const attach = (form, words) => {
  const endpoint = form.action;
  const field = (name) => form.elements.namedItem(name);
  const button = form.querySelector("button[type=submit]");
  const send = button.textContent;
  const key = `causerie-draft ${field("page").value}`;
  const drafted = ["author", "url", "comment", "reply_to"];
  let changing = null;
  let plainly = false;
  const below = (name) => `${endpoint.split(/[?#]/)[0].replace(/\/$/, "")}/${name}`;

  const make = (name, className, ...children) => {
    const element = document.createElement(name);
    if (className) element.className = className;
    element.append(...children);
    return element;
  };
  const status = make("p", "reply-status");
  status.setAttribute("role", "status");
  form.append(status);

  // Storage throws an error in browsers that block it.
  const quietly = (act) => { try { return act(); } catch { return null; } };

  // The preview reloads the page to show a reply, so the message is kept for the reloaded page.
  const SENT = "causerie-sent";
  const said = quietly(() => sessionStorage.getItem(SENT));
  // Show it once, even if the reply is not on this page, so that it is never shown for another reply.
  quietly(() => sessionStorage.removeItem(SENT));
  const sent = said && location.hash.startsWith("#comment-") && document.getElementById(location.hash.slice(1));
  if (sent) {
    const note = make("p", "reply-status", said);
    note.setAttribute("role", "status");
    (sent.querySelector(".comment-body") ?? sent).append(note);
    sent.tabIndex = -1;
    sent.focus();
  }
  const forget = () => quietly(() => localStorage.removeItem(key));
  const keep = () => quietly(() => {
    if (changing) return;
    const draft = Object.fromEntries(drafted.map((name) => [name, field(name).value]));
    if (draft.comment) localStorage.setItem(key, JSON.stringify(draft));
    else forget();
  });
  const draft = quietly(() => JSON.parse(localStorage.getItem(key)));
  if (draft && !field("comment").value) {
    for (const name of drafted) if (typeof draft[name] === "string") field(name).value = draft[name];
    // The comment to answer may have been removed.
    if (field("reply_to").selectedIndex === -1) field("reply_to").value = "";
  }
  form.addEventListener("input", keep);

  // The time when the writer began, with which the guard detects programs; and the proof of work that replaces a captcha. The
  // work runs in slices of a few milliseconds while the reply is being written.
  const PATIENCE = 30000;
  let begun = null;
  const begin = () => {
    begun ??= (async () => {
      const page = encodeURIComponent(field("page").value);
      const answer = await fetch(`${below("token")}?page=${page}`, { headers: { Accept: "application/json" } });
      const { token = "", work, remembers } = answer.ok ? await answer.json() : {};
      // Send the writer's cookie also to an inbox on another host of the same site.
      const credentials = remembers ? "include" : "same-origin";
      if (!work) return { token, credentials };
      const end = new AbortController();
      const found = import(below("work.js")).then(({ solve }) => solve(work.challenge, work.bits, end.signal));
      return { token, credentials, work: found.catch(() => null), end };
    })().catch(() => {
      // Retry if the inbox is unavailable for a moment.
      begun = null;
      return {};
    });
    return begun;
  };
  // The proof of work when the reply is sent. Wait for a slow machine, but not for ever.
  const finished = async () => {
    const { token = "", credentials, work, end } = await begin();
    if (!work) return { values: { token }, credentials };
    const timer = setTimeout(() => end.abort(), PATIENCE);
    const found = await work;
    clearTimeout(timer);
    return { values: { token, work: found ?? "" }, credentials };
  };
  const sendNew = async () => {
    const values = Object.fromEntries(new FormData(form));
    const { values: proven, credentials } = await finished();
    return post(endpoint, { ...values, ...proven }, credentials);
  };
  // What was typed before this script came, and a draft from another day, may be sent without another keypress.
  if (field("comment").value) {
    keep();
    begin();
  }
  // After a reply is sent, the next one starts afresh.
  form.addEventListener("input", () => { if (!changing) begin(); });

  const post = async (address, values, credentials = "same-origin") => {
    const headers = { "Content-Type": "application/json", Accept: "application/json" };
    const answer = await fetch(address, { method: "POST", headers, credentials, body: JSON.stringify(values) });
    return answer.json();
  };

  const list = (parent, className) => {
    const found = parent.querySelector(`:scope > ol.${className}`);
    if (found) return found;
    const made = make("ol", className);
    parent.append(made);
    return made;
  };
  const show = (reply) => {
    document.getElementById(`comment-${reply.id}`)?.remove();
    // The inbox rendered this from the Markdown; it contains only harmless elements.
    const content = make("div", "e-content");
    content.dir = "auto";
    content.innerHTML = reply.html;
    const change = make("button", "", words.change);
    const withdraw = make("button", "", words.withdraw);
    const foot = make("footer", "comment-foot", change, withdraw);
    const waits = reply.status === "pending";
    const badge = waits ? [make("span", "pending-badge", words.waits), " "] : [];
    const author = make("span", "p-author", reply.author);
    author.dir = "auto";
    const head = make("header", "comment-head", author, " ", ...badge,
      make("span", "says", words.says));
    const body = make("article", "comment-body", head, content, ...(waits ? [foot] : []));
    const item = make("li", waits ? "h-cite comment kind-comment pending" : "h-cite comment kind-comment", body);
    item.id = `comment-${reply.id}`;
    item.tabIndex = -1;
    const answered = reply.reply_to && document.getElementById(`comment-${reply.reply_to}`);
    const talk = document.getElementById("comments");
    if (answered) list(answered, "replies").append(item);
    else if (talk) list(talk, "comment-list").append(item);
    item.focus();
    change.addEventListener("click", () => {
      changing = reply;
      field("comment").value = reply.text;
      button.textContent = words.save;
      field("comment").focus();
    });
    withdraw.addEventListener("click", async () => {
      const gone = await post(below("change"), { token: reply.token, action: "withdraw", page: field("page").value }).catch(() => null);
      status.textContent = gone?.message ?? words.withdrawFailed;
      if (gone?.status === "withdrawn") item.remove();
      else if (gone) foot.remove();
      if (changing === reply) done();
    });
  };
  const done = () => {
    changing = null;
    button.textContent = send;
    field("comment").value = "";
    forget();
  };

  form.addEventListener("submit", async (event) => {
    if (plainly) return;
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    form.setAttribute("aria-busy", "true");
    status.textContent = "";
    const comment = field("comment").value;
    try {
      const reply = changing
        ? await post(below("change"), { token: changing.token, action: "change", comment, page: field("page").value })
        : await sendNew();
      status.textContent = reply.message ?? "";
      if (reply.status !== "pending" && reply.status !== "approved") return;
      // Start a new proof of work: each counts once.
      if (!changing) begun = null;
      done();
      if (reply.html !== undefined) show(reply);
      else if (new URL(reply.location, location.href).origin === location.origin) {
        quietly(() => sessionStorage.setItem(SENT, reply.message));
        location.assign(reply.location);
      }
    } catch {
      // A server other than the inbox may not answer with JSON.
      plainly = !changing;
      status.textContent = words.sendFailed;
    } finally {
      button.disabled = false;
      form.removeAttribute("aria-busy");
    }
  });
};
