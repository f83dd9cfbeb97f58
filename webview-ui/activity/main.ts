// oxlint-disable-next-line import/no-unassigned-import -- esbuild makes the view's style sheet of it
import './main.css';
import {
  isActivityMessage,
  type ActivityMessage,
  type ActivityRequest,
  type ActivitySnapshot,
  type ActivityView,
  type BlockingNode,
  type LockFigures,
  type SessionAction,
  type SessionFigures,
  type SlowQueries,
  type SlowQuery,
} from '../../src/protocol/activity';
import { checkBox, element, link } from '../shared/dom';
import { Host } from '../shared/host';
import { Tabs } from '../shared/tabs';
import { button, registerToolkit } from '../shared/toolkit';
import { VirtualGrid } from '../shared/virtualGrid';
import { fill } from '../shared/words';
import { lasting, lockColumns, oneLine, sessionColumns, slowColumns, stateOf } from './columns';
import { metersOf } from './meters';
import { rateBetween, withRate, type Rate } from './rates';

/** Milliseconds for which a failure can be read before the next figures take it away. */
const failureTime = 8000;

registerToolkit();
const content = document.getElementById('content') ?? document.body;
const host = new Host<ActivityMessage, ActivityRequest>(isActivityMessage, receive);
let page: Page | undefined;
host.send({ kind: 'ready' });

function receive(message: ActivityMessage): void {
  switch (message.kind) {
    case 'view':
      page ??= new Page(message.view);
      return;
    case 'activity':
      return page?.show(message.snapshot);
    case 'slow':
      return page?.showSlow(message.slow);
    case 'failure':
      if (page === undefined) content.replaceChildren(element('div', { class: 'notice', role: 'alert' }, `${message.message} ${message.remedy}`));
      else page.fail(`${message.message} ${message.remedy}`);
  }
}

/** The whole view. Its parts stay while their figures change every few seconds. */
class Page {
  private snapshot: ActivitySnapshot | undefined;
  private rates: readonly Rate[] = [];
  private chosen: number | undefined;
  private showIdle = true;
  private follows = true;
  private failedAt = 0;
  private readonly notice = element('div', { class: 'notice', role: 'alert' });
  private readonly meters = element('div', { class: 'meters' });
  private readonly shown = element('span', { class: 'quiet' });
  private readonly side = element('div', { class: 'side', tabindex: '-1' });
  private readonly blocking = element('div', { class: 'tabpanel scroll', tabindex: '0' });
  private readonly slow = element('div', { class: 'tabpanel' });
  private readonly noLocks: HTMLElement;
  private readonly sessions: VirtualGrid<SessionFigures>;
  private readonly locks: VirtualGrid<LockFigures>;
  private readonly slowGrid: VirtualGrid<SlowQuery>;
  private readonly slowQuery = element('pre', { hidden: 'hidden', tabindex: '0' });
  private readonly tabs: Tabs;

  constructor(private readonly view: ActivityView) {
    const { labels } = view;
    this.sessions = new VirtualGrid({
      label: labels.sessions,
      columns: sessionColumns(view),
      keyOf: ({ pid }) => pid,
      order: { by: 'state', descending: false },
      onOrder: () => undefined,
      onOpen: ({ pid }) => this.choose(pid),
      onClose: () => this.choose(undefined),
    });
    this.locks = new VirtualGrid({
      label: labels.locks,
      columns: lockColumns(view),
      keyOf: ({ pid, object, mode }) => `${pid} ${object} ${mode}`,
      order: { by: 'granted', descending: false },
      onOrder: () => undefined,
      onOpen: ({ pid }) => this.goTo(pid),
    });
    this.slowGrid = new VirtualGrid({
      label: labels.slowQueries,
      columns: slowColumns(view),
      keyOf: ({ query }) => query,
      order: { by: 'total', descending: true },
      onOrder: () => undefined,
      onOpen: (slow) => this.showQuery(slow),
    });
    this.noLocks = element('p', { class: 'empty' }, labels.noLocks);
    this.tabs = new Tabs(labels.sessions, [
      { id: 'sessions', title: labels.sessions, panel: this.sessionsPanel() },
      { id: 'blocking', title: labels.blockingChains, panel: this.blocking },
      { id: 'locks', title: labels.locks, panel: element('div', { class: 'tabpanel' }, this.noLocks, this.locks.root) },
      { id: 'slow', title: labels.slowQueries, panel: this.slow },
    ], (id) => this.onTab(id)); // prettier-ignore
    this.slow.append(element('p', { class: 'empty' }, labels.loading));
    content.replaceChildren(this.header(), this.notice, this.meters, this.tabs.list, ...this.tabs.panels);
    this.tabs.show('sessions');
  }

