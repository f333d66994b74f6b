// What the search needs for few questions: for words that the index does not have, and for the page of all results. The
// module that it belongs to hands over what both need.

/** Whether one insertion, deletion, substitution or transposition makes one word of the other. */
function isOneMistake(one, other, shared) {
  let [from, to, end] = [shared(one, other), one.length, other.length];
  while (to > from && end > from && one[to - 1] === other[end - 1]) [to, end] = [to - 1, end - 1];
  const isTurned = one[from] === other[from + 1] && one[from + 1] === other[from];
  return Math.max(to, end) - from <= 1 || (to === end && to - from === 2 && isTurned);
}

/** The words of the index that a word with a mistake may mean. */
export async function corrections(index, letters, { toKey, fromKey, shared }) {
  // Of two letters that changed places in the middle neither half is right, but what is outside of them is.
  const half = Math.floor((letters.length - 1) / 2);
  const right = new Set();
  for (const mark of ["", "\x01"]) {
    const turned = (all) => (mark ? all.toReversed() : all);
    const order = turned(letters);
    const low = mark + toKey(order.slice(0, half).join(""));
    const near = await index.entries("spelling", low, `${low}\xff`, 2, mark + toKey(order.join("")));
    for (const { key } of near) {
      const other = turned([...fromKey(key.slice(mark.length))]);
      if (isOneMistake(letters, other, shared)) right.add(toKey(other.join("")));
    }
  }
  return [...right].slice(0, 5);
}

/** The word that begins most like one that the index does not have: "manager" for "managing". */
export async function neighbour(index, letters, { toKey, shared }) {
  const key = toKey(letters.join(""));
  const low = toKey(letters.slice(0, Math.max(4, letters.length - 4)).join(""));
  const near = await index.entries("words", low, `${low}\xff`, 2, key);
  const likeness = ({ key: other }) => (other.includes(":") ? -1 : shared(key, other) - other.length / 1000);
  const [best] = near.sort((a, b) => likeness(b) - likeness(a));
  return best && !best.key.includes(":") ? best.key : null;
}

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
