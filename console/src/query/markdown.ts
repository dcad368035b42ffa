import MarkdownIt, { type Token } from "markdown-it";
import { isWeb } from "./web";

/** A text, or an element with what is in it. Markdown of a sender becomes these, and never HTML. */
export type Part = string | Element;
export interface Element {
  tag: string;
  /** Where a link leads: to the web, or to somebody's mail. */
  href?: string;
  /** With what an ordered list begins to count. */
  start?: number;
  children: Part[];
}

/** All that Markdown may become; an element of any other name is passed over, and what is in it shows. */
export const TAGS: ReadonlySet<string> = new Set([
  ...[
    "a",
    "blockquote",
    "br",
    "code",
    "em",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "strong",
  ],
  ...["table", "tbody", "td", "th", "thead", "tr", "ul"],
]);

// Where `html` is off, tags are text; with `breaks`, the lines of a check stay lines.
const markdown = new MarkdownIt({ html: false, breaks: true });
markdown.validateLink = (address) => isWeb(address) || /^mailto:/iu.test(address);

/** Reads a text as Markdown. An address that may not be followed leaves its link as it was written. */
export function partsOf(text: string): Part[] {
  return nested(markdown.parse(text, {}));
}

/** Makes a tree of tokens, which stand in a row: some open an element, some close it. */
function nested(tokens: readonly Token[]): Part[] {
  const whole: Part[] = [];
  const open = [whole];
  for (const token of tokens) {
    const here = open.at(-1) ?? whole;
    if (token.nesting < 0) {
      open.pop();
    } else if (token.nesting === 0) {
      here.push(...leaf(token));
    } else if (token.hidden || !TAGS.has(tagOf(token))) {
      open.push(here);
    } else {
      const opened = opening(token);
      here.push(opened);
      open.push(opened.children);
    }
  }
  return whole;
}

function opening(token: Token): Element {
  const opened = element(tagOf(token), []);
  const href = token.attrGet("href");
  const start = token.attrGet("start");
  if (href) opened.href = String(href);
  if (start) opened.start = Number(start);
  return opened;
}

function leaf(token: Token): Part[] {
  switch (token.type) {
    case "inline":
      return nested(token.children ?? []);
    case "hardbreak":
    case "softbreak":
      return [element("br", [])];
    case "hr":
      return [element("hr", [])];
    case "code_inline":
      return [element("code", [token.content])];
    case "fence":
    case "code_block":
      return [element("pre", [token.content])];
    case "image":
      // A picture of elsewhere would tell its owner who reads the event, and when.
      return [token.content || String(token.attrGet("src"))];
    default:
      return [token.content];
  }
}

/** Headings come below that of the event, which is the second. */
function tagOf(token: Token): string {
  const heading = /^h([1-6])$/u.exec(token.tag);
  return heading ? `h${Math.min(6, Number(heading[1]) + 2)}` : token.tag;
}

function element(tag: string, children: Part[]): Element {
  return { tag, children };
}
