/** How many rows of a file have come, of which parts come one after another. */

const QUOTE = 0x22;
const LINE_END = 0x0a;
/** The lines before the first row: the names of a CSV, the bracket of an array. */
const BEFORE = { csv: 1, json: 1, ndjson: 0 };

export type FileFormat = keyof typeof BEFORE;
export const FORMATS = Object.keys(BEFORE) as FileFormat[];

export class Rows {
  #quotes: boolean;
  #lines: number;
  #quoted = false;

  constructor(format: FileFormat) {
    this.#quotes = format === "csv";
    this.#lines = -BEFORE[format];
  }

  /** Looks at the part that comes next. */
  take(part: Uint8Array): void {
    for (const byte of part) {
      if (byte === QUOTE && this.#quotes) this.#quoted = !this.#quoted;
      else if (byte === LINE_END && !this.#quoted) this.#lines++;
    }
  }

  get count(): number {
    return Math.max(0, this.#lines);
  }
}
