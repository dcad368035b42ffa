/** The texts of saved views. */

export const views = {
  menu: "Views",
  open: "Open a view",
  own: "Mine",
  shared: "Shared",
  by: (owner: string) => (owner ? `shared by ${owner}` : "shared by somebody who is gone"),
  pages: { alerts: "alerts", events: "events" },
  none: "No views yet. Save view, above the alerts and the events, keeps what you see there.",
  missing: "The view of this address is not there: it was deleted, or is not shared with you.",
  name: "Name",
  share: "Share it",
  shareHint:
    "All who may read in this domain then see its name and expression, and of what it finds what they may see.",
  verb: "Save",
  save: "Save view",
  saved: (name: string) => `${name} is saved.`,
  deleted: (name: string) => `${name} is deleted.`,
  changed: (name: string) => `View: ${name}, changed`,
  unchanged: (name: string) => `View: ${name}`,
  overtaken:
    "Somebody else has changed the view meanwhile, so nothing was saved. It was loaded anew: compare, and save again if you still want to.",
  update: "Save the changes",
  reset: "Back to as it was saved",
  wall: "Put it on the wall",
  another: "Save as another",
  change: "Rename or share",
  remove: "Delete",
  removing: (name: string, shared: boolean) =>
    shared
      ? `${name} goes for all who see it. Alerts and events stay.`
      : `${name} goes. Alerts and events stay.`,
};
