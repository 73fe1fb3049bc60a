import { expect, it } from 'vitest';
import { asName } from './names';

it.each([
  ['t1', 't1'],
  ['order', '`order`'],
  ['1st', '`1st`'],
  ['two words', '`two words`'],
  ['a`b', '`a``b`'],
  ['straße', '`straße`'],
])('%s is written as %s', (name, written) => expect(asName(name)).toBe(written));
