// Applies the colour scheme that the reader chose here, before the page is drawn. Without a choice the system's applies.
(() => {
  let scheme = null;
  // Storage throws an error in browsers that block it.
  try { scheme = localStorage.getItem("causerie-scheme"); } catch {}
  if (scheme !== "light" && scheme !== "dark") return;
  document.documentElement.dataset.scheme = scheme;
  for (const link of document.querySelectorAll("link[data-scheme]")) link.media = link.dataset.scheme === scheme ? "all" : "not all";
})();
