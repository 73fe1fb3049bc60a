/** A project's key as people would choose it: "shop" is SHO, "TestAurora" is TA. */
export function suggestKey(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toUpperCase()
    .split(/[^A-Z0-9]+/)
    .filter((word) => /^[A-Z]/.test(word));
  const first = words[0];
  if (first === undefined) return '';
  return words.length === 1
    ? first.slice(0, 3)
    : words
        .map((word) => word.charAt(0))
        .join('')
        .slice(0, 5);
}
