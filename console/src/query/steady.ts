/** Keeps things that are looked at in their places. */

/**
 * Puts items into the order in which they stood before; those that are new come last.
 * @param before their names as they stood
 * @param items as they would stand now
 * @param nameOf gives the name of one
 */
export function steady<T>(before: readonly string[], items: readonly T[], nameOf: (item: T) => string): T[] {
  const placeOf = (item: T) => {
    const place = before.indexOf(nameOf(item));
    return place < 0 ? before.length : place;
  };
  return [...items].sort((a, b) => placeOf(a) - placeOf(b));
}
