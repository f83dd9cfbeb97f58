/** Takes the password out of every URL in a text. The core logs none; this is for what other programs say. */
export function redact(text: string): string {
  return text.replace(/\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s/@]+@/gi, '$1:…@');
}
