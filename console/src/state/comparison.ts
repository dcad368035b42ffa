/** How many events there were in the time before: as long, and ending where the time that is looked at begins. */
import { api, body, type Histogram } from "../api/client";
import { moments, type Span } from "../query/span";

export interface Before {
  total: number;
  /** For each bar of the histogram how many there were in the bar as long before; null where bars do not fit. */
  bars: number[] | null;
}

/** Counts the time before. */
export async function countBefore(
  q: string,
  span: Span,
  histogram: Histogram,
  signal: AbortSignal,
): Promise<Before> {
  const [start, end] = moments(span, Date.now());
  const first = Date.parse(histogram.bars[0]?.start ?? "");
  const length = histogram.bars.length * histogram.bucket * 1000;
  const time = (from: number, to: number) => ({
    q,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
  });
  const [counted, bars] = await Promise.all([
    body(api.GET("/api/v1/events/count", { params: { query: time(start - (end - start), start) }, signal })),
    body(
      api.GET("/api/v1/events/histogram", {
        params: { query: { ...time(first - length, first), limit: 1 } },
        signal,
      }),
    ),
  ]);
  const fits = bars.bucket === histogram.bucket && bars.bars.length === histogram.bars.length;
  return {
    total: counted.total,
    bars: fits ? bars.bars.map(({ counts }) => counts.reduce((sum, each) => sum + each, 0)) : null,
  };
}
