// A database's labels as people type them: "region=eu". Pure.

export type Labels = Record<string, string>;

export const showLabels = (labels: Labels): string[] =>
  Object.entries(labels).map(([name, value]) => `${name}=${value}`);

/** The labels, and the texts that are none. */
export function readLabels(texts: readonly string[]): { labels: Labels; bad: string[] } {
  const labels: Labels = {};
  const bad: string[] = [];
  for (const text of texts) {
    const at = text.indexOf('=');
    const name = text.slice(0, Math.max(0, at)).trim();
    if (name === '') bad.push(text);
    else labels[name] = text.slice(at + 1).trim();
  }
  return { labels, bad };
}

/** Whether the database has every one of the wanted labels, as the API's choice by labels has it. */
export const hasLabels = (labels: Labels, wanted: Labels): boolean =>
  Object.entries(wanted).every(([name, value]) => labels[name] === value);
