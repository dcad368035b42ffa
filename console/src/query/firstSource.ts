/** The source for what somebody connects first: one that is there for it, or how another is to be called. */
import type { SourceItem } from "../api/client";

type Known = Pick<SourceItem, "name" | "format" | "enabled">;

/** Gives the source that was made for a system before and takes what it sends, undefined where there is none. */
export function sourceFor<S extends Known>(
  sources: readonly S[],
  name: string,
  format: string,
): S | undefined {
  const isNamed = (each: S) => each.name === name || new RegExp(`^${name}-\\d+$`).test(each.name);
  return sources.find((each) => isNamed(each) && each.format === format && each.enabled);
}

/** Gives a name that no source has: one of that name may be disabled, or of another format. */
export function freeName(sources: readonly Known[], name: string): string {
  const taken = new Set(sources.map((each) => each.name));
  let free = name;
  for (let number = 2; taken.has(free); number++) free = `${name}-${number}`;
  return free;
}
