// Rates of statements while somebody watches: what was counted between two looks. Pure.

/** Counts by key at one moment. */
export type Counts = ReadonlyMap<string, number>;

export interface Samples {
  last: Counts | null;
  /** Of each key, the newest last. */
  rates: ReadonlyMap<string, readonly number[]>;
}

export const noSamples: Samples = { last: null, rates: new Map() };
const kKept = 40;

/** A look more; a count that fell (a restart, room made for others) begins anew at 0. */
export function looked(samples: Samples, now: Counts): Samples {
  if (samples.last === null) return { last: now, rates: new Map() };
  const rates = new Map<string, readonly number[]>();
  for (const [key, count] of now) {
    const before = samples.last.get(key);
    const rate = before === undefined || count < before ? 0 : count - before;
    rates.set(key, [...(samples.rates.get(key) ?? []), rate].slice(-kKept));
  }
  return { last: now, rates };
}

/** Points of a line in a box of that size, from the left to the right. */
export function sparkline(rates: readonly number[], width: number, height: number): string {
  if (rates.length < 2) return '';
  const most = Math.max(1, ...rates);
  const step = width / (kKept - 1);
  const start = width - (rates.length - 1) * step;
  return rates
    .map((rate, place) => {
      const x = start + place * step;
      const y = height - 1 - (rate / most) * (height - 2);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(' ');
}
