// Small conveniences, in the words of the script's element. Every page works without them.
const says = document.currentScript.dataset;

// The button that switches between light and dark colours. The choice is remembered; one that equals the system's is forgotten.
(() => {
  const button = document.querySelector(".scheme-toggle");
  if (!button) return;
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.scheme ? root.dataset.scheme === "dark" : system.matches);
  const show = () => button.setAttribute("aria-pressed", String(isDark()));
  button.addEventListener("click", () => {
    const scheme = isDark() ? "light" : "dark";
    const own = (scheme === "dark") !== system.matches;
    applyScheme(own ? scheme : null);
    // Storage throws an error in browsers that block it.
    try { own ? localStorage.setItem("causerie-scheme", scheme) : localStorage.removeItem("causerie-scheme"); } catch {}
    show();
  });
  system.addEventListener("change", show);
  show();
  button.hidden = false;
})();

// The table of contents is open where there is room beside the text.
(() => {
  const contents = document.querySelector(".contents");
  if (!contents) return;
  const wide = matchMedia("(min-width: 86rem)");
  const follow = () => { contents.open = wide.matches; };
  wide.addEventListener("change", follow);
  follow();
})();

// A button on every block of code in a post copies it.
for (const block of navigator.clipboard ? document.querySelectorAll(".post-body pre") : []) {
  const frame = document.createElement("div");
  frame.className = "code-frame";
  block.before(frame);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = says.copy;
  button.addEventListener("click", async () => {
    const code = (block.querySelector("code") ?? block).cloneNode(true);
    for (const number of code.querySelectorAll(".giallo-ln")) number.remove();
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = says.copied;
    } catch {
      button.textContent = says.notCopied;
    }
    setTimeout(() => { button.textContent = says.copy; }, 2000);
  });
  frame.append(block, button);
}

// A reply link opens the form below the comment to answer. Without this script the reader selects the comment in the form.
(() => {
  const form = document.getElementById("respond");
  const list = document.getElementById("reply-to");
  if (!form || !list) return;
  const home = document.createComment("the reply form");
  form.before(home);
  const title = document.getElementById("reply-title");
  const cancel = form.querySelector(".cancel-reply");
  const plain = title.textContent;

  const choose = (id, author) => {
    list.value = id;
    title.textContent = id ? title.dataset.to.replace("{name}", () => author) : plain;
    cancel.hidden = !id;
  };
  form.querySelector(".field-reply-to").hidden = true;
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".reply-link");
    if (link) {
      event.preventDefault();
      choose(link.dataset.replyTo, link.dataset.author);
      link.closest(".comment-body").after(form);
      form.scrollIntoView({ block: "nearest" });
      document.getElementById("reply-name").focus({ preventScroll: true });
    } else if (event.target.closest(".cancel-reply a")) {
      event.preventDefault();
      choose("", "");
      home.after(form);
      document.getElementById("reply-comment").focus();
    }
  });
})();

// The newest threads first, at one click, and back. The order of the replies in a thread stays.
(() => {
  const list = document.querySelector(".comment-list");
  const actions = document.querySelector(".comments-actions");
  if (!actions || !list || list.children.length < 2) return;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = says.newest;
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
    const fold = list.querySelector(":scope > .fold");
    if (fold) {
      list.append(...fold.querySelector("ol").children);
      fold.remove();
    }
    list.append(...[...list.children].reverse());
  });
  actions.append(button);
})();

// Marks comments that are new since the reader's last visit, which only this browser knows.
(() => {
  const comments = [...document.querySelectorAll("#comments .comment:not(.pending)")];
  if (!comments.length) return;
  const key = `causerie-read ${location.pathname}`;
  const ids = comments.map((comment) => comment.id);
  try {
    const read = JSON.parse(localStorage.getItem(key) ?? "null");
    localStorage.setItem(key, JSON.stringify(ids));
    if (!Array.isArray(read)) return;
    const known = new Set(read);
    for (const comment of comments.filter((comment) => !known.has(comment.id))) {
      const badge = document.createElement("span");
      badge.className = "new-badge";
      badge.textContent = says.new;
      comment.querySelector(":scope > .comment-body > .comment-head")?.append(" ", badge);
    }
  } catch {}
})();

// A link to a comment in a folded part opens it in every browser.
(() => {
  const open = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const folds = [];
    for (let fold = target && target.closest("details"); fold; fold = fold.parentElement.closest("details")) folds.push(fold);
    if (!folds.some((fold) => !fold.open)) return;
    for (const fold of folds) fold.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", open);
  open();
})();

// A click on a picture of a gallery, or on a film, loads the script that shows it. Without it the link leads there.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-media]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  import(link.dataset.media).then((media) => media.open(link)).catch(() => { location.href = link.href; });
});
