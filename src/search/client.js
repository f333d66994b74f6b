// The search of a site that has no server: finds the files of the index that a question needs, and shows what they say.
// The index is described, byte by byte, in Causerie's manual ("The search index"). Whatever comes from it is shown as
// text and never as HTML.

// What a word is. The index is made by the same rules, in Rust; one table of examples holds both to them.

const UNSPACED =
  "[\\u0e00-\\u0eff\\u1000-\\u109f\\u1780-\\u17ff\\u3005-\\u3007\\u3040-\\u30ff\\u31f0-\\u31ff\\uff66-\\uff9f" +
  "\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}]";
const UNIT = `(?=[\\p{Alphabetic}\\p{M}\\p{N}])${UNSPACED}[\\p{M}\\uff9e\\uff9f]*`;
const SPACED = `(?:(?!${UNSPACED})[\\p{Alphabetic}\\p{M}\\p{N}_\\xad\\u200c-\\u200f\\u2060\\ufeff])+`;
const RUNS = new RegExp(`(?:${UNIT})+|${SPACED}(?:['’.·]${SPACED})*`, "gu");
const UNITS = new RegExp(UNIT, "gu");
const ONE_UNIT = new RegExp(`^${UNIT}$`, "u");
const SEAMS = /[_'’.·]+|(?<=[\p{Lowercase}\p{N}])(?=\p{Uppercase})|(?<=\p{Uppercase})(?=\p{Uppercase}\p{Lowercase})/u;
const SILENT = new RegExp(
  "[ '’\\xad\\u02bb\\u02bc\\u0300-\\u036f\\u0483-\\u0489\\u0591-\\u05bd\\u05bf\\u05c1\\u05c2\\u05c4\\u05c5\\u05c7" +
    "\\u0640\\u064b-\\u065f\\u0670\\u1ab0-\\u1aff\\u1dc0-\\u1dff\\u200c-\\u200f\\u2060\\u20d0-\\u20ff\\ufe00-\\ufe0f" +
    "\\ufe20-\\ufe2f\\ufeff\\u{e0100}-\\u{e01ef}]",
  "gu",
);
const PLAIN = { ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", ı: "i", ς: "σ" };

/** So many words with hyphens between them are one word as well. */
const MOST_JOINED = 4;

/** A word without what readers do not care about: case, accents, forms of letters. */
export function fold(text) {
  const small = text.normalize("NFKD").toLowerCase().replace(SILENT, "");
  const plain = small.replace(/[ßæœøłđðþıς]/g, (letter) => PLAIN[letter]).normalize("NFC");
  return [...plain].slice(0, 40).join("");
}

/**
 * The words of a text: where each is, how it is folded, and its parts. Of words with hyphens between them each knows the
 * `whole`, which is what they are without the hyphens.
 */
export function tokens(text) {
  const found = [];
  let compound = [];
  const join = () => {
    const [start, end] = [compound[0]?.start, compound.at(-1)?.end];
    const written = text.slice(start, end);
    if (compound.length > 1 && compound.length <= MOST_JOINED && /\p{Alphabetic}/u.test(written)) {
      const whole = { end, word: fold(written.replace(/[-‐‑]/g, "")) };
      for (const token of compound) token.whole = whole;
    }
    compound = [];
  };
  for (const { 0: run, index } of text.matchAll(RUNS)) {
    const units = [...run.matchAll(UNITS)];
    if (units.length) join();
    for (const [at, unit] of units.entries()) {
      if (at && at === units.length - 1) continue;
      const last = units[at + 1] ?? unit;
      const [start, end] = [index + unit.index, index + last.index + last[0].length];
      found.push({ start, end, word: fold(text.slice(start, end)), parts: [] });
    }
    const word = fold(run);
    if (units.length || !/[\p{Alphabetic}\p{N}]/u.test(word)) continue;
    const pieces = run.split(SEAMS);
    // The number of a version: 2.0 is found where v2.0 stands.
    if (/^[vV]\p{N}.*\./u.test(run)) pieces.push(run.slice(1));
    const parts = pieces.length > 1 ? pieces.map(fold).filter((part) => [...part].length > 1) : [];
    if (compound.length && !/^[-‐‑]$/.test(text.slice(compound.at(-1).end, index))) join();
    compound.push({ start: index, end: index + run.length, word, parts });
    found.push(compound.at(-1));
  }
  join();
  return found;
}

// Files. Keys are strings with a character for each byte, which compare as the bytes do.

const [ROOT, INNER, LEAF, TEXT, POSTINGS] = [0, 1, 2, 3, 4];
/** How many bytes name a file. */
const NAME = 12;

const toKey = (text) => String.fromCharCode(...new TextEncoder().encode(text));
const fromKey = (key) => new TextDecoder().decode(Uint8Array.from(key, (byte) => byte.charCodeAt(0)));

/** Takes numbers and pieces from bytes; throws when they end too early. */
class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  get isDone() {
    return this.at === this.bytes.length;
  }

  take(length) {
    const end = this.at + length;
    if (end > this.bytes.length) throw new Error("it ends too early");
    const taken = this.bytes.subarray(this.at, end);
    this.at = end;
    return taken;
  }

  byte() {
    return this.take(1)[0];
  }

  number() {
    let number = 0;
    for (let place = 1; place < 2 ** 49; place *= 128) {
      const byte = this.byte();
      number += (byte & 127) * place;
      if (byte < 128) return number;
    }
    throw new Error("a number is too long");
  }

  key(length) {
    return String.fromCharCode(...this.take(length));
  }

  piece() {
    return new Reader(this.take(this.number()));
  }
}

/** What a file holds behind its head, which must be what was asked for. */
async function opened(bytes, kind) {
  const file = new Reader(bytes);
  if (file.key(2) !== "cs") throw new Error("it is no file of a search index");
  if (file.byte() !== 2) throw new Error("it has another version");
  if (file.byte() !== kind) throw new Error("it is a file of another kind");
  const packed = new Blob([file.take(file.number())]).stream();
  if (!file.isDone) throw new Error("it is too long");
  const content = packed.pipeThrough(new DecompressionStream("deflate-raw"));
  return new Reader(new Uint8Array(await new Response(content).arrayBuffer()));
}

function readBlock(content) {
  const entries = [];
  for (let key = ""; !content.isDone; ) {
    key = key.slice(0, content.number()) + content.key(content.number());
    entries.push({ key, value: content.take(content.number()) });
  }
  return entries;
}

function readPostings(content, count) {
  const list = [];
  for (let document = 0; count === undefined ? !content.isDone : list.length < count; ) {
    document += content.number();
    const byte = content.byte();
    let passage = byte & 7;
    if (passage === 7) passage += content.number();
    const passages = [passage];
    for (let more = byte & 8; more; ) {
      const step = content.number();
      more = step & 1;
      passages.push((passage += Math.floor(step / 2) + 1));
    }
    list.push({ document, impact: ((byte >> 4) + 0.5) / 16, passages });
  }
  return list;
}

/** What the index says of a word. */
function readWord({ key, value }) {
  const content = new Reader(value);
  const word = { key, count: content.number(), family: [], rest: [] };
  for (let others = content.number(); others > 0; others--) {
    word.family.push(key.slice(0, content.number()) + content.key(content.number()));
  }
  word.postings = readPostings(content, content.number());
  if (content.isDone) return word;
  for (let files = content.number(), first = 0; files > 0; files--) {
    first += content.number();
    word.rest.push({ first, name: content.take(NAME) });
  }
  return word;
}

/** A part of a document's text. */
function readText({ value }) {
  const text = JSON.parse(new TextDecoder().decode(value));
  let before = {};
  const passages = text.p.map(([number, anchor, label, words]) => {
    if (anchor === 0) ({ anchor, label } = before);
    if (anchor === 1) anchor = label.toLowerCase().replaceAll(" ", "-");
    return (before = { number, anchor, label, words });
  });
  return { path: String(text.u), title: String(text.t), date: text.d, section: text.s, passages, next: text.n };
}

/** A number as a key has it, in so many bytes. */
const numberKey = (number, bytes) =>
  String.fromCharCode(...[24, 16, 8, 0].slice(-bytes).map((shift) => (number >>> shift) & 255));

/** How much two keys share at their beginning. */
function shared(one, other) {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}

/** One language's index. What goes wrong while it answers is kept in `problems`; the rest is answered. */
export class Index {
  constructor(url) {
    this.url = url;
    this.site = url.replace(/search-index\/[^/]*$/, "");
    this.files = new Map();
    this.problems = [];
  }

  /** A file, fetched and read once. One that could not be read is asked for again the next time. */
  file(url, kind, read) {
    if (!this.files.has(url)) {
      const content = this.fetched(url, kind).then((bytes) => opened(bytes, kind)).then(read);
      content.catch((error) => {
        this.files.delete(url);
        // A site that was published anew has a new root; the files of the old one may be gone.
        this.files.delete(this.url);
        this.problems.push(`${url}: ${error.message}`);
      });
      this.files.set(url, content);
    }
    return this.files.get(url);
  }

  async fetched(url, kind) {
    // Only the root ever changes under its name. Without a network the one of the last visit is good enough.
    const answer = kind === ROOT
      ? await fetch(url, { cache: "no-cache" }).catch(() => fetch(url, { cache: "force-cache" }))
      : await fetch(url, { cache: "force-cache" });
    if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  }

  named(name, kind, read) {
    const digits = [...name].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return this.file(this.url.replace(/\.bin$/, `/${digits.slice(0, 2)}/${digits.slice(2)}.bin`), kind, read);
  }

  root() {
    return this.file(this.url, ROOT, (content) => {
      const root = { count: content.number(), taxonomies: [] };
      for (let rest = content.number(); rest > 0; rest--) root.taxonomies.push(fromKey(content.key(content.number())));
      for (const tree of ["words", "spelling", "documents"]) {
        root[tree] = { height: content.number(), top: readBlock(content.piece()) };
      }
      return root;
    });
  }

  /** The entries of a tree from `low` to `high`, from at most `limit` leaves: those that are nearest to `near`. */
  async entries(tree, low, high = low, limit = 1, near = low) {
    const { [tree]: { height, top } } = await this.root();
    let entries = top;
    for (let level = height; level > 0; level--) {
      const above = entries.filter(({ key }, at) => key <= high && !(entries[at + 1]?.key <= low));
      let from = Math.max(above.findLastIndex(({ key }) => key <= near), 0);
      let to = from + 1;
      while (to - from < limit && to - from < above.length) {
        const before = from > 0 ? shared(near, above[from].key) : -1;
        const behind = to < above.length ? shared(near, above[to].key) : -1;
        if (behind >= before) to++;
        else from--;
      }
      const kind = level > 1 ? INNER : tree === "documents" ? TEXT : LEAF;
      // A block that cannot be read leaves a gap, no more.
      const blocks = above.slice(from, to).map(({ value }) => this.named(value, kind, readBlock).catch(() => []));
      entries = (await Promise.all(blocks)).flat();
    }
    return entries.filter(({ key }) => key >= low && key <= high);
  }

  async word(key) {
    const [entry] = await this.entries("words", key);
    return entry && this.meaning(entry);
  }

  meaning(entry) {
    try {
      return (entry.word ??= readWord(entry));
    } catch (error) {
      this.problems.push(`${fromKey(entry.key)}: ${error.message}`);
    }
  }

  /** Adds a part of a word's other postings to those that are known. */
  async load({ word, part }) {
    const block = await this.named(part.name, POSTINGS, readBlock).catch(() => []);
    const found = block.find(({ key }) => key === word.key + numberKey(part.first, 4));
    if (!found || part.isLoaded) return;
    part.isLoaded = true;
    for (const posting of readPostings(new Reader(found.value))) word.postings.push(posting);
  }

  /** The part of a document's text that has a passage. */
  async text(document, passage) {
    const key = numberKey(document, 4);
    // The first part of a text may begin with passage 0 or 1, and has what the page begins with.
    const last = key + numberKey(Math.max(passage, 1), 3);
    const parts = await this.entries("documents", key, last, 1, last);
    const part = parts.at(-1);
    if (!part) throw new Error(`there is no document ${document}`);
    return (part.text ??= readText(part));
  }
}

// Questions.

const keys = { toKey, fromKey, shared };

const MOST_CHARACTERS = 1000;
const MOST_TERMS = 20;
const MOST_FILES = 30;
const A_PAGE = 10;
/** So many results are fetched at once. */
const AT_ONCE = 5;

/** What is asked for: words, "phrases", -without, tag:name. */
function parse(query, taxonomies) {
  const names = new Map(taxonomies.flatMap((it) => [it, it.replace(/s$/, "")].map((name) => [name.toLowerCase(), it])));
  const text = query.slice(0, MOST_CHARACTERS).replace(/[“”„«»]/g, '"');
  const terms = [];
  let left = MOST_TERMS;
  for (const { 0: all, index } of text.matchAll(/(?:[^\s"]|"[^"]*"?)+/g)) {
    // An option of a command line, `--open`, is a word.
    const isWithout = /^-[^-]/.test(all);
    const [, name, tag] = /^-?([^":]+):(.+)$/s.exec(all) ?? [];
    const taxonomy = names.get(name?.toLowerCase());
    const words = taxonomy ? [] : tokens(all).slice(0, left);
    left -= taxonomy ? 1 : words.length;
    if (left < 0 || !(taxonomy || words.length)) continue;
    const isExact = isWithout || all.includes('"');
    const isLast = !isExact && index + all.length === text.length;
    terms.push({ isWithout, isExact, isLast, words, taxonomy, tag });
  }
  return terms;
}

/** The lists of the index that stand for a word, each with how well it does. */
async function listsOf(index, word, { isExact, isLast, isTyping }) {
  const lists = new Map();
  const add = (found, weight) => {
    if (found && !(lists.get(found.key)?.weight >= weight)) lists.set(found.key, { word: found, weight });
    return found;
  };
  const addAll = async (keys, weight) => {
    const words = await Promise.all(keys.slice(0, 8).map((key) => index.word(key)));
    return words.map((found) => add(found, weight));
  };
  const key = toKey(word);
  const letters = [...word];
  const begun = async () => {
    for (const entry of await index.entries("words", key, `${key}\xff`, 2)) {
      if (!entry.key.includes(":")) add(index.meaning(entry), entry.key === key ? 1 : 0.45);
    }
  };
  if (!isExact && ((isLast && isTyping && letters.length > 1) || ONE_UNIT.test(word))) await begun();
  else await addAll([key], 1);
  if (isExact) return [...lists.values()];
  await addAll(lists.get(key)?.word.family ?? [], 0.2);
  if (!lists.size && isLast && letters.length > 1) await begun();
  const others = !lists.size && letters.length > 4 && (await import("./corrections.js").catch(({ message }) => void index.problems.push(message)));
  if (others) {
    await addAll(await others.corrections(index, letters, keys), 0.7);
    const other = !lists.size && (await others.neighbour(index, letters, keys));
    if (other) for (const found of await addAll([other], 0.45)) await addAll(found?.family ?? [], 0.45);
  }
  return [...lists.values()];
}

/** The list of a tag. */
async function listOfTag(index, taxonomy, name) {
  const word = await index.word(toKey(`${taxonomy}:${tokens(name).map((it) => it.word).join("-")}`));
  return word ? [{ word, weight: 0 }] : [];
}

/** What a part of a question stands for: a term for each word. */
async function understood(index, { taxonomy, tag, words, isExact, isLast }, isTyping) {
  if (taxonomy) return [{ isTag: true, isNeeded: true, lists: await listOfTag(index, taxonomy, tag) }];
  const terms = words.map(async ({ word, parts, whole }, at) => {
    const manner = { isExact, isTyping, isLast: isLast && at === words.length - 1 };
    const lists = await listsOf(index, word, manner);
    // What is written without hyphens has each of the words between them.
    const joined = whole && (await index.word(toKey(whole.word)));
    if (joined) lists.push({ word: joined, weight: 1 });
    const isFound = isExact || lists.some(({ weight }) => weight === 1);
    if (isFound || !parts.length) return [{ isNeeded: isExact, lists }];
    // An identifier that is nowhere as a whole is looked for by its parts.
    const others = await Promise.all(parts.map((part) => listsOf(index, part, {})));
    return [lists, ...others].filter((found) => found.length).map((found) => ({ lists: found }));
  });
  return (await Promise.all(terms)).flat();
}

/** The parts of a term's postings that are not known yet and would have a document. */
function gapsOf({ lists }, document) {
  const parts = lists.map(({ word }) => ({ word, part: word.rest.findLast(({ first }) => first <= document) }));
  return parts.filter(({ part }) => part && !part.isLoaded);
}

const has = ({ lists }, document) => lists.some(({ word }) => word.postings.some((it) => it.document === document));

/** Finds what is asked for. The answer gives its results in pages: `next(10)`. */
export async function search(index, query, isTyping = false) {
  index.problems = [];
  const { count, taxonomies } = await index.root();
  const asked = parse(query, taxonomies);
  const meant = await Promise.all(asked.map((it) => understood(index, it, isTyping)));
  const parts = asked.map(({ isWithout, isExact, words }, at) => ({ isWithout, isExact, words, terms: meant[at] }));
  return new Answer(index, count, parts);
}

class Answer {
  constructor(index, count, parts) {
    const wanted = parts.filter(({ isWithout }) => !isWithout);
    this.index = index;
    this.terms = wanted.flatMap(({ terms }) => terms);
    this.bans = parts.filter(({ isWithout }) => isWithout);
    this.phrases = wanted.filter(({ isExact, words }) => isExact && words.length > 1);
    this.found = 0;
    this.foundFull = 0;
    this.files = MOST_FILES;
    this.given = new Set();
    for (const term of this.terms) {
      const having = Math.min(count, term.lists.reduce((sum, { word }) => sum + word.count, 0));
      term.rarity = term.isTag ? 0 : Math.log(1 + (count - having + 0.5) / (having + 0.5));
    }
    this.tally();
  }

  /** Collects the documents of all lists, and puts them in order. */
  tally() {
    const rows = new Map();
    for (const [at, { lists }] of this.terms.entries()) {
      for (const { word, weight } of lists) {
        for (const { document, impact, passages } of word.postings) {
          if (!rows.has(document)) rows.set(document, { document, hits: [] });
          const hit = (rows.get(document).hits[at] ??= { weight: 0, places: [] });
          hit.weight = Math.max(hit.weight, weight * impact);
          hit.places.push({ weight, passages });
        }
      }
    }
    // Beside words a tag only keeps to what has it.
    const areTags = this.terms.every(({ isTag }) => isTag);
    const isPossible = ({ document, hits }) =>
      hits.some((_, at) => areTags || !this.terms[at].isTag) &&
      this.terms.every((term, at) => !term.isNeeded || hits[at] || gapsOf(term, document).length) &&
      !this.bans.some(({ terms: [term, ...others] }) => !others.length && has(term, document));
    this.ranked = [...rows.values()].filter(isPossible);
    for (const row of this.ranked) this.weigh(row);
    // What was given out stays where it was.
    const rank = ({ document, isFull }) => 2 * this.given.has(document) + isFull;
    this.ranked.sort((a, b) => rank(b) - rank(a) || b.score - a.score || b.document - a.document);
    this.at = this.ranked.filter(({ document }) => this.given.has(document)).length;
    this.full = this.ranked.filter(({ isFull }) => isFull).length;
  }

  weigh(row) {
    row.score = this.terms.reduce((sum, { rarity }, at) => sum + rarity * (row.hits[at]?.weight ?? 0), 0);
    const count = row.hits.filter(Boolean).length;
    row.isFull = count === this.terms.length;
    // Words that stand together say more. There may be thousands of documents; most have only one of the words.
    if (count < 2) return;
    const said = this.said(row);
    const head = said.get(0);
    // What the title says is said of every passage.
    const together = [...said.values()].map((own) => this.terms.map((_, at) => Math.max(own[at] ?? 0, head[at] ?? 0)));
    const sums = together.filter((own) => own.filter(Boolean).length > 1).map((own) => this.sum(own));
    row.score += Math.max(0, ...sums) / 4;
  }

  /** What each passage says of each term: nothing, or as much as the word that is there is like the one asked for. */
  said({ hits }) {
    const said = new Map([[0, []]]);
    hits.forEach(({ places }, at) => {
      for (const { weight, passages } of places) {
        for (const passage of passages) {
          if (!said.has(passage)) said.set(passage, []);
          const own = said.get(passage);
          own[at] = Math.max(own[at] ?? 0, weight);
        }
      }
    });
    return said;
  }

  sum(said) {
    return said.reduce((sum, weight, at) => sum + this.terms[at].rarity * weight, 0);
  }

  /** The passage that a result is about, and whether the title says as much. */
  place(row) {
    const sums = [...this.said(row)].map(([passage, said]) => [passage, this.sum(said)]);
    const best = sums.sort(([a, one], [b, other]) => other - one || a - b);
    return { place: best.find(([passage]) => passage)?.[0] ?? 0, isTop: best[0][0] === 0 };
  }

  /** A list that is not complete cannot say that a document has not the word. Where few have all words, asks further. */
  async widen() {
    this.isWide = true;
    const parts = new Map();
    let file;
    for (const { document, hits } of this.ranked.slice(0, 200)) {
      const gaps = this.terms.filter((_, at) => !hits[at]).map((term) => gapsOf(term, document));
      if (gaps.some((gap) => !gap.length)) continue;
      for (const gap of gaps.flat()) {
        // One file often has many parts, and is as large as that of a text.
        file ??= String(gap.part.name);
        if (String(gap.part.name) === file) parts.set(gap.part, gap);
      }
    }
    await Promise.all([...parts.values()].map((gap) => this.index.load(gap)));
    if (parts.size) this.tally();
  }

  /** Whether all of them were looked at. */
  get isCounted() {
    return this.at > 0 && this.at >= this.ranked.length && this.files > 0;
  }

  /** How many there are, as far as one can know without looking at all of them. */
  get total() {
    if (this.isCounted) return this.foundFull || this.found;
    const isAlone = this.terms.length === 1 && !this.bans.length;
    const count = isAlone ? Math.max(...this.terms[0].lists.map(({ word }) => word.count), 0) : 0;
    return Math.max(count, this.full) || this.ranked.length;
  }

  get isSure() {
    if (this.isCounted) return true;
    const terms = [...this.terms, ...this.bans.flatMap((ban) => ban.terms)];
    const isOpen = ({ lists }) => lists.some(({ word }) => word.rest.some((part) => !part.isLoaded));
    return !this.phrases.length && !terms.some(isOpen);
  }

  get isDone() {
    return this.at >= this.ranked.length || this.files <= 0;
  }

  /** The next results. */
  async next(count) {
    const results = [];
    if (!this.isWide && this.at + count > this.full) await this.widen();
    while (results.length < count && !this.isDone) {
      const rows = this.ranked.slice(this.at, (this.at += count - results.length));
      for (const { document } of rows) this.given.add(document);
      // One that cannot be read is left out; the index remembers why.
      const found = rows.map((row) => this.keeps(row).then((isKept) => isKept && this.result(row)).catch(() => null));
      results.push(...(await Promise.all(found)).filter(Boolean));
    }
    this.found += results.length;
    this.foundFull += results.filter(({ isFull }) => isFull).length;
    return results;
  }

  /** Looks closer at what the postings alone cannot say. */
  async keeps({ document, hits }) {
    const truly = async (term) => {
      const gaps = gapsOf(term, document);
      this.files -= gaps.length;
      await Promise.all(gaps.map((gap) => this.index.load(gap)));
      return has(term, document);
    };
    for (const [at, term] of this.terms.entries()) if (term.isNeeded && !hits[at] && !(await truly(term))) return false;
    for (const { terms, words } of this.bans) {
      const isIn = (await Promise.all(terms.map(truly))).every(Boolean);
      if (isIn && (words.length < 2 || (await this.says(document, words)))) return false;
    }
    for (const { words } of this.phrases) if (!(await this.says(document, words))) return false;
    return true;
  }

  /** Whether a document has some words one after the other. */
  async says(document, words) {
    const joined = (list) => ` ${list.map(({ word }) => word).join(" ")} `;
    for (let part = 1; part; ) {
      if (this.files-- <= 0) return false;
      const { title, passages, next } = await this.index.text(document, part);
      const texts = [title, ...passages.flatMap(({ label, words }) => [label, words])];
      if (texts.some((text) => joined(tokens(text)).includes(joined(words)))) return true;
      // A text that says of itself that it goes on where it began would never end.
      part = next > part ? next : 0;
    }
    return false;
  }

  async result(row) {
    const { document, isFull } = row;
    // Where the title says as much, the beginning of the page is the place.
    const { place, isTop } = this.place(row);
    const { path, title, date, section, passages } = await this.index.text(document, place);
    const found = passages.find(({ number }) => number === place) ?? passages[0] ?? { words: "" };
    const { anchor = "", label = "", words } = isTop ? { words: found.words } : found;
    const wanted = new Set(this.terms.flatMap(({ lists }) => lists.map(({ word }) => fromKey(word.key))));
    const isWanted = ({ word, parts, whole }) => [word, ...parts, whole?.word].some((it) => wanted.has(it));
    return {
      url: this.index.site + path.replace(/^\/+/, "") + (anchor && `#${encodeURIComponent(anchor)}`),
      isComment: anchor.startsWith("comment-"),
      title: marked(title || decodeURIComponent(path), isWanted),
      label: marked(label, isWanted),
      text: excerpt(words, isWanted),
      date,
      section,
      isFull,
    };
  }
}

/** A text in pieces, of which those that were looked for are marked. */
function marked(text, isWanted, start = 0, end = text.length) {
  const pieces = [];
  let at = start;
  for (const token of tokens(text).filter(isWanted)) {
    if (token.end <= at || token.end > end) continue;
    const from = Math.max(token.start, at);
    pieces.push({ text: text.slice(at, from) }, { text: text.slice(from, token.end), isMarked: true });
    at = token.end;
  }
  return [...pieces, { text: text.slice(at, end) }];
}

/** Some 200 characters of a text around what was looked for. */
function excerpt(text, isWanted) {
  const all = tokens(text);
  const hits = all.filter(isWanted);
  // Where most different ones are near one another, by a window that moves over them.
  const near = new Map();
  const count = ({ word }, step) => {
    const times = (near.get(word) ?? 0) + step;
    if (times) near.set(word, times);
    else near.delete(word);
  };
  let first = hits[0]?.start ?? 0;
  let most = 0;
  for (let at = 0, next = 0; at < hits.length; at++) {
    const { start } = hits[at];
    for (next = Math.max(next, at); hits[next]?.end <= start + 160; next++) count(hits[next], 1);
    if (near.size > most) [first, most] = [start, near.size];
    if (next > at) count(hits[at], -1);
  }
  const from = Math.max(0, Math.min(first - 40, text.length - 200));
  const start = from && (all.find((it) => it.start >= from)?.start ?? from);
  const last = all.findLast((it) => it.end <= start + 200)?.end ?? start + 200;
  const end = start + 200 < text.length ? last : text.length;
  return [{ text: start ? "… " : "" }, ...marked(text, isWanted, start, end), { text: end < text.length ? " …" : "" }];
}

// What the reader meets.

const SAY = {
  results: { one: "{count} result", other: "{count} results" },
  about: { one: "About {count} result", other: "About {count} results" },
  none: "Nothing found",
  some: "With some of the words",
  all: "All results",
  more: "More results",
  comment: "Comment by {name}",
  gaps: "Parts of the search index cannot be read just now; there may be more.",
  broken: "The search index cannot be read just now.",
};

function make(name, properties, ...children) {
  const element = document.createElement(name);
  for (const key in properties) element.setAttribute(key, properties[key]);
  element.append(...children.filter(Boolean));
  return element;
}

const written = (pieces) => pieces.map(({ text, isMarked }) => (isMarked ? make("mark", {}, text) : text));

/** Makes a form find things by itself: results while one types, and those of the page that lists them all. */
export function attach(form) {
  const input = form.querySelector("[type=search]");
  const index = new Index(new URL(form.dataset.index, location).href);
  const words = { ...SAY, ...JSON.parse(form.dataset.words || "{}") };
  let language = form.closest("[lang]")?.lang.replaceAll("_", "-");
  // English dates are written as the pages write them. What is no language at all is English too.
  if (!language || language === "en" || !/^[a-z]{2,3}(-[a-z\d]{2,8})*$/i.test(language)) language = "en-GB";

  const counted = ({ total, isSure }) => {
    if (!total) return words.none;
    const forms = isSure ? words.results : words.about;
    const form = forms[new Intl.PluralRules(language).select(total)] ?? forms.other ?? forms;
    return form.replace("{count}", total.toLocaleString(language));
  };

  const dated = (date) => {
    const day = new Date(date);
    return isNaN(day) ? date : day.toLocaleDateString(language, { dateStyle: "long", timeZone: "UTC" });
  };

  /** What is shown of a result: its title, and the lines below it. */
  const shown = ({ title, label, isComment, date, section, text }) => {
    const [before, behind] = isComment ? words.comment.split("{name}") : [];
    const facts = [
      label.some((piece) => piece.text) && make("span", { dir: "auto" }, before, ...written(label), behind),
      section && make("span", { dir: "auto" }, section),
      date && make("time", { datetime: date, dir: "auto" }, dated(date)),
    ];
    return [
      make("span", { class: "search-title", dir: "auto" }, ...written(title)),
      make("span", { class: "search-facts" }, ...facts),
      make("span", { class: "search-text", dir: "auto" }, ...written(text)),
    ];
  };

  const note = (text) => make("p", { class: "search-note" }, text);
  const gaps = () => (index.problems.length ? [note(words.gaps)] : []);

  // The popup.

  const name = input.labels[0]?.textContent ?? "";
  const list = make("div", { role: "listbox", id: `${input.id}-results`, "aria-label": name });
  const notes = make("div", {});
  const popup = make("div", { class: "search-popup", hidden: "" }, list, notes);
  const status = make("p", { class: "search-status", role: "status" });
  form.append(popup, status);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");

  let turn = 0;
  let last = 0;
  let active = -1;
  let pause;

  const activate = (number) => {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = number;
    const option = list.children[active];
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option?.id ?? "");
  };

  const open = (isOpen) => {
    const opens = isOpen && popup.hidden;
    activate(-1);
    popup.hidden = !isOpen;
    input.setAttribute("aria-expanded", String(isOpen));
    // A box at the end of a small screen has no room for what opens below it.
    if (opens && popup.getBoundingClientRect().bottom > visualViewport.height) form.scrollIntoView();
  };

  const close = () => {
    clearTimeout(pause);
    turn++;
    open(false);
  };

  const option = (href, name, ...children) => {
    const id = `${list.id}-${list.children.length}`;
    const choice = { role: "option", id, href, class: name, tabindex: "-1", "aria-selected": "false" };
    list.append(make("a", choice, ...children));
  };

  const ask = async () => {
    last = performance.now();
    const mine = ++turn;
    const query = input.value.trim();
    if (!query) return close();
    const answer = await search(index, input.value, true).catch(() => null);
    const results = (await answer?.next(AT_ONCE)) ?? [];
    // An answer that comes late has nothing more to say.
    if (mine !== turn) return;
    list.replaceChildren();
    for (const result of results) option(result.url, "search-result", ...shown(result));
    const all = new URL(form.action);
    all.searchParams.set("q", query);
    if (answer && !answer.isDone) option(all.href, "search-all", words.all);
    list.hidden = !list.children.length;
    status.textContent = !answer ? words.broken : results.length ? counted(answer) : words.none;
    notes.replaceChildren(...(results.length ? [] : [note(status.textContent)]), ...(answer ? gaps() : []));
    open(true);
  };

  input.addEventListener("input", () => {
    // At once, but not with every letter of somebody who types faster than anybody reads.
    clearTimeout(pause);
    pause = setTimeout(ask, Math.max(0, last + 40 - performance.now()));
    // What was said, or is on its way, is of another question.
    status.textContent = "";
    turn++;
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    // Between the last option and the first is the box itself.
    const places = list.children.length + 1;
    if (step && popup.hidden) ask();
    else if (step) activate(((active + 1 + step + places) % places) - 1);
    else if (event.key === "Enter" && active >= 0) list.children[active].click();
    else if (event.key === "Escape" && !popup.hidden) close();
    else if (event.key === "Escape") input.value = "";
    else return;
    event.preventDefault();
  });
  // A press on the popup leaves the focus in the box, so that the popup is still there when the press ends.
  popup.addEventListener("mousedown", (event) => event.preventDefault());
  input.addEventListener("blur", close);

  // The page of all results.

  const page = document.querySelector("[data-search-results]");
  const asked = new URLSearchParams(location.search).get("q")?.trim();
  if (page && asked) {
    const parts = { search, index, input, words, make, counted, shown, gaps, A_PAGE, AT_ONCE };
    import("./results.js").then(({ listAll }) => listAll(page, asked, parts)).catch(() => page.replaceChildren(note(words.broken)));
  }
  else if (input === document.activeElement && input.value) ask();
  // Who comes back finds the page as it answered, not what was typed before leaving.
  addEventListener("pagehide", () => {
    close();
    if (page && asked) input.value = asked;
  });
}
