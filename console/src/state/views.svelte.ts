/** The views that one sees: one's own, and those that all share. */
import {
  api,
  asFailure,
  body,
  Failure,
  type ListedView,
  type Seen,
  seen,
  type ViewItem,
} from "../api/client";

/** How often it is counted anew what they find, in milliseconds. */
const OFTEN = 15_000;

class Views {
  items: readonly ListedView[] = $state.raw([]);
  failure: Failure | null = $state.raw(null);
  loading = $state(true);

  /** Looks which there are; with counts, how many each finds now. */
  async load(counts = false): Promise<void> {
    try {
      const query = counts ? { counts } : {};
      this.items = (await body(api.GET("/api/v1/views", { params: { query } }))).items;
      this.failure = null;
    } catch (fault) {
      this.failure = asFailure(fault);
    }
    this.loading = false;
  }

  /** Keeps the counts up to date while somebody looks; gives what ends it. */
  follow(): () => void {
    const look = () => {
      if (document.visibilityState === "visible") void this.load(true);
    };
    look();
    const timer = setInterval(look, OFTEN);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }
}

export const views = new Views();

/** Looks for a view; null where it is not there, or not there any more. Throws any other failure. */
export async function findView(id: string): Promise<Seen<ViewItem> | null> {
  try {
    return await seen(api.GET("/api/v1/views/{view_id}", { params: { path: { view_id: id } } }));
  } catch (fault) {
    if (fault instanceof Failure && fault.status === 404) return null;
    throw fault;
  }
}
