import { expect, it } from 'vitest';
import { looked, noSamples, sparkline } from './samples';

it('counts what came between two looks', () => {
  let samples = looked(noSamples, new Map([['a', 5]]));
  expect(samples.rates.size).toBe(0);
  samples = looked(
    samples,
    new Map([
      ['a', 8],
      ['b', 2],
    ]),
  );
  expect(samples.rates.get('a')).toEqual([3]);
  expect(samples.rates.get('b')).toEqual([0]);
  samples = looked(samples, new Map([['a', 1]]));
  expect(samples.rates.get('a')).toEqual([3, 0]);
  expect(samples.rates.has('b')).toBe(false);
});

it('keeps no more than fit the line', () => {
  let samples = noSamples;
  for (let i = 0; i < 100; ++i) samples = looked(samples, new Map([['a', i]]));
  expect(samples.rates.get('a')).toHaveLength(40);
});

it('draws within its box', () => {
  expect(sparkline([1], 80, 20)).toBe('');
  const points = sparkline([0, 10, 5], 78, 20).split(' ');
  expect(points).toEqual(['74.0,19.0', '76.0,1.0', '78.0,10.0']);
});