  show(snapshot: ActivitySnapshot): void {
    const { blocking, locks, counters, sessions } = snapshot;
    const before = this.snapshot?.counters;
    if (before !== undefined) this.rates = withRate(this.rates, rateBetween(before, counters));
    this.snapshot = snapshot;
    if (Date.now() - this.failedAt > failureTime) this.notice.textContent = '';
    this.meters.replaceChildren(...metersOf(this.view, snapshot, this.rates));
    this.showSessions();
    this.locks.show(locks);
    this.locks.root.hidden = locks.length === 0;
    this.noLocks.hidden = locks.length > 0;
    this.showBlocking();
    this.tabs.count('blocking', blocking.length);
    if (this.chosen !== undefined && !sessions.some(({ pid }) => pid === this.chosen)) this.choose(undefined);
    else this.drawSide();
  }

  fail(text: string): void {
    this.notice.textContent = text;
    this.failedAt = Date.now();
  }

  showSlow(slow: SlowQueries): void {
    const { labels } = this.view;
    if (slow.state === 'on') {
      this.slowGrid.show(slow.queries);
      this.slow.replaceChildren(...(slow.queries.length === 0 ? [element('p', { class: 'empty' }, labels.noQueries)] : [this.slowGrid.root, this.slowQuery]));
      return;
    }
    const texts = { loaded: labels.slowLoaded, off: labels.slowOff, fixed: labels.slowFixed, missing: labels.slowMissing };
    const offer = slow.state === 'loaded' || slow.state === 'off' ? [button(labels.switchOn, 'primary', () => host.send({ kind: 'switchOn' }))] : [];
    this.slow.replaceChildren(element('div', { class: 'offer' }, element('p', {}, texts[slow.state]), ...offer));
  }

  private header(): HTMLElement {
    const { labels, heading, subheading } = this.view;
    const pause = button(labels.pause, 'secondary', () => {
      this.follows = !this.follows;
      pause.textContent = this.follows ? labels.pause : labels.resume;
      host.send({ kind: 'follow', wanted: this.follows });
    });
    return element(
      'header',
      {},
      element('div', {}, element('h1', {}, heading), element('p', { class: 'quiet' }, subheading)),
      element('div', { class: 'actions' }, pause),
    );
  }

  private sessionsPanel(): HTMLElement {
    const box = checkBox(this.view.labels.showIdle, this.showIdle, (showIdle) => {
      this.showIdle = showIdle;
      this.showSessions();
    });
    return element(
      'div',
      { class: 'tabpanel' },
      element('div', { class: 'bar' }, box, this.shown),
      element('div', { class: 'split' }, this.sessions.root, this.side),
    );
  }

  private showSessions(): void {
    const all = this.snapshot?.sessions ?? [];
    const fitting = all.filter(({ state }) => this.showIdle || (state !== 'idle' && state !== 'background'));
    this.sessions.show(fitting);
    const states = ['active', 'idle in transaction', 'blocked', 'idle', 'background'] as const;
    const counts = states.map((state) => [state, all.filter((each) => each.state === state).length] as const).filter(([, count]) => count > 0);
    this.shown.textContent = counts.map(([state, count]) => `${count} ${this.view.labels[state]}`).join(' · ');
  }

  private onTab(tab: string): void {
    if (tab === 'slow') host.send({ kind: 'slow' });
  }

