/** Moves the keyboard's focus along the rows of a list: the elements with `data-row`. */
export function step(list: HTMLElement | undefined, by: number): void {
  const rows = [...(list?.querySelectorAll<HTMLElement>("[data-row]") ?? [])];
  const place = rows.findIndex((row) => row.contains(document.activeElement));
  rows[Math.max(0, Math.min(rows.length - 1, place + by))]?.focus();
}
