// Galleries and frames of other sites. salon.js loads this at the first click on one of their links.

// Opens what a link stands for: the frame that it names, or else the picture of its gallery.
export const open = (link) => (link.dataset.frame ? openFrame(link) : openPicture(link));

const element = (name, properties, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

// Replaces a link by the frame.
const openFrame = (link) => {
  const address = new URL(link.dataset.frame);
  if (address.protocol !== "https:") return;
  const frame = element("iframe", {
    src: address.href,
    title: link.querySelector(".embed-title").textContent,
    allow: "autoplay; encrypted-media; fullscreen; picture-in-picture",
    referrerPolicy: "strict-origin-when-cross-origin",
    width: 640,
    height: 360,
  });
  frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-popups allow-forms allow-presentation");
  if (link.closest(".embed-post")) {
    // Mastodon answers with the height of the post.
    addEventListener("message", (event) => {
      const { type, height } = event.data ?? {};
      if (event.source === frame.contentWindow && type === "setHeight" && height > 0) frame.height = Math.min(height, 2000);
    });
    frame.addEventListener("load", () => frame.contentWindow.postMessage({ type: "setHeight", id: 1 }, address.origin));
  }
  link.replaceWith(frame);
  frame.focus();
};

// The styles of the dialog, loaded once. They stand beside this script.
let styles;
const loadStyles = () => {
  styles ??= new Promise((loaded) => {
    const link = element("link", { rel: "stylesheet", href: new URL("lightbox.css", import.meta.url).href });
    link.addEventListener("load", loaded);
    link.addEventListener("error", loaded);
    document.head.append(link);
  });
  return styles;
};

// Shows a picture of a gallery over the page. The dialog keeps the focus, closes with Escape, and gives the focus back.
const openPicture = async (first) => {
  await loadStyles();
  // A second click while the styles came.
  if (document.querySelector("dialog.lightbox")) return;
  const gallery = first.closest(".gallery");
  const links = [...gallery.querySelectorAll("a")];
  const words = gallery.dataset;
  let place = links.indexOf(first);

  const image = element("img");
  const caption = element("figcaption");
  const count = element("span", { className: "lightbox-count" });
  const button = (className, label, text, act) => {
    const made = element("button", { type: "button", className, ariaLabel: label, textContent: text });
    made.addEventListener("click", act);
    return made;
  };
  const show = (to) => {
    place = (to + links.length) % links.length;
    const link = links[place];
    image.src = link.href;
    image.alt = link.querySelector("img").alt;
    caption.textContent = link.dataset.caption ?? "";
    count.textContent = `${place + 1} / ${links.length}`;
  };
  const dialog = element("dialog", { className: "lightbox", ariaLabel: words.label },
    element("figure", { ariaLive: "polite" }, image, caption),
    element("div", { className: "lightbox-tools" },
      button("lightbox-previous", words.previous, "‹", () => show(place - 1)),
      count,
      button("lightbox-next", words.next, "›", () => show(place + 1)),
      button("lightbox-close", words.close, "×", () => dialog.close())));

  const sign = getComputedStyle(gallery).direction === "rtl" ? -1 : 1;
  const step = { ArrowLeft: -sign, ArrowRight: sign };
  dialog.addEventListener("keydown", (event) => {
    if (step[event.key]) show(place + step[event.key]);
    else if (event.key === "Home") show(0);
    else if (event.key === "End") show(-1);
    else return;
    event.preventDefault();
  });
  // A finger that moves sideways turns the page.
  let from;
  dialog.addEventListener("pointerdown", (event) => { from = event.clientX; });
  dialog.addEventListener("pointerup", (event) => {
    const moved = event.clientX - from;
    if (event.pointerType === "touch" && Math.abs(moved) > 50) show(place - sign * Math.sign(moved));
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => {
    dialog.remove();
    links[place].focus();
  });
  show(place);
  document.body.append(dialog);
  dialog.showModal();
};
