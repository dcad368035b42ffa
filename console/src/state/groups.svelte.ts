/** A list in groups: how many each holds, and the rows of those that are open, page by page. */
import { isGivenUp, messageOf } from "../api/client";
import { type Group, kept } from "../query/grouping";
import { patched, unique } from "../query/triage";

/** What was counted. */
export interface Counted {
  groups: Group[];
  total: number;
  /** How many are in other groups, ... */
  rest: number;
  /** ... and how many groups these are. */
  others: number;
}

/** How the items of a list are counted and read. */
export interface Reader<T> {
  count(signal: AbortSignal): Promise<Counted>;
  /** Reads a group page by page; what it returns is the last one. */
  pages(value: string, signal: AbortSignal): AsyncGenerator<T[], T[]>;
  /** Reads again those of some items that are still in a group; without it they all are, as they were. */
  again?(value: string, items: readonly T[], signal: AbortSignal): Promise<T[]>;
}

export type Row<T> =
  | { kind: "head"; id: string; group: Group; isOpen: boolean }
  | { kind: "item"; id: string; group: Group; item: T }
  | { kind: "more"; id: string; group: Group };

/** What was read of a group that is open. */
interface Read<T> {
  items: readonly T[];
  gone: ReadonlySet<string>;
  waiting: number;
  /** What reads on; null where all is read. */
  pages: AsyncGenerator<T[], T[]> | null;
}

const HEAD = "group ";

/** Says whether a row is the head of a group. */
export function isHead(id: string): boolean {
  return id.startsWith(HEAD);
}

/** Reads the values whose groups are open, as an address has them. */
export function listOf(written: string): string[] {
  try {
    const read: unknown = JSON.parse(written || "[]");
    return Array.isArray(read) ? read.filter((each) => typeof each === "string") : [];
  } catch {
    return [];
  }
}

export class Groups<T extends { id: string }> {
  counted: Counted | null = $state.raw(null);
  failure = $state("");
  /** Whether the list may be put into order anew: nobody works on it. */
  idle = () => true;
  rows: Row<T>[] = $derived.by(() => (this.counted?.groups ?? []).flatMap((group) => this.#rowsOf(group)));
  items: T[] = $derived(this.rows.flatMap((row) => (row.kind === "item" ? [row.item] : [])));
  /** Those of them that are not found any more. */
  gone: ReadonlySet<string> = $derived.by(() => new Set(this.#reads.flatMap(({ gone }) => [...gone])));
  /** How many are found now and not shown yet. */
  waiting = $derived.by(() => this.#reads.reduce((sum, { waiting }) => sum + waiting, 0));

  #open: readonly string[] = $state.raw([]);
  #read: ReadonlyMap<string, Read<T>> = $state.raw(new Map());
  #reader: Reader<T> | null = null;
  #request = new AbortController();
  /** The number of the newest look: what an older one finds does not count. */
  #look = 0;
  #reading = new Set<string>();

  /** Shows other groups, as far as they were opened; with null, none. They are counted by `refresh`. */
  show(reader: Reader<T> | null): void {
    this.#request.abort();
    this.#request = new AbortController();
    this.#reader = reader;
    this.#read = new Map();
    this.#reading.clear();
    this.counted = null;
    this.failure = "";
  }

  /** Has just the groups of some values open. */
  open(values: readonly string[]): void {
    this.#open = values;
    this.#read = new Map([...this.#read].filter(([value]) => values.includes(value)));
    for (const { value } of this.counted?.groups ?? []) {
      if (values.includes(value) && !this.#read.has(value)) void this.more(value);
    }
  }

  /** Reads the next page of a group that is open. */
  async more(value: string): Promise<void> {
    const reader = this.#reader;
    const before = this.#read.get(value);
    if (!reader || this.#reading.has(value) || before?.pages === null) return;
    this.#reading.add(value);
    const { signal } = this.#request;
    await this.#attempt(async () => {
      const pages = before?.pages ?? reader.pages(value, signal);
      const next = await pages.next();
      // It was closed meanwhile, or read anew.
      if (signal.aborted || !this.#open.includes(value) || this.#read.get(value)?.pages !== before?.pages)
        return;
      const known = new Set(before?.items.map(({ id }) => id));
      const items = [...(before?.items ?? []), ...next.value.filter(({ id }) => !known.has(id))];
      const rest = next.done ? null : pages;
      this.#put(value, {
        items,
        gone: before?.gone ?? new Set(),
        waiting: before?.waiting ?? 0,
        pages: rest,
      });
    });
    if (!signal.aborted) this.#reading.delete(value);
  }

  /**
   * Counts and reads again, without moving what is shown unless nobody works on it.
   * @param anew whether all is put into order, whoever works on it
   */
  async refresh(anew = false): Promise<void> {
    const reader = this.#reader;
    if (!reader) return;
    const look = ++this.#look;
    const { signal } = this.#request;
    await this.#attempt(async () => {
      const counted = await reader.count(signal);
      if (signal.aborted || look !== this.#look) return;
      const stays = !anew && !this.idle() && this.counted !== null;
      this.counted = stays
        ? { ...counted, groups: kept(this.counted?.groups ?? [], counted.groups) }
        : counted;
      this.failure = "";
      for (const { value } of this.counted.groups) {
        if (signal.aborted || look !== this.#look) return;
        if (this.#read.has(value)) await this.#again(reader, value, stays, signal);
        else if (this.#open.includes(value)) await this.more(value);
      }
    });
  }

  /** Gives the group whose head is a row. */
  groupAt(id: string): Group | null {
    return this.rows.find((row) => row.kind === "head" && row.id === id)?.group ?? null;
  }

  async #again(reader: Reader<T>, value: string, stays: boolean, signal: AbortSignal): Promise<void> {
    const before = this.#read.get(value);
    if (!before || this.#reading.has(value)) return;
    const pages = reader.pages(value, signal);
    const found: T[] = [];
    let done: boolean | undefined;
    do {
      const next = await pages.next();
      found.push(...next.value);
      ({ done } = next);
    } while (!done && found.length <= before.items.length);
    if (signal.aborted || this.#read.get(value) !== before) return;
    const rest = done ? null : pages;
    const once = unique(found);
    if (!stays) {
      this.#put(value, { items: once, gone: new Set(), waiting: 0, pages: rest });
      return;
    }
    const { items, gone, waiting } = patched(before.items, once, done);
    const missing = items.filter(({ id }) => gone.has(id));
    const still = done || !missing.length ? [] : await (reader.again?.(value, missing, signal) ?? missing);
    if (signal.aborted || this.#read.get(value) !== before) return;
    const patch = patched(items, unique([...once, ...still]));
    this.#put(value, { items: patch.items, gone: patch.gone, waiting, pages: rest });
  }

  get #reads(): Read<T>[] {
    return [...this.#read.values()];
  }

  #put(value: string, read: Read<T>): void {
    this.#read = new Map(this.#read).set(value, read);
  }

  #rowsOf(group: Group): Row<T>[] {
    const isOpen = this.#open.includes(group.value);
    const rows: Row<T>[] = [{ kind: "head", id: `${HEAD}${group.value}`, group, isOpen }];
    if (!isOpen) return rows;
    const read = this.#read.get(group.value);
    for (const item of read?.items ?? []) rows.push({ kind: "item", id: item.id, group, item });
    if (read?.pages !== null)
      rows.push({ kind: "more", id: `more ${read?.items.length} ${group.value}`, group });
    return rows;
  }

  async #attempt(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (fault) {
      if (!isGivenUp(fault)) this.failure = messageOf(fault);
    }
  }
}
