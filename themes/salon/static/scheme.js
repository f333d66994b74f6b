// Applies a colour scheme: "light", "dark", or null for the system's.
const applyScheme = (scheme) => {
  const root = document.documentElement;
  if (scheme) root.dataset.scheme = scheme;
  else delete root.dataset.scheme;
  for (const link of document.querySelectorAll("link[data-scheme]")) {
    const own = link.dataset.scheme;
    link.media = scheme ? (own === scheme ? "all" : "not all") : `(prefers-color-scheme: ${own})`;
  }
};

// Applies the one that the reader chose here, before the page is drawn. Storage throws an error in browsers that block it.
try {
  const chosen = localStorage.getItem("causerie-scheme");
  if (chosen === "light" || chosen === "dark") applyScheme(chosen);
} catch {}