  private showBlocking(): void {
    const { snapshot, view } = this;
    if (snapshot === undefined) return;
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset['session'] : undefined;
    const nodes = snapshot.blocking.map((node) => this.blockingNode(node));
    this.blocking.replaceChildren(nodes.length === 0 ? element('p', { class: 'empty' }, view.labels.noBlocking) : element('ul', { class: 'tree' }, ...nodes));
    if (focused !== undefined) this.blocking.querySelector<HTMLElement>(`[data-session="${focused}"]`)?.focus();
  }

  private blockingNode({ pid, waiters }: BlockingNode): HTMLElement {
    const session = this.snapshot?.sessions.find((each) => each.pid === pid);
    const { labels } = this.view;
    const facts =
      session === undefined
        ? []
        : [
            stateOf(session.state, this.view),
            element('span', { class: 'quiet' }, [session.user, session.application, lasting(session.stateMs)].filter(Boolean).join(' · ')),
          ];
    const blocks = waiters.length === 0 ? [] : [element('span', {}, fill(labels.blocks, waiters.length))];
    const name = link(String(pid), () => this.goTo(pid));
    name.dataset['session'] = String(pid);
    const head = element('div', { class: 'session-head' }, name, ...facts, ...blocks);
    const query = session === undefined || session.query === '' ? [] : [element('code', { title: session.query }, oneLine(session.query))];
    const beneath = waiters.length === 0 ? [] : [element('ul', {}, ...waiters.map((waiter) => this.blockingNode(waiter)))];
    return element('li', {}, element('div', { class: 'session' }, head, ...query), ...beneath);
  }

  private goTo(pid: number): void {
    this.showIdle = true;
    this.tabs.show('sessions');
    this.choose(pid);
    this.side.focus();
  }

  private choose(pid: number | undefined): void {
    this.chosen = pid;
    this.sessions.choose(pid);
    this.drawSide();
  }

  /** The session that is chosen, from near. It is drawn anew only when it looks different, so that nobody loses the focus. */
  private drawSide(): void {
    const session = this.snapshot?.sessions.find(({ pid }) => pid === this.chosen);
    this.side.hidden = session === undefined;
    if (session === undefined) return;
    const { labels } = this.view;
    const facts: readonly (readonly [string, string | null])[] = [
      [labels.duration, lasting(session.stateMs)],
      [labels.transaction, session.transactionMs === null ? null : lasting(session.transactionMs)],
      [labels.user, session.user],
      [labels.application, [session.application, session.client].filter(Boolean).join(' · ')],
      [labels.waitsFor, session.waitsFor],
      [labels.waiting, session.blockedBy.join(', ')],
    ];
    const lines = facts.flatMap(([name, value]) => (value === null || value === '' ? [] : [element('dt', {}, name), element('dd', {}, value)]));
    const list = element('dl', { class: 'facts' }, ...lines);
    const key = `${session.pid} ${session.startedAt} ${session.query} ${session.state}`;
    if (this.side.dataset['key'] === key) return this.side.querySelector('dl')?.replaceWith(list);
    this.side.dataset['key'] = key;
    const end = (action: SessionAction): HTMLElement =>
      button(labels[action], 'secondary', () => host.send({ kind: 'end', action, pid: session.pid, startedAt: session.startedAt }));
    const actions = session.state === 'background' ? [] : [element('div', { class: 'actions' }, end('cancel'), end('terminate'))];
    const head = element('div', { class: 'detail-head' }, element('h2', {}, `${labels.pid} ${session.pid}`), stateOf(session.state, this.view));
    this.side.replaceChildren(
      head,
      ...actions,
      list,
      ...(session.query === '' ? [] : [element('h3', {}, labels.query), element('pre', { tabindex: '0' }, session.query)]),
    );
  }

  private showQuery({ query }: SlowQuery): void {
    this.slowQuery.textContent = query;
    this.slowQuery.hidden = false;
    this.slowGrid.choose(query);
  }
}
