import { window, type Disposable, type LogOutputChannel } from 'vscode';
import type { Engine } from '../engine/engine';
import { messageOf } from '../protocol/failure';
import { logSeverity, plainLine, type LogSeverity } from './present/logLine';
import { translate as t } from './translate';

/** Lines of the past that are shown before what comes. */
const tail = 500;

interface Followed {
  readonly channel: LogOutputChannel;
  stop: AbortController | undefined;
}

/** The logs of services in output channels, where their severity is seen. */
export class LogChannels implements Disposable {
  private readonly followed = new Map<string, Followed>();

  /** Shows the log of a container, and follows it until it ends. A second call shows the same channel. */
  follow(id: string, name: string, engine: Engine, container: string): void {
    const known = this.followed.get(id) ?? { channel: window.createOutputChannel(t('Log of {0}', name), { log: true }), stop: undefined };
    this.followed.set(id, known);
    known.channel.show(true);
    if (known.stop !== undefined) return;
    known.channel.clear();
    const stop = new AbortController();
    known.stop = stop;
    void this.write(known, engine, container, stop.signal).finally(() => {
      if (known.stop === stop) known.stop = undefined;
    });
  }

  dispose(): void {
    for (const { channel, stop } of this.followed.values()) {
      stop?.abort();
      channel.dispose();
    }
  }

  private async write({ channel }: Followed, engine: Engine, container: string, signal: AbortSignal): Promise<void> {
    let before: Exclude<LogSeverity, 'more'> = 'info';
    try {
      const { followLog } = await import('../engine/logs');
      for await (const line of followLog(engine, container, tail, signal)) {
        const severity = logSeverity(line);
        if (severity !== 'more') before = severity;
        writeTo(channel, before, plainLine(line));
      }
      if (!signal.aborted) channel.info(t('The log has ended: the container has stopped. "Follow log" goes on when it runs again.'));
    } catch (error) {
      if (!signal.aborted) channel.error(messageOf(error));
    }
  }
}

function writeTo(channel: LogOutputChannel, severity: Exclude<LogSeverity, 'more'>, line: string): void {
  switch (severity) {
    case 'error':
      return channel.error(line);
    case 'warning':
      return channel.warn(line);
    case 'debug':
      return channel.debug(line);
    case 'info':
      return channel.info(line);
  }
}
