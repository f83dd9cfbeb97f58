import { element } from './dom';

export interface Tab {
  readonly id: string;
  readonly title: string;
  readonly panel: HTMLElement;
}

/** Tabs with their panels; one shows at a time. Arrow keys go from one to the next. */
export class Tabs {
  readonly list: HTMLElement;
  private readonly buttons = new Map<string, HTMLElement>();
  private readonly counts = new Map<string, HTMLElement>();

  constructor(
    label: string,
    private readonly tabs: readonly Tab[],
    private readonly onShow: (id: string) => void,
  ) {
    this.list = element('div', { class: 'tabs', role: 'tablist', 'aria-label': label });
    for (const tab of tabs) {
      const count = element('span', { class: 'count', hidden: 'hidden' });
      const button = element('button', { type: 'button', role: 'tab', id: `tab-${tab.id}`, 'aria-controls': `panel-${tab.id}` }, tab.title, count);
      button.addEventListener('click', () => this.show(tab.id));
      this.buttons.set(tab.id, button);
      this.counts.set(tab.id, count);
      this.list.append(button);
      tab.panel.id = `panel-${tab.id}`;
      tab.panel.setAttribute('role', 'tabpanel');
      tab.panel.setAttribute('aria-labelledby', `tab-${tab.id}`);
    }
    this.list.addEventListener('keydown', (event) => this.onKey(event));
  }

  /** The panels, to be put where they belong. */
  get panels(): readonly HTMLElement[] {
    return this.tabs.map(({ panel }) => panel);
  }

  show(id: string): void {
    for (const tab of this.tabs) {
      const isShown = tab.id === id;
      tab.panel.hidden = !isShown;
      const button = this.buttons.get(tab.id);
      button?.setAttribute('aria-selected', String(isShown));
      button?.setAttribute('tabindex', isShown ? '0' : '-1');
    }
    this.onShow(id);
  }

  /** Puts a number behind a tab's title; none for nothing to look at. */
  count(id: string, value: number): void {
    const count = this.counts.get(id);
    if (count === undefined) return;
    count.textContent = String(value);
    count.hidden = value === 0;
  }

  private onKey(event: KeyboardEvent): void {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    const present = this.tabs.findIndex(({ id }) => this.buttons.get(id) === document.activeElement);
    const next = this.tabs[(present + step + this.tabs.length) % this.tabs.length];
    if (next === undefined) return;
    this.show(next.id);
    this.buttons.get(next.id)?.focus();
    event.preventDefault();
  }
}
