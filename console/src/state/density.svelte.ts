/** How high the rows of lists are: a choice that is kept in this browser. */
import { narrow } from "./width.svelte";

const STORED = "tocsin.density";
/** In pixels. */
const HEIGHTS = { close: 26, normal: 34, wide: 44 };
/** On a telephone a row has two lines. */
const TWO_LINES = 50;

export type Density = keyof typeof HEIGHTS;
export const densities = Object.keys(HEIGHTS) as Density[];

class Rows {
  density: Density = $state(densities.find((each) => each === localStorage.getItem(STORED)) ?? "normal");

  /** The height of a row, in pixels. */
  get height(): number {
    return narrow.is ? TWO_LINES : HEIGHTS[this.density];
  }

  /** Chooses, for now and for the next time. */
  choose(density: Density): void {
    this.density = density;
    localStorage.setItem(STORED, density);
  }
}

export const rows = new Rows();
