/** Exact decimals between the API (a point, no groups) and people (as their language writes them). */

/** Return a decimal of the API as people write it, with all its digits; what is none stays as it is. */
export function decimal(value: string, tag: string): string {
  if (!/^-?\d+(\.\d+)?$/.test(value)) return value;
  return value.replace(".", separator(tag));
}

/** Return what somebody typed as a decimal of the API; null: it is none, or it can be read in two ways. */
export function typedDecimal(text: string, tag: string): string | null {
  const plain = text.replace(/[\s\u00a0\u202f'’]/g, "");
  const point = separator(tag);
  const group = point === "," ? "." : ",";
  if (/^-?\d+$/.test(plain)) return plain;
  const [whole = "", fraction, ...rest] = plain.split(point);
  if (rest.length > 0 || (fraction !== undefined && !/^\d+$/.test(fraction))) {
    // Written the other way round, with a point in a language of commas: only where no group could be meant.
    const other = /^-?\d+\.\d+$/.test(plain) && !/\.\d{3}$/.test(plain) ? plain : null;
    return other;
  }
  const grouped = whole.includes(group);
  if (grouped && !/^-?\d{1,3}([.,]\d{3})+$/.test(whole)) return /^-?\d+[.,]\d+$/.test(plain) && !/[.,]\d{3}$/.test(plain) ? plain.replace(",", ".") : null;
  const digits = whole.replaceAll(group, "");
  if (!/^-?\d+$/.test(digits)) return null;
  return fraction === undefined ? digits : `${digits}.${fraction}`;
}

function separator(tag: string): string {
  return new Intl.NumberFormat(tag).formatToParts(1.5).find((part) => part.type === "decimal")?.value ?? ".";
}
