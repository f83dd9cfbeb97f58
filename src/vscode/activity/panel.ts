import { window } from 'vscode';
import { endSession, readActivity } from '../../health/activity';
import { beginLooking, look, lookOptions } from '../../health/look';
import { createExtension, loadAtRestart, readSlowQueries } from '../../health/slowQueries';
import type { DatabaseTarget } from '../../inventory/target';
import type { PostgresServer } from '../../postgres/server';
import { Session, withSession } from '../../postgres/session';
import { isActivityRequest, type ActivityMessage, type ActivityRequest, type SessionAction } from '../../protocol/activity';
import { askFirst } from '../askFirst';
import type { CommandContext } from '../commands/command';
import { engineFor } from '../commands/containers';
import { stopSeconds } from '../commands/stop';
import { DatabaseView } from '../databasePanels';
import { activityView } from '../present/activityView';
import { clock, translate as t } from '../translate';
import { untilReady } from './untilReady';

/** Milliseconds between two looks. */
const interval = 2000;

/** Shows what happens in a database in an editor. It looks only while it can be seen. */
export function showActivity(context: CommandContext, target: DatabaseTarget): void {
  context.panels.show('activity', target, t('Activity of {0}', target.database.name), (panel) => {
    const activity = new Activity(context, target, panel);
    return [
      panel.webview.onDidReceiveMessage((message: unknown) => {
        if (isActivityRequest(message)) void activity.attempt(() => activity.answer(message));
      }),
      panel.onDidChangeViewState(() => activity.follow()),
      activity,
    ];
  });
}

class Activity extends DatabaseView<ActivityMessage> {
  private wanted = true;
  private timer: NodeJS.Timeout | undefined;
  private session: Session | undefined;
  private isLooking = false;

  async answer(request: ActivityRequest): Promise<void> {
    const { project, service, database } = this.target;
    switch (request.kind) {
      case 'ready':
        this.post({ kind: 'view', view: activityView(t, database.name, `${project.name}/${service.name}`, clock().language) });
        return this.follow();
      case 'follow':
        this.wanted = request.wanted;
        return this.follow();
      case 'slow':
        return this.post({ kind: 'slow', slow: await look(await this.server(), database.name, readSlowQueries) });
      case 'end':
        return this.end(request.action, request.pid, request.startedAt);
      case 'switchOn':
        return this.switchOn();
    }
  }

  /** Looks from now on, or no longer. */
  follow(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.panel.visible || !this.wanted) return this.rest();
    if (!this.isLooking) void this.lookOnce();
  }

  dispose(): void {
    this.wanted = false;
    clearTimeout(this.timer);
    this.rest();
  }

  private rest(): void {
    void this.session?.close();
    this.session = undefined;
  }

  private async lookOnce(): Promise<void> {
    this.isLooking = true;
    await this.attempt(async () => {
      try {
        const session = await this.open();
        this.post({ kind: 'activity', snapshot: await readActivity(session) });
      } catch (error) {
        this.rest();
        if (this.wanted && this.isVisible) throw error; // else it was we who closed the session
      }
    });
    this.isLooking = false;
    if (this.wanted && this.isVisible) this.timer = setTimeout(() => void this.lookOnce(), interval);
    else this.rest();
  }

  private get isVisible(): boolean {
    return this.panel.visible;
  }

  private async open(): Promise<Session> {
    if (this.session !== undefined) return this.session;
    const session = await Session.open(await this.server(), this.target.database.name, lookOptions);
    await beginLooking(session);
    this.session = session;
    return session;
  }

  private async server(): Promise<PostgresServer> {
    const { service } = await this.present();
    return (await this.context.app()).inventory.serverOf(service);
  }

  private async end(action: SessionAction, pid: number, startedAt: string): Promise<void> {
    const wanted = await askFirst(
      action === 'cancel'
        ? { message: t('Cancel what process {0} is doing?', pid), detail: t('Its query fails; the session stays.'), button: t('Cancel query') }
        : {
            message: t('End the session of process {0}?', pid),
            detail: t('Its open transaction is rolled back; the application may connect again.'),
            button: t('End session'),
          },
    );
    if (!wanted) return;
    await withSession(await this.server(), this.target.database.name, {}, (session) => endSession(session, action, pid, startedAt));
    this.context.health.refresh();
    this.follow();
  }

  private async switchOn(): Promise<void> {
    const { service, database } = await this.present();
    const { state } = await look(await this.server(), database.name, readSlowQueries);
    const change = async (work: (session: Session) => Promise<void>): Promise<void> => withSession(await this.server(), database.name, {}, work);
    if (state === 'off') {
      const button = t('Restart {0}', service.name);
      const detail = t(
        'The service is restarted: its sessions end, and come back as soon as the applications connect again. The setting stays in postgresql.auto.conf.',
      );
      if (!(await askFirst({ message: t('Have {0} tell its slow queries?', service.name), detail, button }))) return;
      await change(loadAtRestart);
      const { engine, container } = await engineFor(this.context, service);
      this.rest();
      await this.context.wait(t('Restarting {0}', service.name), async () => {
        await engine.restart(container.id, stopSeconds);
        await untilReady(await this.server());
      });
    }
    await change(createExtension);
    this.post({ kind: 'slow', slow: await look(await this.server(), database.name, readSlowQueries) });
    this.follow();
    void window.showInformationMessage(t('{0} tells its slow queries from now on.', database.name));
  }
}
