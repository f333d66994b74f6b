// Corrections of spelling, for words that the index does not have. The client loads this module when it needs it, and hands
// over its own functions.

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
