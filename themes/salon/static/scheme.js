// Applies a colour scheme: "light", "dark", or null for the system's.
const applyScheme = (scheme) => {
  const root = document.documentElement;
  if (scheme) root.dataset.scheme = scheme;
  else delete root.dataset.scheme;
  for (const link of document.head.querySelectorAll("[data-scheme]")) {
    const own = link.dataset.scheme;
    link.media = scheme ? (own === scheme ? "all" : "not all") : `(prefers-color-scheme: ${own})`;
  }
};

// The author's own accent. A style in the page itself would not go with a strict content security policy.
const { accent } = document.documentElement.dataset;
if (accent) {
  document.documentElement.style.setProperty("--own-accent", accent);
  document.documentElement.classList.add("own-accent");
}

// Applies the one that the reader chose here, before the page is drawn. Storage throws an error in browsers that block it.
try {
  const chosen = localStorage.getItem("causerie-scheme");
  if (chosen === "light" || chosen === "dark") applyScheme(chosen);
} catch {}
