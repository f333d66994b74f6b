// The search box until somebody uses it. "/" goes to it; what finds things is loaded when it has the focus.
const isListed = document.querySelector("[data-search-results]") && new URLSearchParams(location.search).get("q");
const boxes = [...document.querySelectorAll("form[data-client] [type=search]")];
for (const box of boxes) {
  let client;
  const load = () => {
    client ??= import(box.form.dataset.client).then(({ attach }) => attach(box.form)).catch(() => {
      client = null;
      document.querySelector("[data-search-broken]")?.removeAttribute("hidden");
    });
  };
  box.addEventListener("focus", load);
  if (box === document.activeElement || (isListed && box === boxes[0])) load();
}
addEventListener("keydown", (event) => {
  const { key, ctrlKey, metaKey, altKey, target } = event;
  if (key !== "/" || ctrlKey || metaKey || altKey || !boxes.length) return;
  if (target.isContentEditable || target.closest?.("input, textarea, select")) return;
  event.preventDefault();
  boxes[0].focus();
});
