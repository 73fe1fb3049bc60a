// Times as people read them; the exact one is always in a tooltip.

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** "3 minutes ago", "just now"; older than a week: the date. */
export function ago(text: string, now: Date = new Date()): string {
  const then = new Date(text);
  const seconds = Math.round((then.getTime() - now.getTime()) / 1000);
  if (Math.abs(seconds) < 45) return 'just now';
  if (Math.abs(seconds) > 7 * 86_400) return then.toISOString().slice(0, 10);
  const format = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return format.format(Math.round(seconds / size), unit);
  }
  return format.format(-1, 'minute');
}

/** "2026-01-31 23:59:59 UTC". */
export function exact(text: string): string {
  return `${text.slice(0, 10)} ${text.slice(11, 19)} UTC`;
}

/** "80 µs", "340 ms", "1.2 s", "2 min 5 s". */
export function duration(seconds: number): string {
  if (seconds > 0 && seconds < 0.001) return `${Math.max(1, Math.round(seconds * 1e6))} µs`;
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
