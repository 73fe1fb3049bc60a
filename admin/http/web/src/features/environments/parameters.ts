// A rule's parameter as one line of text: lists by commas, numbers and words as they are.

export function showParameter(value: unknown): string {
  if (Array.isArray(value)) return value.map(String).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value ?? '');
}

/** The value of the line, of the same kind as `like`; what does not fit stays text, for the server to refuse. */
export function readParameter(text: string, like: unknown): unknown {
  if (Array.isArray(like)) {
    return text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  }
  if (typeof like === 'number' && /^-?\d+$/.test(text.trim())) return Number(text);
  if (typeof like === 'boolean' && /^(true|false)$/.test(text.trim()))
    return text.trim() === 'true';
  return text;
}
