/** What was just done, said for a while, and taken back where that is possible. */
const SHOWN_FOR = 8_000;

export interface Notice {
  id: number;
  text: string;
  undo: (() => void) | null;
}

class Notices {
  all: readonly Notice[] = $state.raw([]);
  #count = 0;

  /** Says something; `undo` takes it back. */
  say(text: string, undo: (() => void) | null = null): void {
    const notice = { id: ++this.#count, text, undo };
    this.all = [...this.all, notice];
    setTimeout(() => this.dismiss(notice.id), SHOWN_FOR);
  }

  /** Takes a notice away. */
  dismiss(id: number): void {
    this.all = this.all.filter((notice) => notice.id !== id);
  }
}

export const notices = new Notices();
