// A reply link selects the comment to answer. Without this script the reader selects it from a list in the form.
(() => {
  const form = document.getElementById("respond");
  const list = document.getElementById("reply-to");
  if (!form || !list) return;
  const title = document.getElementById("reply-title");
  const cancel = form.querySelector(".cancel-reply");
  const plain = title.textContent;

  const choose = (id, author) => {
    list.value = id;
    title.textContent = id ? `${plain} to ${author}` : plain;
    cancel.hidden = !id;
  };
  form.querySelector(".field-reply-to").hidden = true;
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".reply-link");
    if (link) {
      event.preventDefault();
      choose(link.dataset.replyTo, link.dataset.author);
      form.scrollIntoView();
      document.getElementById("reply-name").focus({ preventScroll: true });
    } else if (event.target.closest(".cancel-reply a")) {
      event.preventDefault();
      choose("", "");
      document.getElementById("reply-comment").focus();
    }
  });
})();
