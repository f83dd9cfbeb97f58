/** What goes into an element. Text stays text, whatever is in it. */
export type Content = string | Node;

/** Makes an element; attributes that are empty are left out. */
export function element(name: string, attributes: Readonly<Record<string, string>> = {}, ...content: readonly Content[]): HTMLElement {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== '') made.setAttribute(key, value);
  made.append(...content);
  return made;
}

/** A button that looks like a link. */
export function link(label: string, onPress: () => void): HTMLElement {
  const made = element('button', { type: 'button', class: 'link' }, label);
  made.addEventListener('click', onPress);
  return made;
}

/** A box to tick, with its label. */
export function checkBox(label: string, checked: boolean, onChange: (checked: boolean) => void): HTMLElement {
  const box = document.createElement('input');
  box.type = 'checkbox';
  box.checked = checked;
  box.addEventListener('change', () => onChange(box.checked));
  return element('label', { class: 'check' }, box, label);
}

export interface SmallColumn {
  readonly title: string;
  readonly numeric?: boolean;
}

/** A plain table for few rows. */
export function smallTable(label: string, columns: readonly SmallColumn[], rows: readonly (readonly Content[])[]): HTMLElement {
  const style = (index: number): string => (columns[index]?.numeric === true ? 'number' : '');
  const head = columns.map(({ title }, index) => element('th', { scope: 'col', class: style(index) }, title));
  const body = rows.map((cells) => element('tr', {}, ...cells.map((content, index) => element('td', { class: style(index) }, content))));
  return element('table', { class: 'small', 'aria-label': label }, element('thead', {}, element('tr', {}, ...head)), element('tbody', {}, ...body));
}

/** A line to type into. Not the toolkit's, which calls every one of them "Text field". */
export function textField(label: string, value: string, onInput: (value: string) => void): HTMLInputElement {
  const made = document.createElement('input');
  made.type = 'text';
  made.className = 'field';
  made.placeholder = label;
  made.setAttribute('aria-label', label);
  made.value = value;
  made.addEventListener('input', () => onInput(made.value));
  return made;
}
