import { describe, expect, it } from 'vitest';
import { ago, duration, exact } from './time';

const now = new Date('2026-03-01T12:00:00Z');

describe('ago', () => {
  it.each([
    ['2026-03-01T11:59:40Z', 'just now'],
    ['2026-03-01T11:59:10Z', '1 minute ago'],
    ['2026-03-01T11:57:00Z', '3 minutes ago'],
    ['2026-03-01T09:00:00Z', '3 hours ago'],
    ['2026-02-28T12:00:00Z', 'yesterday'],
    ['2026-01-31T12:00:00Z', '2026-01-31'],
    ['2026-03-01T12:10:00Z', 'in 10 minutes'],
  ])('%s is %s', (text, said) => expect(ago(text, now)).toBe(said));
});

describe('exact and duration', () => {
  it('keep what matters', () => {
    expect(exact('2026-01-31T23:59:59.123456Z')).toBe('2026-01-31 23:59:59 UTC');
    expect(duration(0.00008)).toBe('80 µs');
    expect(duration(0)).toBe('0 ms');
    expect(duration(0.34)).toBe('340 ms');
    expect(duration(1.24)).toBe('1.2 s');
    expect(duration(125)).toBe('2 min 5 s');
  });
});
