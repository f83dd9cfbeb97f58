/** What goes into an element. Text stays text, whatever is in it. */
export type Content = string | Node;

/** Makes an element; attributes that are empty are left out. */
export function element(name: string, attributes: Readonly<Record<string, string>> = {}, ...content: readonly Content[]): HTMLElement {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== '') made.setAttribute(key, value);
  made.append(...content);
  return made;
}
