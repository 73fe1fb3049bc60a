import { expect, it } from 'vitest';
import type { DatabaseEntry, Instance, Project } from '@/types/model';
import { firstSteps } from './first_steps';

const project = { id: 2, name: 'TestAurora', key: 'TAR', mode: 'standard' } as Project;
const database = { id: 5, project: 2, present: true } as DatabaseEntry;

it('begins with nothing done', () => {
  const fallback = { id: 1, key: 'DEFAULT' } as Project;
  const steps = firstSteps([], [fallback], [{ ...database, project: 1 }], [], false);
  expect(steps.filter((step) => step.done)).toEqual([]);
  expect(steps[2]?.to).toBe('/projects?new');
});

it('checks off what is there, and leads to what is not', () => {
  const steps = firstSteps(
    [{ id: 1 } as Instance],
    [project],
    [database],
    [
      { type: 'schema.update', status: 'done' },
      { type: 'data.update', status: 'failed' },
    ],
    false,
  );
  expect(steps.map((step) => step.done)).toEqual([true, true, true, true, false, false, false]);
  expect(steps[4]?.to).toBe('/projects/2/new?type=data.update&database=5');
});
