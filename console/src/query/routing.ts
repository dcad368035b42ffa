/** The order of routes, and what can be asked of them. */

export interface Placed {
  id: string;
  position: number;
}

/**
 * Gives the places to write so that a route changes places with a neighbour.
 * @param routes all of them, in their order
 * @param id which is moved
 * @param over the neighbour that it goes to the other side of
 */
export function exchanged(routes: readonly Placed[], id: string, over: string): Placed[] {
  const order = routes.map((route) => (route.id === id ? over : route.id === over ? id : route.id));
  const before = new Map(routes.map((route) => [route.id, route.position]));
  // Of equal positions the oldest comes first: only different ones say the order.
  return order
    .map((each, place) => ({ id: each, position: place + 1 }))
    .filter((each) => before.get(each.id) !== each.position);
}

export type Question = { event: Record<string, unknown> } | { event_id: string } | { alert_id: string };

/** Reads what somebody asks about: an id, or an event as it would be posted; null where it is neither. */
export function question(text: string): Question | null {
  const given = text.trim();
  if (/^event-[0-9a-f]+$/.test(given)) return { event_id: given };
  if (/^alert-[0-9a-f]+$/.test(given)) return { alert_id: given };
  try {
    const event: unknown = JSON.parse(given);
    return typeof event === "object" && event && !Array.isArray(event)
      ? { event: event as Record<string, unknown> }
      : null;
  } catch {
    return null;
  }
}
