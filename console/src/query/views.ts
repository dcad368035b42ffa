/** Views: what the address of a page holds, as it is saved and opened again. */
import type { NewView, ViewItem } from "../api/client";

export type SavedPage = ViewItem["page"];
/** What a view holds of a page. */
export type PageState = Pick<ViewItem, "expression" | "from" | "to" | "columns" | "group" | "show" | "order">;

/** The parameters of each page's address, by the members of a view. */
const PARAMETERS: Record<SavedPage, Partial<Record<keyof PageState, string>>> = {
  events: { expression: "q", from: "from", to: "to", columns: "columns", group: "group" },
  alerts: { expression: "q", group: "group", show: "show", order: "order" },
};

/** Reads the state of a page from its address. */
export function stateOf(page: SavedPage, params: URLSearchParams): Partial<PageState> {
  return Object.fromEntries(membersOf(page).map(([member, name]) => [member, params.get(name) ?? ""]));
}

/** Gives the address at which a view is opened. */
export function addressOf(view: ViewItem): string {
  const params = new URLSearchParams({ view: view.id });
  for (const [member, name] of membersOf(view.page)) {
    if (view[member]) params.set(name, view[member]);
  }
  return `/${view.page}?${params}`;
}

/** Gives the address of the wall of a view. */
export function wallOf(view: ViewItem): string {
  return `/wall?${new URLSearchParams({ view: view.id })}`;
}

/** Says whether a page shows something else than the view that it was opened as. */
export function isChanged(view: ViewItem, params: URLSearchParams): boolean {
  return Object.entries(stateOf(view.page, params)).some(
    ([member, value]) => view[member as keyof PageState] !== value,
  );
}

/** Writes a view to save. */
export function newView(page: SavedPage, state: Partial<PageState>, name: string, shared: boolean): NewView {
  return { name, page, shared, ...state } as NewView;
}

function membersOf(page: SavedPage): [keyof PageState, string][] {
  return Object.entries(PARAMETERS[page]) as [keyof PageState, string][];
}
