/** A histogram as the chart wants it: the parts of each bar stacked upon one another. */
import type { Histogram } from "../api/client";

import { rankOf } from "./severities";

export interface Stack {
  /** When each bar begins, in seconds since 1970. */
  starts: number[];
  /** What stands for a series: a severity, or another value; null for all others. The first stands at the bottom. */
  names: (string | null)[];
  /** For each series the heights up to which its part of each bar reaches. */
  tops: number[][];
}

/** Stacks the series of a histogram: the worst severity at the bottom, else the greatest. */
export function stack(histogram: Histogram): Stack {
  const series = histogram.series.map((name, place) => ({ name, place }));
  if (histogram.by === "severity") series.sort((a, b) => rankOf(a.name ?? "") - rankOf(b.name ?? ""));
  const sums = histogram.bars.map(() => 0);
  const tops = series.map(({ place }) =>
    histogram.bars.map((bar, index) => {
      sums[index]! += bar.counts[place] ?? 0;
      return sums[index]!;
    }),
  );
  const starts = histogram.bars.map((bar) => Date.parse(bar.start ?? "") / 1000);
  return { starts, names: series.map(({ name }) => name), tops };
}

/** So many series have a colour of their own. */
export const COLOURED = 8;

/** Gives the variables of the palette in which the series of a stack are drawn. */
export function coloursOf(by: string, names: readonly (string | null)[]): string[] {
  if (by === "severity") return names.map((name) => name?.replace("_", "-") || "none");
  return names.map((name, place) => (name === null ? "none" : `series-${(place % COLOURED) + 1}`));
}

/** Gives the counts of one bar, in the order of the stack. */
export function countsAt(stacked: Stack, index: number): { name: string | null; count: number }[] {
  return stacked.names.map((name, place) => ({
    name,
    count: (stacked.tops[place]?.[index] ?? 0) - (stacked.tops[place - 1]?.[index] ?? 0),
  }));
}
