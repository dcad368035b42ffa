/** A histogram as the chart wants it: the parts of each bar stacked upon one another. */
import type { Histogram } from "../api/client";

import { rankOf } from "./severities";

export interface Stack {
  /** When each bar begins, in seconds since 1970. */
  starts: number[];
  /** What stands for a series: a severity; '' for all others. The first stands at the bottom. */
  names: string[];
  /** For each series the heights up to which its part of each bar reaches. */
  tops: number[][];
}

/** Stacks the severities of a histogram, the worst at the bottom. */
export function stack(histogram: Histogram): Stack {
  const series = histogram.series
    .map((name, place) => ({ name: name ?? "", place }))
    .sort((a, b) => rankOf(a.name) - rankOf(b.name));
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

/** Gives the counts of one bar, in the order of the stack. */
export function countsAt(stacked: Stack, index: number): { name: string; count: number }[] {
  return stacked.names.map((name, place) => ({
    name,
    count: (stacked.tops[place]?.[index] ?? 0) - (stacked.tops[place - 1]?.[index] ?? 0),
  }));
}
