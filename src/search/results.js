// The page of all results. The client loads this module on that page only, and hands over its own functions.

/** Lists what is found on a page of its own. */
export async function listAll(page, query, { search, index, input, words, make, counted, shown, gaps, A_PAGE, AT_ONCE }) {
  input.value = query;
  document.title = `${query} – ${document.title}`;
  const answer = await search(index, query).catch(() => null);
  const count = make("p", { class: "search-count", role: "status" }, answer ? counted(answer) : words.broken);
  page.replaceChildren(count);
  if (!answer) return;
  const results = make("ol", { class: "search-results" });
  const links = results.getElementsByTagName("a");
  const more = make("button", { type: "button", class: "search-more" }, words.more);
  const add = async (number) => {
    more.disabled = true;
    const found = await answer.next(number);
    for (const result of found) {
      if (!result.isFull && answer.full && !results.querySelector(".search-some")) {
        results.append(make("li", { class: "search-some" }, words.some));
      }
      const [title, ...lines] = shown(result);
      results.append(make("li", { class: "search-result" }, make("a", { href: result.url }, title), ...lines));
    }
    // Only now is it known how many of them say what was asked for.
    const said = results.children.length ? counted(answer) : words.none;
    if (count.textContent !== said) count.textContent = said;
    more.disabled = false;
    more.hidden = answer.isDone;
    page.querySelector(".search-note")?.remove();
    page.append(...gaps());
    // Who comes back finds as many as were shown.
    if (links.length > AT_ONCE) history.replaceState({ results: links.length }, "");
  };
  // A page of results is fetched in two steps: the second is not needed before its reader comes to the end of the first.
  let wanted = Math.min(history.state?.results ?? A_PAGE, 200);
  const goOn = async () => {
    if (links.length < wanted && !more.disabled && !more.hidden) {
      await add(wanted - links.length);
      watch();
    }
  };
  const end = new IntersectionObserver((seen) => seen.at(-1).isIntersecting && goOn());
  // A look that begins tells at once what is in view, which a button that only stays there would not.
  const watch = () => {
    end.unobserve(more);
    end.observe(more);
  };
  results.addEventListener("focusin", ({ target }) => target === links[links.length - 1] && goOn());
  page.append(results, more);
  more.addEventListener("click", async () => {
    const before = links.length;
    wanted = before + A_PAGE;
    await add(AT_ONCE);
    links[before]?.focus();
    watch();
  });
  await add(history.state?.results ? wanted : AT_ONCE);
  watch();
}
