/** The terms of an expression, as far as the console edits them: those that stand side by side. */

/** What the terms of one field ask for. */
export interface Choice {
  included: string[];
  excluded: string[];
}

const BARE = /^[\p{L}\p{N}_][\p{L}\p{N}_./@-]*$/u;
const NAME = '(?:labels\\."(?:\\\\.|[^"\\\\])*"|[A-Za-z_][A-Za-z0-9_.-]*)';
const VALUE = '("(?:\\\\.|[^"\\\\])*"|[^\\s()"]+)';
const SIMPLE = new RegExp(`^(-?)(${NAME})(=|!=|:)${VALUE}$`, "u");
const PLAIN_LABEL = /^[A-Za-z0-9_.-]+$/;

/** Writes a value so that it stands for itself. */
export function quote(value: string): string {
  return BARE.test(value) ? value : `"${value.replace(/["\\*]/g, "\\$&")}"`;
}

/** Writes the name of a label's field. */
export function labelField(label: string): string {
  return PLAIN_LABEL.test(label) ? `labels.${label}` : `labels."${label.replace(/["\\]/g, "\\$&")}"`;
}

/**
 * Splits an expression into the terms that are joined by AND. One with an OR beside them, or that ends in
 * the middle of something, is one term.
 */
export function split(expression: string): string[] {
  const words = wordsOf(expression.trim());
  if (words === null || words.includes("OR")) return [expression.trim()];
  const terms: string[] = [];
  let negation = "";
  for (const word of words) {
    if (word === "AND") continue;
    if (word === "NOT") negation += "NOT ";
    else {
      terms.push(negation + word);
      negation = "";
    }
  }
  return negation ? [expression.trim()] : terms;
}

/** Joins terms to an expression. */
export function join(terms: readonly string[]): string {
  return terms.filter(Boolean).join(" ");
}

/** Adds a condition to an expression that may have alternatives. */
export function and(expression: string, term: string): string {
  return join([...closed(expression), term]);
}

/** Says what the terms ask of a field. */
export function choiceOf(expression: string, field: string): Choice {
  const choice: Choice = { included: [], excluded: [] };
  for (const term of closed(expression)) {
    const found = asks(term, field);
    if (found) {
      choice.included.push(...found.included);
      choice.excluded.push(...found.excluded);
    }
  }
  return choice;
}

/** Includes or excludes a value of a field, or takes that back where it is so already. */
export function toggle(expression: string, field: string, value: string, how: keyof Choice): string {
  const choice = choiceOf(expression, field);
  const had = choice[how].includes(value);
  const next: Choice = {
    included: choice.included.filter((each) => each !== value),
    excluded: choice.excluded.filter((each) => each !== value),
  };
  if (!had) next[how].push(value);
  const others = closed(expression).filter((term) => !asks(term, field));
  const wanted = next.included.map((each) => `${field}=${quote(each)}`);
  const alternatives = wanted.length > 1 ? `(${wanted.join(" OR ")})` : (wanted[0] ?? "");
  return join([...others, alternatives, ...next.excluded.map((each) => `${field}!=${quote(each)}`)]);
}

/** Leaves out one of the terms. */
export function without(expression: string, place: number): string {
  return join(split(expression).filter((_, index) => index !== place));
}

function closed(expression: string): string[] {
  const terms = split(expression);
  const [only] = terms;
  if (terms.length !== 1 || !only || !(wordsOf(only) ?? ["OR"]).includes("OR")) return terms;
  return [`(${only})`];
}

/** What a term asks of a field, where it asks for nothing else and only for plain values. */
function asks(term: string, field: string): Choice | null {
  const parts = /^\(.*\)$/su.test(term) ? wordsOf(term.slice(1, -1)) : [term];
  if (!parts) return null;
  const choice: Choice = { included: [], excluded: [] };
  const isGroup = parts.length > 1;
  for (const part of parts) {
    if (isGroup && part === "OR") continue;
    const [, negation, name, operator, written] = SIMPLE.exec(part) ?? [];
    if (name !== field || written === undefined || (operator === ":" && written.includes("*"))) return null;
    const isExcluded = (negation === "-") !== (operator === "!=");
    if (isGroup && isExcluded) return null;
    choice[isExcluded ? "excluded" : "included"].push(unquote(written));
  }
  if (isGroup && parts.filter((part) => part === "OR").length !== choice.included.length - 1) return null;
  return choice;
}

function unquote(written: string): string {
  return written.startsWith('"') ? written.slice(1, -1).replace(/\\(["\\*])/g, "$1") : written;
}

/** Cuts at white space outside of quotation marks and parentheses; null where one of these stays open. */
function wordsOf(text: string): string[] | null {
  const words: string[] = [];
  let word = "";
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (quoted) {
      word += character;
      if (character === "\\" && at + 1 < text.length) word += text[++at];
      else if (character === '"') quoted = false;
      continue;
    }
    if (character === '"') quoted = true;
    if (character === "(") depth++;
    if (character === ")") depth--;
    if (depth < 0) return null;
    if (depth === 0 && /\s/u.test(character)) {
      if (word) words.push(word);
      word = "";
    } else word += character;
  }
  if (quoted || depth) return null;
  if (word) words.push(word);
  return words;
}
