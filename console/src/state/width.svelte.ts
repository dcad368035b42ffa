/** Whether the page is as narrow as a telephone. */
import { MediaQuery } from "svelte/reactivity";

const query = new MediaQuery("(max-width: 640px)");

export const narrow = {
  get is(): boolean {
    return query.current;
  },
};
