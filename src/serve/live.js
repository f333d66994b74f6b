// Keeps a page of the preview as the site is: swaps styles, reloads the page, and shows problems.
(() => {
  const prints = new Map([[location.pathname, document.currentScript.dataset.print]]);
  const place = "causerie scroll " + location.pathname;

  // After a reload the reader is where they were, also if the page has become longer above.
  const kept = sessionStorage.getItem(place);
  if (kept) {
    sessionStorage.removeItem(place);
    const [x, y] = JSON.parse(kept);
    const back = () => scrollTo({ left: x, top: y, behavior: "instant" });
    back();
    addEventListener("load", () => {
      back();
      history.scrollRestoration = "auto";
    }, { once: true });
  }

  const styles = () =>
    [...document.querySelectorAll('link[rel~="stylesheet"]')].filter((link) => new URL(link.href).origin === location.origin);
  const path = (link) => new URL(link.href).pathname;

  function changed(url, print) {
    prints.set(url, print);
    const links = styles().filter((link) => path(link) === url);
    if (url === location.pathname || !links.length) {
      sessionStorage.setItem(place, JSON.stringify([scrollX, scrollY]));
      // The browser would put back what it remembers of the old page.
      history.scrollRestoration = "manual";
      location.reload();
      return;
    }
    for (const old of links) {
      const link = old.cloneNode();
      link.href = url + "?live=" + print;
      // The old one goes when the new one is there, so that the page is never without style.
      link.onload = link.onerror = () => old.remove();
      old.after(link);
    }
  }

  function connect() {
    const query = new URLSearchParams();
    for (const url of new Set([location.pathname, ...styles().map(path)])) {
      query.append("w", url + "~" + (prints.get(url) ?? ""));
    }
    const source = new EventSource("/-/live?" + query);
    const on = (name, act) => source.addEventListener(name, (event) => act(JSON.parse(event.data)));
    on("print", ({ url, print }) => prints.set(url, print));
    on("changed", ({ url, print }) => changed(url, print));
    on("problems", show);
    source.onerror = () => {
      source.close();
      setTimeout(connect, 500);
    };
    // Who is about to leave, with a form perhaps, must not be held back by a reload. Who stays after all listens again.
    const leave = () => {
      source.close();
      setTimeout(connect, 3000);
    };
    addEventListener("beforeunload", leave, { once: true });
  }

  let overlay;

  function show(problems) {
    overlay?.remove();
    overlay = undefined;
    if (!problems.length) return;
    const before = document.activeElement;
    overlay = document.createElement("causerie-problems");
    const root = overlay.attachShadow({ mode: "open" });
    root.innerHTML = `<style>
      :host { all: initial; position: fixed; inset: auto 0 0 0; z-index: 2147483647; display: block; color-scheme: light dark; }
      section { max-height: 60vh; overflow: auto; padding: 1rem 1.25rem; font: 15px/1.5 system-ui, sans-serif;
        background: light-dark(#fff8f6, #2b1a17); color: light-dark(#3a1410, #ffe9e4);
        border-top: 4px solid #c0392b; box-shadow: 0 -4px 24px #0006; }
      header { display: flex; gap: 1rem; align-items: center; justify-content: space-between; }
      h1 { margin: 0; font-size: 1.1rem; }
      button { font: inherit; color: inherit; background: none; border: 1px solid currentColor; border-radius: 4px; padding: 0.1rem 0.6rem; cursor: pointer; }
      button:focus-visible { outline: 3px solid #c0392b; outline-offset: 2px; }
      pre { margin: 1rem 0 0; overflow-x: auto; font: 13px/1.45 ui-monospace, monospace; }
    </style>
    <section role="alertdialog" aria-labelledby="title" tabindex="-1">
      <header><h1 id="title"></h1><button type="button">Close</button></header>
    </section>`;
    const section = root.querySelector("section");
    root.querySelector("h1").textContent =
      problems.length === 1 ? "The site has a problem" : `The site has ${problems.length} problems`;
    for (const problem of problems) {
      const pre = document.createElement("pre");
      pre.textContent = problem;
      section.append(pre);
    }
    const close = () => {
      overlay?.remove();
      overlay = undefined;
      before?.focus?.();
    };
    root.querySelector("button").onclick = close;
    section.onkeydown = (event) => event.key === "Escape" && close();
    document.documentElement.append(overlay);
    section.focus({ preventScroll: true });
  }

  connect();
})();
