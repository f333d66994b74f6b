// The reply form until somebody uses it. What sends a reply without leaving the page is loaded at the first touch, or at once if
// a draft or a message is stored. Without JavaScript the form leads to a separate page.
(() => {
  const words = document.currentScript.dataset;
  const form = document.getElementById("respond");
  if (form?.tagName !== "FORM" || form.enctype === "text/plain") return;
  let loaded;
  const load = () => {
    loaded ??= import(words.form).then(({ attach }) => {
      form.removeEventListener("submit", submitLater);
      attach(form, words);
      return true;
    }).catch(() => {
      // Retry at the next touch if the network is unavailable for a moment.
      loaded = null;
      return false;
    });
    return loaded;
  };
  let isSubmitting = false;
  const submitLater = async (event) => {
    event.preventDefault();
    if (isSubmitting) return;
    isSubmitting = true;
    if (await load()) form.requestSubmit();
    else form.submit();
    isSubmitting = false;
  };
  form.addEventListener("submit", submitLater);
  form.addEventListener("focusin", load);
  // Storage throws an error in browsers that block it.
  try {
    const page = form.elements.namedItem("page").value;
    if (sessionStorage.getItem("causerie-sent") || localStorage.getItem(`causerie-draft ${page}`)) load();
  } catch {}
})();
