// The steps of a walk: tests that build on each other. Once one has failed the others say so, instead of
// failing each for its reason; after each, nothing may have gone wrong in anybody's browser.
import { expect, it } from 'vitest';
import type { Person } from './browser';
import type { Server } from './servers';

export function steps(engine: string, server: () => Server | null, people: () => Person[]) {
  let broken = '';
  return (name: string, walk: (server: Server) => Promise<void>) =>
    it(name, async ({ skip }) => {
      const running = server();
      if (running === null) return skip(`${engine} cannot be had on this machine`);
      if (broken !== '') throw new Error(`step "${broken}" failed before`);
      try {
        await walk(running);
      } catch (error) {
        broken = name;
        for (const person of people()) await person.snap('failed');
        throw error;
      }
      expect(people().flatMap((person) => person.told())).toEqual([]);
    });
}
